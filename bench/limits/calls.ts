/** Dial-in calls without end, by every way they come. */
import {
  ACCOUNTING_STATUS,
  Connection,
  controlPacket,
  enhancedGre,
  Host,
  IPCP_OPTION,
  L2TP_MESSAGE,
  L2TP_PAIR,
  L2TP_PORT,
  l2tpControl,
  LCP_OPTION,
  NAS_PORT_TYPE,
  ppp,
  PPP_CODE,
  PPP_PROTOCOL,
  pppoe,
  PPPOE_CODE,
  PPTP,
  PPTP_PORT,
  PROTOCOL,
  radius,
  RADIUS_ATTRIBUTE,
  RADIUS_CODE,
  RADIUS_PORT,
} from '../../samples/craft/index.ts';
import { addressOf } from './addresses.ts';
import type { Flood } from './flood.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_PPP, pcap } from './stream.ts';

const A = new Host({ mac: '02:00:00:00:00:01', ip: '10.0.0.1' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '192.0.2.1' });

const lcp = ppp(PPP_PROTOCOL.lcp, controlPacket(PPP_CODE.configureRequest, 1, [LCP_OPTION.magic(1)]));
const ipcpRequest = ppp(
  PPP_PROTOCOL.ipcp,
  controlPacket(PPP_CODE.configureRequest, 2, [IPCP_OPTION.address('10.9.0.1')]),
);
const ipcpAck = ppp(
  PPP_PROTOCOL.ipcp,
  controlPacket(PPP_CODE.configureAck, 2, [IPCP_OPTION.address('10.9.0.1')]),
);

function gre(from: Host, to: Host, callId: number, payload: Uint8Array): Uint8Array {
  return from.ipFrame(
    to.mac,
    from.datagram(to.ip, PROTOCOL.gre, enhancedGre({ callId, sequence: 1, payload })),
  );
}

/** Offsets in an IPv4 frame. */
const SOURCE = 26;
const DESTINATION = 30;
/** Of the call in enhanced GRE. */
const CALL = 40;

const calls = [gre(A, B, 1, lcp), gre(A, B, 1, ipcpRequest), gre(B, A, 2, ipcpAck)];
/** The address that is negotiated stands at the end. */
const NEGOTIATED = calls.map((frame) => frame.length - 4);

const tunnelRequest = A.udp(
  B,
  L2TP_PORT,
  L2TP_PORT,
  l2tpControl({
    tunnelId: 0,
    sent: 0,
    received: 0,
    pairs: [
      L2TP_PAIR.messageType(L2TP_MESSAGE.sccrq),
      L2TP_PAIR.protocolVersion,
      L2TP_PAIR.hostName('caller'),
      L2TP_PAIR.framing,
      L2TP_PAIR.assignedTunnel(7),
    ],
  }),
);

function pptpCall(): Uint8Array[] {
  const one = new Connection(A, B, { clientPort: 1024, serverPort: PPTP_PORT, clientIsn: 1, serverIsn: 1 });
  return [
    one.syn(),
    one.synAck(),
    one.ack('client'),
    one.data('client', PPTP.startRequest('caller')),
    one.data('server', PPTP.startReply('server')),
    one.data('client', PPTP.outgoingCallRequest(7, 1)),
    one.data('server', PPTP.outgoingCallReply(9, 7)),
  ];
}
const PPTP_CLIENTS = [true, false, true, true, false, true, false];

const session = pppoe({
  destination: B.mac,
  source: A.mac,
  code: PPPOE_CODE.session,
  sessionId: 1,
  payload: lcp,
});

/** PPP in PPP: the inside of a frame that claims another frame, again and again. */
function nested(depth: number): Uint8Array {
  let packet = lcp;
  for (let level = 0; level < depth; level += 1) packet = ppp(PPP_PROTOCOL.multilink, packet);
  return packet;
}

const deep = nested(40);

const accounting = A.udp(
  B,
  RADIUS_PORT.accounting,
  RADIUS_PORT.accounting,
  radius({
    code: RADIUS_CODE.accountingRequest,
    identifier: 1,
    attributes: [
      RADIUS_ATTRIBUTE.statusType(ACCOUNTING_STATUS.start),
      RADIUS_ATTRIBUTE.sessionId('00000000'),
      RADIUS_ATTRIBUTE.framedAddress('10.9.0.1'),
      RADIUS_ATTRIBUTE.nasAddress('10.0.0.1'),
      RADIUS_ATTRIBUTE.serviceType(2),
      RADIUS_ATTRIBUTE.framedProtocol(1),
      RADIUS_ATTRIBUTE.nasPortType(NAS_PORT_TYPE.virtual),
      RADIUS_ATTRIBUTE.userName('x'.repeat(64)),
    ],
  }),
);
const ATTRIBUTES = 42 + 20;
const SESSION_ID = ATTRIBUTES + 6 + 2;
const FRAMED_ADDRESS = SESSION_ID + 8 + 2;
const NAS_ADDRESS = FRAMED_ADDRESS + 4 + 2;
const USER_NAME = NAS_ADDRESS + 4 + 6 + 6 + 6 + 2;
const STATUS = ATTRIBUTES + 5;

function hexDigits(view: DataView, at: number, number: number): void {
  for (let digit = 0; digit < 8; digit += 1)
    view.setUint8(at + digit, '0123456789abcdef'.charCodeAt((number >>> (28 - 4 * digit)) & 15));
}

const overflow = { evicted: ['calls'], tellingVerdicts: ['Q159309'] } as const;

export const CALL_FLOODS: readonly Flood[] = [
  {
    name: 'calls',
    content: 'PPTP calls that negotiate an address and never end',
    count: 1_000_000,
    testCount: 100_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: calls,
        count,
        perSecond: 2000,
        change: (view, at, number, which) => {
          view.setUint32(at + (which < 2 ? SOURCE : DESTINATION), addressOf(number));
          view.setUint16(at + CALL, which < 2 ? number : number + 1);
          if (which > 0) view.setUint32(at + (NEGOTIATED[which] as number), 0x0a80_0000 + (number % 60_000));
        },
      }),
    ...overflow,
  },
  {
    name: 'tunnels',
    content: 'L2TP tunnels that are asked for',
    count: 1_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [tunnelRequest],
        count,
        perSecond: 2000,
        change: (view, at, number) => {
          view.setUint32(at + SOURCE, addressOf(number));
          view.setUint16(at + tunnelRequest.length - 2, number);
        },
      }),
  },
  {
    name: 'controls',
    content: 'PPTP control connections with a call each',
    count: 400_000,
    testCount: 50_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: pptpCall(),
        count,
        perSecond: 500,
        change: (view, at, number, which) => {
          view.setUint32(at + (PPTP_CLIENTS[which] ? SOURCE : DESTINATION), addressOf(number));
        },
      }),
    ...overflow,
  },
  {
    name: 'sessions',
    content: 'PPPoE sessions of many stations',
    count: 1_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [session],
        count,
        perSecond: 2000,
        change: (view, at, number) => {
          view.setUint32(at + 8, number + 1);
          view.setUint16(at + 16, 1 + (number % 60_000));
        },
      }),
    ...overflow,
  },
  {
    name: 'nested',
    content: 'PPP in PPP, forty deep, in calls by PPTP',
    count: 400_000,
    testCount: 50_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [gre(A, B, 1, deep), gre(A, B, 1, gre(A, B, 1, lcp).subarray(14))],
        count,
        perSecond: 2000,
        change: (view, at, number) => {
          view.setUint32(at + SOURCE, addressOf(number));
          view.setUint16(at + CALL, number);
        },
      }),
  },
  {
    name: 'line',
    content: 'PPP in PPP on a line, and calls that begin again and again',
    count: 2_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_PPP, {
        frames: [deep, lcp, ipcpRequest, ipcpAck],
        count,
        perSecond: 2000,
        change: (view, at, number, which) => {
          const { length } = [deep, lcp, ipcpRequest, ipcpAck][which] as Uint8Array;
          if (which > 0) view.setUint32(at + length - 4, 0x0a80_0000 + (number % 60_000));
        },
      }),
  },
  {
    name: 'accounting',
    content: 'RADIUS sessions that start, or go on, and never stop',
    count: 1_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [accounting],
        count,
        perSecond: 2000,
        change: (view, at, number) => {
          view.setUint8(at + 43, number);
          view.setUint8(at + STATUS, number % 2 === 0 ? ACCOUNTING_STATUS.start : ACCOUNTING_STATUS.interim);
          hexDigits(view, at + SESSION_ID, number);
          view.setUint32(at + FRAMED_ADDRESS, 0x0a80_0000 + (number % 4_000_000));
          hexDigits(view, at + USER_NAME, number);
        },
      }),
    ...overflow,
  },
];
