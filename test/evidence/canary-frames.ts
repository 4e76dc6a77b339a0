/** Frames that hold names, secrets, a marker and addresses, one for every place that has room for them. */
import {
  ascii,
  concat,
  controlPacket,
  dhcp,
  DHCP_OPTION,
  DHCP_TYPE,
  enhancedGre,
  ethernet,
  ETHERTYPE,
  extendedHeartbeat,
  heartbeat,
  icmp,
  icmpError,
  ieee8023,
  ipv4,
  ipv4Bytes,
  ipv4Fragments,
  LCP_OPTION,
  llc,
  macBytes,
  papRequest,
  ppp,
  PPP_CODE,
  PPP_PROTOCOL,
  PROTOCOL,
  radius,
  RADIUS_ATTRIBUTE,
  RADIUS_CODE,
  snap,
  tcp,
  TCP_FLAG,
  u16,
  u32,
  u8,
  udp,
  chapValue,
  PPTP,
} from '../../samples/craft/index.ts';

export const HOST = 'ZQHOST77';
export const USER = 'zquser88';
export const DOMAIN = 'zqcorp.zqlab';
export const PASSWORD = 'zqsecret99';
export const PHONE = '5553141592';
export const MARKER = 'ZqMaRk!7';
export const WORDS = [HOST, USER, 'zqcorp', 'zqlab', PASSWORD, PHONE, MARKER];

export const CLIENT = '10.213.87.41';
export const SERVER = '192.168.217.93';
export const OUTSIDE = '203.177.91.14';
export const ROUTER = '172.29.183.201';
export const CLIENT_MAC = '00:60:97:9d:b3:5e';
export const SERVER_MAC = '00:a0:c9:c7:e1:4b';
export const ADDRESSES = [CLIENT, SERVER, OUTSIDE, ROUTER];
export const MACS = [CLIENT_MAC, SERVER_MAC];

const toServer = (protocol: number, payload: Uint8Array, id: number): Uint8Array =>
  ipv4({ source: CLIENT, destination: SERVER, protocol, payload, id });

export function frame(payload: Uint8Array, type: number = ETHERTYPE.ipv4): Uint8Array {
  return ethernet({ destination: SERVER_MAC, source: CLIENT_MAC, type, payload });
}

function datagram(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  return toServer(
    PROTOCOL.udp,
    udp({ source: CLIENT, destination: SERVER, sourcePort, destinationPort, payload }),
    7,
  );
}

export function segment(sequence: number, port: number, payload: Uint8Array): Uint8Array {
  const fields = { source: CLIENT, destination: SERVER, sourcePort: 3000, destinationPort: port, sequence };
  return toServer(PROTOCOL.tcp, tcp({ ...fields, acknowledgment: 1, flags: TCP_FLAG.ack, payload }), 8);
}

const option = (code: number, data: Uint8Array) => ({ code, data });
export const SECRET = ascii(`${HOST} ${USER}@${DOMAIN} ${PASSWORD} ${MARKER}`);
const avp = (type: number, value: Uint8Array): Uint8Array =>
  concat(u16(0x8000 | (6 + value.length)), u16(0), u16(type), value);
const attribute = (type: number, value: Uint8Array): Uint8Array =>
  concat(u8(type), u8(2 + value.length), value);
const tag = (type: number, value: Uint8Array): Uint8Array => concat(u16(type), u16(value.length), value);
const pppoe = (code: number, payload: Uint8Array): Uint8Array =>
  concat(u8(0x11), u8(code), u16(5), u16(payload.length), payload);

const MAC_BYTES = macBytes(CLIENT_MAC);
const DHCP_OPTIONS = [
  DHCP_OPTION.messageType(DHCP_TYPE.request),
  DHCP_OPTION.hostName(`${HOST}.${DOMAIN}`),
  DHCP_OPTION.requestedAddress(CLIENT),
  DHCP_OPTION.serverIdentifier(SERVER),
  DHCP_OPTION.router(ROUTER),
  DHCP_OPTION.nameServer(OUTSIDE),
  DHCP_OPTION.clientIdentifier(concat(u8(1), MAC_BYTES)),
  DHCP_OPTION.vendorClass(HOST),
  option(15, ascii(DOMAIN)),
  option(81, concat(u8(4), u16(0), u8(8), ascii(HOST), u8(6), ascii('zqcorp'), u8(0))),
  option(82, concat(u8(1), u8(8), ascii(MARKER))),
  option(43, SECRET),
  option(77, SECRET),
  option(119, SECRET),
  option(121, concat(u8(32), ipv4Bytes(CLIENT), ipv4Bytes(ROUTER))),
  option(224, SECRET),
  // Numbers of the wrong length, and lists that may hold anything.
  ...[1, 2, 19, 23, 24, 26, 35, 46, 51, 55, 57, 58, 93, 94, 108].map((code) => option(code, ascii(MARKER))),
];

export const PPP_PACKETS: readonly Uint8Array[] = [
  ppp(PPP_PROTOCOL.pap, papRequest(1, USER, PASSWORD)),
  ppp(PPP_PROTOCOL.pap, controlPacket(3, 1, concat(u8(SECRET.length), SECRET))),
  ppp(PPP_PROTOCOL.chap, chapValue('challenge', 1, ascii(MARKER), HOST)),
  ppp(PPP_PROTOCOL.chap, chapValue('response', 1, ascii(MARKER), `ZQCORP\\${USER}`)),
  ppp(PPP_PROTOCOL.chap, controlPacket(4, 1, SECRET)),
  ppp(0xc227, controlPacket(2, 1, concat(u8(1), ascii(USER)))),
  ppp(0xc227, controlPacket(1, 1, concat(u8(4), SECRET))),
  ppp(PPP_PROTOCOL.lcp, controlPacket(1, 1, [LCP_OPTION.magic(7), LCP_OPTION.endpoint(HOST)])),
  ppp(PPP_PROTOCOL.lcp, controlPacket(1, 1, [{ type: 19, data: concat(u8(3), MAC_BYTES) }])),
  ppp(PPP_PROTOCOL.lcp, controlPacket(1, 1, [{ type: 13, data: concat(u8(1), ascii(PHONE)) }])),
  ppp(PPP_PROTOCOL.lcp, controlPacket(12, 1, concat(u32(7), ascii(`MSRAS-0-${HOST}`)))),
  ppp(PPP_PROTOCOL.lcp, controlPacket(9, 1, concat(u32(7), SECRET))),
  ppp(PPP_PROTOCOL.lcp, controlPacket(PPP_CODE.terminateRequest, 1, SECRET)),
  ppp(PPP_PROTOCOL.lcp, controlPacket(PPP_CODE.protocolReject, 1, concat(u16(0x8021), SECRET))),
  ppp(PPP_PROTOCOL.ipcp, controlPacket(1, 1, [{ type: 3, data: ipv4Bytes(CLIENT) }])),
  ppp(PPP_PROTOCOL.ipcp, controlPacket(3, 1, [{ type: 129, data: ipv4Bytes(OUTSIDE) }])),
  ppp(
    PPP_PROTOCOL.ipcp,
    controlPacket(1, 1, [{ type: 1, data: concat(ipv4Bytes(CLIENT), ipv4Bytes(SERVER)) }]),
  ),
  ppp(PPP_PROTOCOL.ipv6cp, controlPacket(1, 1, [{ type: 1, data: ascii(MARKER) }])),
  ppp(PPP_PROTOCOL.cbcp, controlPacket(2, 1, concat(u8(2), u8(16), u8(0), u8(1), ascii(PHONE), u8(0)))),
  ppp(PPP_PROTOCOL.ccp, controlPacket(1, 1, [{ type: 0, data: ascii(MARKER) }])),
  ppp(PPP_PROTOCOL.compressed, SECRET),
  ppp(PPP_PROTOCOL.ipv6, SECRET),
  ppp(PPP_PROTOCOL.multilink, concat(u32(0xc0000001), ppp(PPP_PROTOCOL.pap, papRequest(1, USER, PASSWORD)))),
  ppp(PPP_PROTOCOL.multilink, concat(u16(0xc001), ppp(PPP_PROTOCOL.pap, papRequest(1, USER, PASSWORD)))),
  ppp(PPP_PROTOCOL.multilink, concat(u32(0x80000001), SECRET)),
  ppp(PPP_PROTOCOL.ip, datagram(53, 53, SECRET)),
  ppp(0x4021, SECRET),
];

const CALL_REQUEST = PPTP.outgoingCallRequest(5, 6);
const START = PPTP.startRequest(HOST);

/** Frames that hold canaries, one for every place. */
export const FRAMES: readonly Uint8Array[] = [
  frame(segment(1, 80, SECRET)),
  frame(datagram(137, 137, SECRET)),
  frame(datagram(2504, 2504, SECRET)),
  frame(datagram(4789, 4789, SECRET)),
  frame(toServer(PROTOCOL.icmp, icmp(8, 0, 1, SECRET), 1)),
  frame(toServer(PROTOCOL.icmp, icmpError(3, 1, concat(segment(1, 80, SECRET), SECRET)), 1)),
  frame(
    toServer(
      PROTOCOL.icmp,
      icmp(5, 1, new DataView(ipv4Bytes(ROUTER).buffer).getUint32(0), segment(1, 80, SECRET)),
      1,
    ),
  ),
  frame(toServer(PROTOCOL.icmp, icmp(3, 3, 0, concat(datagram(9, 9, SECRET))), 1)),
  frame(toServer(PROTOCOL.icmp, icmp(9, 0, 0x01020000, concat(ipv4Bytes(ROUTER), u32(0))), 1)),
  frame(toServer(PROTOCOL.igmp, concat(u8(0x16), u8(0), u16(0), ipv4Bytes(OUTSIDE), SECRET), 1)),
  frame(toServer(50, SECRET, 1)),
  frame(toServer(PROTOCOL.gre, concat(u16(0), u16(0x0800), segment(1, 80, SECRET)), 1)),
  frame(toServer(4, segment(1, 80, SECRET), 1)),
  frame(
    ipv4({
      ...{ source: CLIENT, destination: SERVER, protocol: 17, id: 3, payload: SECRET },
      options: concat(u8(7), u8(11), u8(12), ipv4Bytes(ROUTER), ipv4Bytes(OUTSIDE), u8(0)),
    }),
  ),
  frame(
    toServer(
      PROTOCOL.tcp,
      tcp({
        ...{ source: CLIENT, destination: SERVER, sourcePort: 1, destinationPort: 2, sequence: 1 },
        flags: TCP_FLAG.syn,
        options: concat(u8(30), u8(10), ascii(MARKER), u8(34), u8(10), ascii(MARKER)),
      }),
      1,
    ),
  ),
  ...[2, 3, 4, 5, 8].map((kind) =>
    frame(
      toServer(
        PROTOCOL.tcp,
        tcp({
          ...{ source: CLIENT, destination: SERVER, sourcePort: 1, destinationPort: 2, sequence: 1 },
          flags: TCP_FLAG.syn,
          options: concat(u8(kind), u8(10), ascii(MARKER), u16(0)),
        }),
        1,
      ),
    ),
  ),
  frame(
    ipv4({
      ...{ source: CLIENT, destination: SERVER, protocol: 17, id: 3, payload: SECRET },
      options: concat(u8(148), u8(10), ascii(MARKER), u16(0)),
    }),
  ),
  frame(toServer(PROTOCOL.icmp, icmp(3, 1, 0, SECRET), 1)),
  ...ipv4Fragments(
    { source: CLIENT, destination: SERVER, protocol: 17, id: 5, payload: concat(SECRET, SECRET, SECRET) },
    68,
  ).map((piece) => frame(piece)),
  // Behind the datagram: what a driver left in its buffer.
  concat(frame(segment(1, 80, new Uint8Array(0))).subarray(0, 54), SECRET),
  frame(ascii(`x${HOST}${MARKER}`), ETHERTYPE.ipv6),
  frame(SECRET, 0x88cc),
  frame(SECRET, 0x8847),
  frame(SECRET, 0x0805),
  ieee8023('01:80:c2:00:00:00', CLIENT_MAC, llc(0x42, 0x42, 3, concat(SECRET, MAC_BYTES))),
  ieee8023(SERVER_MAC, CLIENT_MAC, snap(0x2000, SECRET, 0x00000c)),
  ieee8023(SERVER_MAC, CLIENT_MAC, snap(ETHERTYPE.ipv4, segment(1, 80, SECRET))),
  frame(
    concat(
      u16(1),
      u16(0x0800),
      u8(6),
      u8(4),
      u16(1),
      MAC_BYTES,
      ipv4Bytes(CLIENT),
      macBytes(SERVER_MAC),
      ipv4Bytes(SERVER),
      SECRET,
    ),
    ETHERTYPE.arp,
  ),
  frame(concat(u16(6), u16(0x86dd), u8(8), u8(16), u16(1), SECRET), ETHERTYPE.arp),
  frame(heartbeat({ priority: 1, clusterIp: SERVER, hostIp: CLIENT }), 0x886f),
  frame(extendedHeartbeat({ priority: 1, clusterIp: SERVER, hostIp: CLIENT, hostName: HOST }), 0x886f),
  frame(concat(u32(0), SECRET), 0xbf01),
  frame(
    datagram(
      68,
      67,
      dhcp({
        operation: 1,
        xid: 9,
        ciaddr: CLIENT,
        siaddr: SERVER,
        giaddr: ROUTER,
        chaddr: CLIENT_MAC,
        options: DHCP_OPTIONS,
      }),
    ),
  ),
  frame(
    datagram(
      67,
      68,
      dhcp({
        ...{ operation: 2, xid: 9, yiaddr: CLIENT, chaddr: CLIENT_MAC },
        options: [DHCP_OPTION.messageType(DHCP_TYPE.ack)],
        overload: {
          sname: [DHCP_OPTION.hostName(HOST)],
          file: [
            DHCP_OPTION.clientIdentifier(concat(u8(255), MAC_BYTES.subarray(2), u16(3), u16(1), MAC_BYTES)),
            option(97, concat(u8(0), MAC_BYTES, SECRET.subarray(0, 10))),
          ],
        },
      }),
    ),
  ),
  // Server's name and boot file in their fields, and an identifier that is text.
  frame(
    datagram(
      67,
      68,
      concat(
        dhcp({ operation: 2, xid: 9, chaddr: CLIENT_MAC, options: [] }).subarray(0, 44),
        ascii(HOST.padEnd(64, '\0')),
        ascii(`/boot/${USER}`.padEnd(128, '\0')),
        u32(0x63825363),
        concat(u8(61), u8(1 + HOST.length), u8(0), ascii(HOST)),
        concat(u8(61), u8(4 + 6), ascii('RAS '), MAC_BYTES),
        u8(255),
      ),
    ),
  ),
  frame(
    datagram(
      4000,
      1813,
      radius({
        code: RADIUS_CODE.accountingRequest,
        identifier: 1,
        attributes: [
          RADIUS_ATTRIBUTE.userName(`${USER}@${DOMAIN}`),
          RADIUS_ATTRIBUTE.userPassword(ascii(`${PASSWORD}......`)),
          RADIUS_ATTRIBUTE.nasAddress(SERVER),
          RADIUS_ATTRIBUTE.framedAddress(CLIENT),
          RADIUS_ATTRIBUTE.callingStation(PHONE),
          RADIUS_ATTRIBUTE.nasIdentifier(HOST),
          attribute(30, ascii(CLIENT_MAC.replaceAll(':', '-'))),
          attribute(66, ascii(OUTSIDE)),
          ...[3, 11, 18, 24, 25, 26, 33, 34, 79, 80].map((type) => attribute(type, SECRET)),
        ],
      }),
    ),
  ),
  frame(segment(100, 1723, START)),
  frame(segment(100 + START.length, 1723, concat(CALL_REQUEST.subarray(0, 100)))),
  frame(segment(200 + START.length, 1723, concat(ascii(PHONE), CALL_REQUEST.subarray(110), SECRET))),
  frame(segment(9000, 1723, SECRET)),
  frame(
    datagram(
      1701,
      1701,
      concat(
        u16(0xc802),
        u16(50),
        u16(1),
        u16(0),
        u16(0),
        u16(0),
        avp(0, u16(1)),
        avp(7, ascii(HOST)),
        avp(22, ascii(PHONE)),
      ),
    ),
  ),
  ...[0, 2, 3, 5, 9, 14, 15, 24, 35, 38, 39].map((type) => {
    const message = avp(type, ascii(MARKER));
    const header = concat(u16(0xc802), u16(12 + message.length), u16(1), u16(0), u16(0), u16(0));
    return frame(datagram(1701, 1701, concat(header, message)));
  }),
  ...PPP_PACKETS.flatMap((packet, at) => [
    frame(
      toServer(
        PROTOCOL.gre,
        enhancedGre({ callId: 3, sequence: at, payload: concat(u16(0xff03), packet) }),
        at,
      ),
    ),
    frame(datagram(1701, 1701, concat(u16(0x0002), u16(1), u16(1), u16(0xff03), packet))),
    frame(pppoe(0, packet), 0x8864),
  ]),
  frame(
    pppoe(
      9,
      concat(
        tag(0x0101, ascii(HOST)),
        tag(0x0102, ascii(`AC-${HOST}`)),
        tag(0x0103, MAC_BYTES),
        tag(0x0105, SECRET),
      ),
    ),
    0x8863,
  ),
];
