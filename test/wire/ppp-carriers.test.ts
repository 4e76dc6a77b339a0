/** What carries PPP: PPPoE, GRE version 1, PPTP control messages, L2TP. Every prefix of a message has an exact status. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as craft from '../../samples/craft/index.ts';
import { decodeGre, GRE_CUT, GRE_FOREIGN, GRE_MALFORMED, GRE_OK, GreHeader } from '../../src/wire/gre.ts';
import {
  decodeL2tp,
  L2TP_CUT,
  L2TP_FOREIGN,
  L2TP_MALFORMED,
  L2TP_OK,
  L2tpMessage,
} from '../../src/wire/l2tp.ts';
import { decodePppoe, PPPOE_CUT, PPPOE_MALFORMED, PPPOE_OK, PppoeHeader } from '../../src/wire/pppoe.ts';
import { decodePptp, PPTP_MALFORMED, PPTP_OK, PPTP_SHORT, PptpMessage } from '../../src/wire/pptp.ts';
import { RADIUS_CUT, RADIUS_MALFORMED, RADIUS_OK, RadiusMessage } from '../../src/wire/radius.ts';

const { concat, u16, u8 } = craft;

function view(bytes: Uint8Array): DataView {
  return new DataView(Uint8Array.from(bytes).buffer);
}

/** Lengths from which on the status changes. */
function statuses(bytes: Uint8Array, read: (captured: number) => number): Array<readonly [number, number]> {
  const changes: Array<readonly [number, number]> = [];
  for (let captured = 0; captured <= bytes.length; captured += 1) {
    const status = read(captured);
    if (changes.at(-1)?.[1] !== status) changes.push([captured, status]);
  }
  return changes;
}

const PAYLOAD = craft.ppp(0xc021, craft.controlPacket(1, 1));

describe('PPPoE', () => {
  const session = concat(Uint8Array.of(0x11, 0), u16(0x1234), u16(PAYLOAD.length), PAYLOAD);

  it('reads its header, and excludes padding', () => {
    const out = new PppoeHeader();
    const padded = concat(session, new Uint8Array(30));
    expect(decodePppoe(view(padded), 0, padded.length, padded.length, out)).toBe(PPPOE_OK);
    expect(out).toEqual({ code: 0, session: 0x1234, payload: 6, payloadEnd: 6 + PAYLOAD.length });
    expect(
      statuses(session, (captured) => decodePppoe(view(session), 0, captured, session.length, out)),
    ).toEqual([
      [0, PPPOE_CUT],
      [6, PPPOE_OK],
    ]);
  });

  it.each([
    ['another version', concat(u8(0x21), session.subarray(1))],
    ['a length beyond the frame', session.subarray(0, 8)],
    ['too short', session.subarray(0, 5)],
  ])('is malformed with %s', (_name, bytes) => {
    expect(decodePppoe(view(bytes), 0, bytes.length, bytes.length, new PppoeHeader())).toBe(PPPOE_MALFORMED);
  });
});

describe('GRE version 1', () => {
  const whole = craft.enhancedGre({ callId: 77, sequence: 1, acknowledgment: 2, payload: PAYLOAD });

  it('reads call and payload', () => {
    const out = new GreHeader();
    expect(decodeGre(view(whole), 0, whole.length, whole.length, out)).toBe(GRE_OK);
    expect(out).toEqual({ call: 77, payload: 16, payloadEnd: 16 + PAYLOAD.length });
    expect(statuses(whole, (captured) => decodeGre(view(whole), 0, captured, whole.length, out))).toEqual([
      [0, GRE_CUT],
      [8, GRE_OK],
    ]);
  });

  it('has no payload without a sequence number', () => {
    const out = new GreHeader();
    const bytes = craft.enhancedGre({ callId: 5, acknowledgment: 9, payload: new Uint8Array(0) });
    expect(decodeGre(view(bytes), 0, bytes.length, bytes.length, out)).toBe(GRE_OK);
    expect(out.payloadEnd).toBe(out.payload);
  });

  it.each([
    ['version 0', Uint8Array.of(0x20, 0, 0x88, 0x0b, 0, 0, 0, 0), GRE_FOREIGN],
    ['another protocol', Uint8Array.of(0x30, 1, 0x08, 0, 0, 0, 0, 0), GRE_FOREIGN],
    ['no key', Uint8Array.of(0x10, 1, 0x88, 0x0b, 0, 0, 0, 0), GRE_MALFORMED],
    ['a length beyond the datagram', whole.subarray(0, 17), GRE_MALFORMED],
    ['no header', whole.subarray(0, 3), GRE_MALFORMED],
  ])('%s', (_name, bytes, status) => {
    expect(decodeGre(view(bytes), 0, bytes.length, bytes.length, new GreHeader())).toBe(status);
  });
});

describe('PPTP control messages', () => {
  const { PPTP } = craft;

  it.each([
    ['Start-Request', PPTP.startRequest('nt'), { length: 156, type: 1, call: -1, peerCall: -1, result: -1 }],
    [
      'Outgoing-Call-Request',
      PPTP.outgoingCallRequest(5, 1),
      { length: 168, type: 7, call: 5, peerCall: -1, result: -1 },
    ],
    [
      'Outgoing-Call-Reply',
      PPTP.outgoingCallReply(6, 5),
      { length: 32, type: 8, call: 6, peerCall: 5, result: 1 },
    ],
    [
      'Call-Clear-Request',
      PPTP.callClearRequest(5),
      { length: 16, type: 12, call: 5, peerCall: -1, result: -1 },
    ],
    [
      'Call-Disconnect-Notify',
      PPTP.callDisconnectNotify(6, 4),
      { length: 148, type: 13, call: 6, peerCall: -1, result: 4 },
    ],
    ['Set-Link-Info', PPTP.setLinkInfo(9), { length: 24, type: 15, call: -1, peerCall: 9, result: -1 }],
  ])('%s', (_name, bytes, fields) => {
    const out = new PptpMessage();
    expect(decodePptp(view(bytes), 0, bytes.length, out)).toBe(PPTP_OK);
    expect(out).toEqual(fields);
  });

  it('knows no field behind what is at hand', () => {
    const bytes = PPTP.outgoingCallReply(6, 5);
    const out = new PptpMessage();
    const read = (end: number): unknown[] => [
      decodePptp(view(bytes), 0, end, out),
      out.call,
      out.peerCall,
      out.result,
    ];
    expect(read(11)).toEqual([PPTP_SHORT, -1, -1, -1]);
    expect(read(13)).toEqual([PPTP_OK, -1, -1, -1]);
    expect(read(14)).toEqual([PPTP_OK, 6, -1, -1]);
    expect(read(16)).toEqual([PPTP_OK, 6, 5, -1]);
    expect(read(17)).toEqual([PPTP_OK, 6, 5, 1]);
  });

  it.each([
    ['another magic', 4, 0],
    ['another message type', 3, 2],
    ['a length below 16', 1, 15],
    ['a length above 512', 0, 3],
  ])('is malformed with %s', (_name, offset, value) => {
    const bytes = Uint8Array.from(PPTP.callClearRequest(1));
    bytes[offset] = value;
    expect(decodePptp(view(bytes), 0, bytes.length, new PptpMessage())).toBe(PPTP_MALFORMED);
  });
});

describe('L2TP', () => {
  const { L2TP_PAIR, L2TP_MESSAGE } = craft;
  const control = craft.l2tpControl({
    tunnelId: 3,
    sessionId: 4,
    sent: 1,
    received: 2,
    pairs: [
      L2TP_PAIR.messageType(L2TP_MESSAGE.icrp),
      L2TP_PAIR.hostName('x'),
      L2TP_PAIR.assignedTunnel(8),
      L2TP_PAIR.assignedSession(9),
    ],
  });

  it('reads control messages with their pairs', () => {
    const out = new L2tpMessage();
    expect(decodeL2tp(view(control), 0, control.length, control.length, out)).toBe(L2TP_OK);
    expect(out).toMatchObject({
      isControl: true,
      tunnel: 3,
      session: 4,
      type: 11,
      assignedTunnel: 8,
      assignedSession: 9,
    });
    expect(
      statuses(control, (captured) => decodeL2tp(view(control), 0, captured, control.length, out)),
    ).toEqual([
      [0, L2TP_CUT],
      [control.length, L2TP_OK],
    ]);
  });

  it('reads data messages of every header', () => {
    const out = new L2tpMessage();
    const data = craft.l2tpData(3, 4, PAYLOAD);
    expect(decodeL2tp(view(data), 0, data.length, data.length, out)).toBe(L2TP_OK);
    expect(out).toMatchObject({
      isControl: false,
      tunnel: 3,
      session: 4,
      payload: 8,
      payloadEnd: 8 + PAYLOAD.length,
    });
    const bare = concat(u16(0x0002), u16(3), u16(4), PAYLOAD);
    expect(decodeL2tp(view(bare), 0, bare.length, bare.length, out)).toBe(L2TP_OK);
    expect(out).toMatchObject({ payload: 6, payloadEnd: bare.length });
    const padded = concat(u16(0x0a02), u16(3), u16(4), u16(0), u16(0), u16(2), u16(0), PAYLOAD);
    expect(decodeL2tp(view(padded), 0, padded.length, padded.length, out)).toBe(L2TP_OK);
    expect(out.payload).toBe(14);
  });

  it.each([
    ['version 3', Uint8Array.of(0, 3, 0, 0, 0, 0), L2TP_FOREIGN],
    ['a length beyond the datagram', concat(u16(0x4002), u16(99), u16(1), u16(1)), L2TP_MALFORMED],
    ['an offset beyond it', concat(u16(0x0202), u16(1), u16(1), u16(900)), L2TP_MALFORMED],
    [
      'a pair shorter than its header',
      concat(u16(0xc802), u16(18), new Uint8Array(8), u16(5), u16(0), u16(0)),
      L2TP_MALFORMED,
    ],
  ])('%s', (_name, bytes, status) => {
    expect(decodeL2tp(view(bytes), 0, bytes.length, bytes.length, new L2tpMessage())).toBe(status);
  });

  it('takes no number from a hidden pair', () => {
    const pair = Uint8Array.from(L2TP_PAIR.assignedSession(9));
    pair[0] = 0xc0;
    const bytes = craft.l2tpControl({
      tunnelId: 1,
      sent: 0,
      received: 0,
      pairs: [L2TP_PAIR.messageType(10), pair],
    });
    const out = new L2tpMessage();
    decodeL2tp(view(bytes), 0, bytes.length, bytes.length, out);
    expect([out.type, out.assignedSession]).toEqual([10, -1]);
  });
});

describe('RADIUS', () => {
  const { RADIUS_ATTRIBUTE: A } = craft;
  const stop = craft.radius({
    code: 4,
    identifier: 200,
    attributes: [
      A.userName('anna'),
      A.nasAddress('10.0.0.9'),
      A.nasPort(3),
      A.framedProtocol(1),
      A.framedAddress('10.1.0.7'),
      A.callingStation('555'),
      A.nasIdentifier('ras'),
      A.statusType(2),
      A.delay(4),
      A.sessionId('ab'),
      A.sessionTime(60),
      A.terminateCause(9),
      A.nasPortType(5),
      A.framedPool('p'),
    ],
  });

  it('reads every attribute it knows', () => {
    const out = new RadiusMessage();
    expect(out.decode(view(stop), 0, stop.length, stop.length)).toBe(RADIUS_OK);
    expect(Object.assign({}, out)).toEqual({
      ...{
        code: 4,
        identifier: 200,
        userName: 'anna',
        nasAddress: 0x0a000009,
        nasPort: 3,
        framedProtocol: 1,
      },
      ...{
        framedAddress: 0x0a010007,
        callingStation: '555',
        nasIdentifier: 'ras',
        status: 2,
        delaySeconds: 4,
      },
      ...{ session: 'ab', sessionSeconds: 60, terminateCause: 9, portType: 5, framedPool: true },
    });
    expect(statuses(stop, (captured) => out.decode(view(stop), 0, captured, stop.length))).toEqual([
      [0, RADIUS_CUT],
      [stop.length, RADIUS_OK],
    ]);
  });

  it('is malformed where lengths contradict each other', () => {
    const out = new RadiusMessage();
    const broken = (offset: number, value: number): number => {
      const bytes = Uint8Array.from(stop);
      bytes[offset] = value;
      return out.decode(view(bytes), 0, bytes.length, bytes.length);
    };
    expect([broken(3, 19), broken(2, 0x20), broken(21, 1), broken(21, 255)]).toEqual(
      Array.from({ length: 4 }, () => RADIUS_MALFORMED),
    );
  });

  it('forgets the message before', () => {
    const out = new RadiusMessage();
    out.decode(view(stop), 0, stop.length, stop.length);
    const empty = craft.radius({ code: 5, identifier: 1, attributes: [] });
    expect(out.decode(view(concat(empty, new Uint8Array(9))), 0, 29, 29)).toBe(RADIUS_OK);
    expect(out).toMatchObject({ userName: '', nasAddress: 0, status: -1, session: '', framedPool: false });
  });
});

describe('whatever the bytes', () => {
  it('no decoder throws, or reads behind the captured end', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.nat(80),
        fc.constantFrom(0x1101, 0x3081, 0xc802, 0x009c, 0x0401),
        (noise, cut, head) => {
          const bytes = concat(u16(head), noise);
          const end = Math.min(cut, bytes.length);
          const results = [0, 0xff].map((poison) => {
            const poisoned = Uint8Array.from(bytes);
            poisoned.fill(poison, end);
            const data = view(poisoned);
            const [pppoe, gre, pptp, l2tp, radius] = [
              new PppoeHeader(),
              new GreHeader(),
              new PptpMessage(),
              new L2tpMessage(),
              new RadiusMessage(),
            ];
            return JSON.stringify([
              decodePppoe(data, 0, end, bytes.length, pppoe),
              decodeGre(data, 0, end, bytes.length, gre),
              decodePptp(data, 0, end, pptp),
              decodeL2tp(data, 0, end, bytes.length, l2tp),
              radius.decode(data, 0, end, bytes.length),
              ...[pppoe, gre, pptp, l2tp, radius],
            ]);
          });
          expect(results[0]).toBe(results[1]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
