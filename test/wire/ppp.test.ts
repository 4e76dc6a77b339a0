/** PPP framing, control packets, LCP and IPCP options, authentication, and the links that are PPP from their first byte. */
import { describe, expect, it } from 'vitest';
import * as craft from '../../samples/craft/index.ts';
import {
  KIND_MALFORMED,
  KIND_OTHER,
  KIND_PPP,
  KIND_TCP,
  KIND_TRUNCATED,
  KIND_IPV6,
  KIND_LINK_TUNNEL,
} from '../../src/wire/packet.ts';
import {
  ControlPacket,
  decodeControlPacket,
  decodePppFrame,
  formatControl,
  isPppControl,
  multilinkPayload,
  PPP_CHAP,
  PPP_CUT,
  PPP_EAP,
  PPP_MALFORMED,
  PPP_OK,
  PPP_PAP,
  PppFrame,
} from '../../src/wire/ppp.ts';
import {
  AUTH_FAILURE,
  AUTH_NAME,
  AUTH_OTHER,
  AUTH_SUCCESS,
  AuthPacket,
  decodeAuth,
} from '../../src/wire/ppp-auth.ts';
import { isPppLink, pppDirection } from '../../src/wire/ppp-link.ts';
import {
  ConfigureOption,
  decodeLcpOptions,
  findOption,
  LcpOptions,
  terminateCode,
} from '../../src/wire/ppp-options.ts';
import { decoded, kindsByPrefix } from './decoded.ts';

const {
  addressed,
  concat,
  controlPacket,
  directed,
  IPCP_OPTION,
  LCP_OPTION,
  ppp,
  PPP_CODE,
  PPP_PROTOCOL,
  u16,
  u8,
} = craft;

function view(bytes: Uint8Array): DataView {
  return new DataView(Uint8Array.from(bytes).buffer);
}

/** Status, protocol and start of the information of a frame of which `captured` bytes are there. */
function frameOf(bytes: Uint8Array, captured = bytes.length): readonly [number, number, number] {
  const out = new PppFrame();
  const status = decodePppFrame(view(bytes), 0, captured, bytes.length, out);
  return [status, out.protocol, status === PPP_OK ? out.information : -1];
}

function control(bytes: Uint8Array, captured = bytes.length, wire = bytes.length): ControlPacket {
  const out = new ControlPacket();
  expect(decodeControlPacket(view(bytes), 0, captured, wire, out)).toBe(PPP_OK);
  return out;
}

describe('PPP framing', () => {
  it.each([
    ['address and control', addressed(ppp(0xc021, u8(1))), [PPP_OK, 0xc021, 4]],
    ['none', ppp(0x8021, u8(1)), [PPP_OK, 0x8021, 2]],
    ['a compressed protocol', Uint8Array.of(0x21, 0x45), [PPP_OK, 0x21, 1]],
    ['address, then a compressed protocol', Uint8Array.of(0xff, 0x03, 0x3d, 0xc0), [PPP_OK, 0x3d, 3]],
    ['an even protocol', Uint8Array.of(0x80, 0x20), [PPP_MALFORMED, 0, -1]],
    ['another control field', Uint8Array.of(0xff, 0x13, 0xc0, 0x21), [PPP_MALFORMED, 0, -1]],
    ['nothing', new Uint8Array(0), [PPP_MALFORMED, 0, -1]],
  ] as const)('%s', (_name, bytes, expected) => {
    expect(frameOf(bytes)).toEqual(expected);
  });

  it('is cut before its protocol is there, and whole from then on', () => {
    const bytes = addressed(ppp(0xc021, Uint8Array.of(1, 2, 0, 4)));
    const statuses = Array.from(bytes, (_, captured) => frameOf(bytes, captured)[0]);
    expect(statuses).toEqual([PPP_CUT, PPP_CUT, PPP_CUT, PPP_CUT, PPP_OK, PPP_OK, PPP_OK, PPP_OK]);
  });

  it('tells control from data', () => {
    const protocols = [0x0021, 0x003d, 0x00fd, 0x7fff, 0x8021, 0x80fd, 0xc021, 0xc227];
    expect(protocols.map(isPppControl)).toEqual([false, false, false, false, true, true, true, true]);
  });

  it('finds a whole packet in a multilink fragment, of either header', () => {
    const whole = view(craft.multilink(7, ppp(0x8021, u8(1))).subarray(2));
    expect(multilinkPayload(whole, 0, 7, false)).toBe(4);
    expect(multilinkPayload(whole, 0, 3, false)).toBe(-1);
    expect(multilinkPayload(view(Uint8Array.of(0xc0, 1, 0x80, 0x21)), 0, 4, true)).toBe(2);
    expect(multilinkPayload(view(Uint8Array.of(0x80, 0, 0, 1, 0x80)), 0, 5, false)).toBe(-1);
  });
});

describe('PPP control packets', () => {
  const request = controlPacket(PPP_CODE.configureRequest, 9, [IPCP_OPTION.address('10.1.2.3')]);

  it('keeps captured and claimed end apart', () => {
    expect(control(request)).toMatchObject({ code: 1, identifier: 9, data: 4, end: 10, wireEnd: 10 });
    expect(control(request, 7)).toMatchObject({ data: 4, end: 7, wireEnd: 10 });
    expect(control(concat(request, new Uint8Array(20)))).toMatchObject({ end: 10, wireEnd: 10 });
  });

  it.each([
    ['a length below the header', Uint8Array.of(1, 1, 0, 3), 4, PPP_MALFORMED],
    ['a length beyond the frame', Uint8Array.of(1, 1, 0, 9), 4, PPP_MALFORMED],
    ['too short', Uint8Array.of(1, 1, 0), 3, PPP_MALFORMED],
    ['a header that was cut', request, 3, PPP_CUT],
  ])('%s', (_name, bytes, captured, expected) => {
    expect(decodeControlPacket(view(bytes), 0, captured, bytes.length, new ControlPacket())).toBe(expected);
  });

  it('reads the options of LCP', () => {
    const bytes = controlPacket(1, 1, [
      LCP_OPTION.maximumReceiveUnit(1500),
      LCP_OPTION.chap(0x81),
      LCP_OPTION.magic(0xdeadbeef),
      LCP_OPTION.callback(6),
      LCP_OPTION.maximumReconstructedUnit(1600),
      { type: 18, data: new Uint8Array(0) },
      LCP_OPTION.endpoint('ab'),
    ]);
    const out = new LcpOptions();
    expect(decodeLcpOptions(view(bytes), control(bytes), out)).toBe(PPP_OK);
    expect(out).toEqual({
      magic: 0xdeadbeef | 0,
      authentication: PPP_CHAP,
      callback: true,
      multilink: true,
      shortSequence: true,
      endpoint: '\u0001ab',
    });
    for (let captured = 4; captured < bytes.length; captured += 1)
      expect(decodeLcpOptions(view(bytes), control(bytes, captured), out)).toBe(PPP_CUT);
  });

  it('looks for one option, and says where it may be cut off', () => {
    const out = new ConfigureOption();
    const bytes = controlPacket(1, 1, [{ type: 2, data: u16(0x2d) }, IPCP_OPTION.address('10.1.2.3')]);
    expect(findOption(view(bytes), control(bytes), 3, out)).toBe(PPP_OK);
    expect(out).toEqual({ isThere: true, value: 0x0a010203 });
    expect(findOption(view(bytes), control(bytes), 129, out)).toBe(PPP_OK);
    expect(out).toEqual({ isThere: false, value: 0 });
    expect(findOption(view(bytes), control(bytes, 9), 3, out)).toBe(PPP_CUT);
    expect(out.isThere).toBe(false);
    const short = Uint8Array.of(1, 1, 0, 6, 3, 1);
    expect(findOption(view(short), control(short), 3, out)).toBe(PPP_MALFORMED);
  });

  it("reads the error number of a Microsoft stack's Terminate-Request", () => {
    const code = (data: Uint8Array, captured?: number): number => {
      const bytes = controlPacket(PPP_CODE.terminateRequest, 1, data);
      return terminateCode(view(bytes), control(bytes, captured));
    };
    expect(code(craft.terminateData(1, 717))).toBe(0x2cd);
    expect(code(craft.terminateData(1, 0))).toBe(0);
    expect(code(craft.terminateData(1, 717), 15)).toBe(-1);
    expect(code(concat(craft.terminateData(1, 717), u8(0)))).toBe(-1);
    expect(code(craft.ascii('User request'))).toBe(-1);
    expect(code(new Uint8Array(0))).toBe(-1);
  });

  it('names protocol and code', () => {
    expect(formatControl(0x8021, 2)).toBe('IPCP Configure-Ack');
    expect(formatControl(0x8053, 77)).toBe('PPP 8053 code 77');
  });
});

describe('PPP authentication', () => {
  const read = (
    protocol: number,
    bytes: Uint8Array,
    captured?: number,
  ): readonly [number, number, string] => {
    const out = new AuthPacket();
    const status = decodeAuth(view(bytes), protocol, control(bytes, captured), out);
    return [status, out.meaning, out.name];
  };
  const response = craft.chapValue('response', 1, new Uint8Array(49), 'anna');
  const identity = controlPacket(2, 1, concat(u8(1), craft.ascii('anna')));

  it.each([
    ['PAP request', PPP_PAP, craft.papRequest(1, 'anna', 'secret'), AUTH_NAME, 'anna'],
    ['PAP ack', PPP_PAP, craft.papResult(1, true), AUTH_SUCCESS, ''],
    ['PAP nak', PPP_PAP, craft.papResult(1, false), AUTH_FAILURE, ''],
    ['CHAP challenge', PPP_CHAP, craft.chapValue('challenge', 1, new Uint8Array(16), 'ras'), AUTH_OTHER, ''],
    ['CHAP response', PPP_CHAP, response, AUTH_NAME, 'anna'],
    ['CHAP success', PPP_CHAP, craft.chapResult(1, true, 'S=1'), AUTH_SUCCESS, ''],
    ['CHAP failure', PPP_CHAP, craft.chapResult(1, false), AUTH_FAILURE, ''],
    ['EAP identity', PPP_EAP, identity, AUTH_NAME, 'anna'],
    ['EAP success', PPP_EAP, controlPacket(3, 1), AUTH_SUCCESS, ''],
    ['EAP of another type', PPP_EAP, controlPacket(2, 1, Uint8Array.of(13, 0)), AUTH_OTHER, ''],
  ] as const)('%s', (_name, protocol, bytes, meaning, name) => {
    expect(read(protocol, bytes)).toEqual([PPP_OK, meaning, name]);
  });

  it('has no name where it was cut or lies', () => {
    expect(read(PPP_CHAP, response, response.length - 1)).toEqual([PPP_CUT, AUTH_NAME, '']);
    expect(read(PPP_PAP, craft.papRequest(1, 'anna', ''), 7)).toEqual([PPP_CUT, AUTH_NAME, '']);
    expect(read(PPP_PAP, controlPacket(1, 1, Uint8Array.of(200, 1, 2)))).toEqual([
      PPP_MALFORMED,
      AUTH_NAME,
      '',
    ]);
    expect(read(PPP_CHAP, controlPacket(2, 1, Uint8Array.of(200, 1, 2)))).toEqual([
      PPP_MALFORMED,
      AUTH_NAME,
      '',
    ]);
  });
});

describe('links that are PPP', () => {
  const A = new craft.Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
  const B = new craft.Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });
  const ip = new craft.Connection(A, B, { clientPort: 1060, serverPort: 80, clientIsn: 1, serverIsn: 2 })
    .data('client', 30)
    .subarray(14);
  const lcp = ppp(PPP_PROTOCOL.lcp, controlPacket(1, 1));
  const T = KIND_TRUNCATED;

  it.each<readonly [string, number, Uint8Array, ReadonlyArray<readonly [number, number]>]>([
    [
      'PPP, IPv4',
      9,
      addressed(ppp(0x21, ip)),
      [
        [0, T],
        [38, KIND_TCP],
      ],
    ],
    [
      'PPP, compressed protocol',
      9,
      concat(u8(0x21), ip),
      [
        [0, T],
        [35, KIND_TCP],
      ],
    ],
    [
      'PPP, LCP',
      9,
      addressed(lcp),
      [
        [0, T],
        [4, KIND_PPP],
      ],
    ],
    [
      'PPP, IPv6',
      9,
      ppp(0x57, new Uint8Array(4)),
      [
        [0, T],
        [2, KIND_IPV6],
      ],
    ],
    [
      'HDLC, LCP',
      50,
      addressed(lcp),
      [
        [0, T],
        [4, KIND_PPP],
      ],
    ],
    [
      'HDLC, Cisco IPv4',
      50,
      concat(Uint8Array.of(0x0f, 0), u16(0x0800), ip),
      [
        [0, T],
        [38, KIND_TCP],
      ],
    ],
    [
      'HDLC, Cisco keep-alive',
      50,
      concat(Uint8Array.of(0x8f, 0), u16(0x8035)),
      [
        [0, T],
        [4, KIND_OTHER],
      ],
    ],
    [
      'PPP, Cisco IPv4',
      9,
      concat(Uint8Array.of(0x0f, 0), u16(0x0800), ip),
      [
        [0, T],
        [1, KIND_PPP],
        [4, T],
        [38, KIND_TCP],
      ],
    ],
    [
      'PPP_WITH_DIR, LCP',
      204,
      directed('sent', addressed(lcp)),
      [
        [0, T],
        [5, KIND_PPP],
      ],
    ],
    [
      'PPP_PPPD, LCP',
      166,
      directed('received', lcp),
      [
        [0, T],
        [3, KIND_PPP],
      ],
    ],
    [
      'PPP_ETHER',
      51,
      concat(Uint8Array.of(0x11, 0), u16(7), u16(lcp.length), lcp),
      [
        [0, T],
        [6, KIND_LINK_TUNNEL],
      ],
    ],
  ])('%s', (_name, link, frame, kinds) => {
    expect(kindsByPrefix(frame, link)).toEqual(kinds);
    expect(isPppLink(link)).toBe(true);
  });

  it('is a tunnel with labels', () => {
    expect(decoded(addressed(ppp(0x0281, craft.u32(0x140))), { linkType: 9 }).kind).toBe(KIND_LINK_TUNNEL);
  });

  it('is malformed with a protocol number that cannot be', () => {
    expect(decoded(Uint8Array.of(0x80, 0x20, 0), { linkType: 9 }).kind).toBe(KIND_MALFORMED);
  });

  it('tells the direction where the link does', () => {
    const direction = (link: number, bytes: Uint8Array): number =>
      pppDirection(decoded(bytes, { linkType: link }));
    expect(direction(204, directed('sent', lcp))).toBe(1);
    expect(direction(204, directed('received', lcp))).toBe(0);
    expect(direction(166, directed('sent', lcp))).toBe(1);
    expect(direction(9, addressed(lcp))).toBe(-1);
    const packet = decoded(directed('sent', lcp), { linkType: 204 });
    expect([packet.sourceHigh, packet.destinationHigh, packet.network - packet.offset]).toEqual([-1, -1, 1]);
  });
});
