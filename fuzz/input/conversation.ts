/**
 * Captures that are sound byte by byte and nonsense as a conversation: any messages of the protocols that are read, between few stations,
 * in any order and at any time. What they break is state, which changes to bytes seldom reach.
 */
import fc from 'fast-check';
import {
  addressed,
  arp,
  chapResult,
  Cluster,
  controlPacket,
  directed,
  type Encoding,
  encode,
  ENCODINGS,
  enhancedGre,
  ethernet,
  ETHERTYPE,
  Host,
  ipv4,
  IPCP_OPTION,
  L2TP_PAIR,
  l2tpControl,
  l2tpData,
  LCP_OPTION,
  multilink,
  papRequest,
  papResult,
  ppp,
  pppoe,
  PPP_PROTOCOL,
  PPTP,
  radius,
  RADIUS_ATTRIBUTE,
  Script,
  tcp,
  terminateData,
  type TimedFrame,
  udp,
} from '../../samples/craft/index.ts';

const MACS = [
  '00:60:8c:2a:10:77',
  '00:a0:c9:11:22:33',
  '00:80:c7:44:55:66',
  '02:bf:0a:00:00:32',
  '00:00:5e:00:01:07',
  'ff:ff:ff:ff:ff:ff',
] as const;
const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.5',
  '10.0.0.50',
  '10.0.0.77',
  '169.254.3.4',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.18',
] as const;
const PORTS = [1025, 1026, 80, 445, 1723, 0, 65_535] as const;
const SEQUENCES = [0, 1, 1000, 64_000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff] as const;
const LEASES = [0, 1, 2, 60, 120, 3600, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff] as const;

const mac = fc.constantFrom(...MACS);
const address = fc.constantFrom(...ADDRESSES);
const port = fc.constantFrom(...PORTS);
const sequence = fc.oneof(fc.constantFrom(...SEQUENCES), fc.nat(0xffff_ffff));
const byte = fc.nat(255);
const name = fc.constantFrom('', 'anna', 'ben', 'x'.repeat(255), '\u0000\u001b[2J');
const host = fc.tuple(mac, address).map(([hardware, ip]) => new Host({ mac: hardware, ip }));

const arpFrame = fc
  .record({
    from: mac,
    to: mac,
    operation: fc.constantFrom(1, 1, 1, 2, 2, 3, 4, 9),
    senderMac: mac,
    senderIp: address,
    targetMac: mac,
    targetIp: address,
  })
  .map(({ from, to, operation, ...fields }) =>
    ethernet({
      destination: to,
      source: from,
      type: operation === 3 || operation === 4 ? ETHERTYPE.rarp : ETHERTYPE.arp,
      payload: arp({ operation, ...fields }),
    }),
  );

const dhcpFrame = fc
  .record({
    client: host,
    server: host,
    type: fc.integer({ min: 1, max: 8 }),
    isServer: fc.boolean(),
    xid: fc.constantFrom(1, 2, 0xffff_ffff),
    lease: fc.option(fc.constantFrom(...LEASES), { nil: undefined }),
    t1: fc.option(fc.constantFrom(...LEASES), { nil: undefined }),
    ciaddr: address,
    yiaddr: address,
    requested: fc.option(address, { nil: undefined }),
    server2: fc.option(address, { nil: undefined }),
    giaddr: fc.option(address, { nil: undefined }),
    clientId: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
    hostName: name,
    isUnicast: fc.boolean(),
  })
  .map((fields) => {
    const { client, server, type, xid, ciaddr, clientId } = fields;
    const shared = { xid, ciaddr, ...(clientId === undefined ? {} : { clientId }) };
    if (fields.isServer) {
      return server.dhcpServer(type, {
        ...shared,
        chaddr: client.mac,
        yiaddr: fields.yiaddr,
        to: fields.isUnicast ? 'unicast' : 'broadcast',
        ...(fields.lease === undefined ? {} : { leaseSeconds: fields.lease }),
        ...(fields.t1 === undefined ? {} : { t1Seconds: fields.t1 }),
        ...(fields.giaddr === undefined ? {} : { giaddr: fields.giaddr }),
        ...(fields.server2 === undefined ? {} : { serverIdentifier: fields.server2 }),
      });
    }
    return client.dhcpClient(type, {
      ...shared,
      ...(fields.requested === undefined ? {} : { requestedAddress: fields.requested }),
      ...(fields.server2 === undefined ? {} : { serverIdentifier: fields.server2 }),
      ...(fields.hostName === '' ? {} : { hostName: fields.hostName.slice(0, 255) }),
      ...(fields.isUnicast ? { to: server } : {}),
    });
  });

const tcpFrame = fc
  .record({
    from: host,
    to: host,
    sourcePort: port,
    destinationPort: port,
    sequence,
    acknowledgment: sequence,
    flags: fc.oneof(fc.constantFrom(0x02, 0x12, 0x10, 0x11, 0x14, 0x04, 0x18), byte),
    bytes: fc.constantFrom(0, 0, 1, 6, 40),
    options: fc.constantFrom(
      new Uint8Array(0),
      Uint8Array.of(2, 4, 5, 180, 1, 1, 4, 2),
      Uint8Array.of(8, 10, 0, 0),
    ),
    ipId: fc.option(fc.nat(65_535), { nil: undefined }),
    ttl: fc.constantFrom(0, 1, 64, 127, 128, 255),
  })
  .map(({ from, to, bytes, ipId, ttl, ...fields }) =>
    from.tcp(
      to,
      { ...fields, payload: new Uint8Array(bytes) },
      { ttl, ...(ipId === undefined ? {} : { ipId }) },
    ),
  );

const pptpFrame = fc
  .record({
    from: host,
    to: host,
    call: byte,
    peer: byte,
    which: fc.nat(7),
    isServer: fc.boolean(),
    sequence,
  })
  .map(({ from, to, call, peer, which, isServer, ...fields }) => {
    const messages = [
      PPTP.startRequest('nas'),
      PPTP.startReply('nas'),
      PPTP.outgoingCallRequest(call, 1),
      PPTP.outgoingCallReply(call, peer),
      PPTP.callClearRequest(call),
      PPTP.callDisconnectNotify(call, 1),
      PPTP.setLinkInfo(peer),
      PPTP.stopRequest(),
    ];
    return from.tcp(to, {
      sourcePort: isServer ? 1723 : 1025,
      destinationPort: isServer ? 1025 : 1723,
      flags: 0x18,
      acknowledgment: 1,
      payload: messages[which] as Uint8Array,
      ...fields,
    });
  });

const pppPacket = fc
  .record({
    protocol: fc.constantFrom(...Object.values(PPP_PROTOCOL)),
    code: fc.integer({ min: 0, max: 12 }),
    identifier: fc.nat(3),
    address,
    magic: sequence,
    name,
    which: fc.nat(6),
    isWrapped: fc.boolean(),
  })
  .map(({ protocol, code, identifier, magic, which, isWrapped, ...fields }) => {
    const bodies = [
      () => controlPacket(code, identifier, [IPCP_OPTION.address(fields.address)]),
      () =>
        controlPacket(code, identifier, [
          LCP_OPTION.magic(magic),
          LCP_OPTION.pap,
          LCP_OPTION.maximumReconstructedUnit(1500),
          LCP_OPTION.endpoint(fields.name.slice(0, 20)),
        ]),
      () => controlPacket(code, identifier, terminateData(magic, code)),
      () => papRequest(identifier, fields.name.slice(0, 255), 'x'),
      () => papResult(identifier, code > 4),
      () => chapResult(identifier, code > 4),
      () => controlPacket(code, identifier, new Uint8Array(code)),
    ];
    const packet = ppp(protocol, (bodies[which] as () => Uint8Array)());
    return isWrapped ? multilink(identifier, packet) : packet;
  });

const carriedFrame = fc
  .record({
    from: host,
    to: host,
    packet: pppPacket,
    call: fc.nat(3),
    carrier: fc.nat(4),
    sequence,
    code: byte,
  })
  .map(({ from, to, packet, call, carrier, code, ...fields }) => {
    const ip = (protocol: number, payload: Uint8Array) =>
      from.ipFrame(
        to.mac,
        ipv4({ source: from.ip, destination: to.ip, protocol, payload, id: from.nextIpId() }),
      );
    const datagram = (sourcePort: number, destinationPort: number, payload: Uint8Array) =>
      ip(17, udp({ source: from.ip, destination: to.ip, sourcePort, destinationPort, payload }));
    switch (carrier) {
      case 0:
        return ip(47, enhancedGre({ callId: call, sequence: fields.sequence, payload: addressed(packet) }));
      case 1:
        return datagram(1701, 1701, l2tpData(call, call, packet));
      case 2: {
        const pairs = [
          L2TP_PAIR.messageType(code & 15),
          L2TP_PAIR.assignedTunnel(call),
          L2TP_PAIR.assignedSession(call),
        ];
        return datagram(
          1701,
          1701,
          l2tpControl({ tunnelId: call, sessionId: call, sent: 1, received: 1, pairs }),
        );
      }
      case 3:
        return pppoe({ destination: to.mac, source: from.mac, code: 0, sessionId: call, payload: packet });
      default:
        return pppoe({
          destination: to.mac,
          source: from.mac,
          code: [0x09, 0x07, 0x19, 0x65, 0xa7][code % 5] as number,
          sessionId: call,
          payload: packet,
        });
    }
  });

const radiusFrame = fc
  .record({
    from: host,
    to: host,
    code: fc.constantFrom(1, 2, 3, 4, 5, 11, 99),
    identifier: fc.nat(2),
    user: name,
    framed: address,
    nas: address,
    nasPort: fc.nat(3),
    session: fc.constantFrom('a', 'b', ''),
    status: fc.constantFrom(1, 2, 3, 7, 8, 0),
    seconds: sequence,
    isReply: fc.boolean(),
  })
  .map(({ from, to, code, identifier, isReply, ...fields }) => {
    const payload = radius({
      code,
      identifier,
      attributes: [
        RADIUS_ATTRIBUTE.userName(fields.user.slice(0, 253)),
        RADIUS_ATTRIBUTE.nasAddress(fields.nas),
        RADIUS_ATTRIBUTE.nasPort(fields.nasPort),
        RADIUS_ATTRIBUTE.framedAddress(fields.framed),
        RADIUS_ATTRIBUTE.statusType(fields.status),
        RADIUS_ATTRIBUTE.sessionId(fields.session),
        RADIUS_ATTRIBUTE.sessionTime(fields.seconds),
        RADIUS_ATTRIBUTE.delay(fields.seconds),
      ],
    });
    const service = code >= 4 ? 1813 : 1812;
    return from.udp(to, isReply ? service : 1025, isReply ? 1025 : service, payload);
  });

const cluster = new Cluster();
const beatFrame = fc
  .record({
    priority: fc.constantFrom(1, 2, 3, 32, 33, 0),
    clusterIp: address,
    hostIp: address,
    state: fc.nat(6),
    hostCode: fc.nat(3),
    ruleCount: fc.constantFrom(0, 1, 2, 33, 34, 65_535),
    length: fc.constantFrom(1496, 1496, 1496, 400, 44, 20),
    newMap: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  })
  .map(({ priority, ...fields }) =>
    cluster.member(Math.min(32, Math.max(1, priority))).beat({ priority, ...fields }),
  );

const icmpFrame = fc
  .record({
    from: host,
    to: host,
    code: fc.nat(15),
    cause: fc.oneof(tcpFrame, dhcpFrame),
    isPing: fc.boolean(),
  })
  .map(({ from, to, code, cause, isPing }) =>
    isPing ? from.ping(to, code) : from.unreachable(to, code, cause),
  );

const rawFrame = fc
  .record({
    from: host,
    to: host,
    protocol: byte,
    payload: fc.uint8Array({ maxLength: 48 }),
    offset: fc.nat(8191),
  })
  .map(({ from, to, protocol, payload, offset }) =>
    from.ipFrame(
      to.mac,
      ipv4({
        source: from.ip,
        destination: to.ip,
        protocol,
        payload,
        id: 7,
        fragmentOffset: offset < 100 ? offset * 8 : 0,
        moreFragments: offset < 200,
      }),
    ),
  );

const bareTcp = fc
  .tuple(address, address, sequence)
  .map(([source, destination, at]) =>
    tcp({ source, destination, sourcePort: 80, destinationPort: 1025, sequence: at, flags: 0x10 }),
  );

const anyFrame = fc.oneof(
  { weight: 5, arbitrary: arpFrame },
  { weight: 5, arbitrary: dhcpFrame },
  { weight: 6, arbitrary: tcpFrame },
  { weight: 2, arbitrary: pptpFrame },
  { weight: 4, arbitrary: carriedFrame },
  { weight: 3, arbitrary: radiusFrame },
  { weight: 3, arbitrary: beatFrame },
  { weight: 2, arbitrary: icmpFrame },
  { weight: 1, arbitrary: rawFrame },
  { weight: 1, arbitrary: bareTcp },
);

/** Seconds to the next frame as in a network, at times at the limits of a rule. */
const calmPause = fc.oneof(
  { weight: 2, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.000_001, 0.01, 1, 3, 5, 10, 30, 60, 120) },
);
/** The same of a clock that is set now and then. */
const wildPause = fc.oneof(
  { weight: 9, arbitrary: calmPause },
  { weight: 1, arbitrary: fc.constantFrom(3600, 3601, 86_400, -0.005, -0.01, -1, -3700, 1e6) },
);

/** Steps of a capture without losses and of one point, of which rules can judge something; and of any other. */
const calmStep = fc.record({
  frame: anyFrame,
  pause: calmPause,
  interface: fc.constant(0),
  drops: fc.constant(0),
});
const wildStep = fc.record({
  frame: anyFrame,
  pause: wildPause,
  interface: fc.nat(1),
  drops: fc.constantFrom(0, 0, 0, 0, 0, 1, 5),
});
const LONG = { minLength: 1, maxLength: 120, size: 'max' } as const;

const ETHERNET_ENCODINGS: readonly Encoding[] = [
  ...Object.values(ENCODINGS),
  { container: 'pcap', snapLength: 60 },
  { container: 'pcapng', snapLength: 96, decimals: 0 },
];

const lanCapture = fc
  .tuple(
    fc.oneof(fc.array(calmStep, LONG), fc.array(wildStep, LONG)),
    fc.constantFrom(...ETHERNET_ENCODINGS),
    fc.constantFrom([{}, {}], [{ name: 'a' }, { name: 'a' }], [{ drops: { fraction: 0.1 } }, { name: 'b' }]),
  )
  .map(([steps, encoding, interfaces]) => {
    const frames: TimedFrame[] = [];
    let nanos = 0;
    for (const { frame, pause: seconds, interface: at, drops } of steps) {
      nanos += Math.round(seconds * 1e9);
      frames.push({
        nanos,
        bytes: frame,
        interface: at,
        vlans: at === 1 && encoding.container === 'pcap' ? [7] : [],
        mark: null,
        dropsBefore: drops,
        comment: null,
      });
    }
    return encode(Script.recorded(interfaces, frames), encoding);
  });

const lineCapture = fc
  .tuple(
    fc.array(fc.record({ packet: pppPacket, pause: calmPause, isSent: fc.boolean() }), LONG),
    fc.constantFrom(ENCODINGS.pcap, ENCODINGS.pcapng),
    fc.boolean(),
  )
  .map(([steps, encoding, hasDirection]) => {
    const linkType = hasDirection ? 'pppWithDirection' : 'ppp';
    let nanos = 0;
    const frames = steps.map(({ packet, pause: seconds, isSent }): TimedFrame => {
      nanos += Math.round(seconds * 1e9);
      const bytes = hasDirection ? directed(isSent ? 'sent' : 'received', packet) : addressed(packet);
      return { nanos, bytes, linkType, interface: 0, vlans: [], mark: null, dropsBefore: 0, comment: null };
    });
    return encode(Script.recorded([{ linkType }], frames), encoding);
  });

export const conversation = fc.oneof(
  { weight: 5, arbitrary: lanCapture },
  { weight: 1, arbitrary: lineCapture },
);

/** `count` captures that depend on the seed alone. */
export function conversations(seed: number, count: number): Uint8Array[] {
  return fc.sample(conversation, { seed, numRuns: count });
}

/** `count` frames of any of the protocols. */
export function anyFrames(seed: number, count: number): Uint8Array[] {
  return fc.sample(anyFrame, { seed, numRuns: count });
}
