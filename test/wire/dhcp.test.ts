/** DHCP: round trips, the status of every prefix, overload and long options, and lengths that lie. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, DHCP_OPTION, dhcp, hardwareClientId, splitDhcpOption } from '../../samples/craft/index.ts';
import type { DhcpFields } from '../../samples/craft/index.ts';
import {
  DHCP_CUT,
  DHCP_MALFORMED,
  DHCP_OK,
  DhcpMessage,
  formatDhcp,
  INFINITE_LEASE,
} from '../../src/wire/dhcp.ts';
import { formatIpv4, parseIpv4 } from '../../src/wire/ipv4.ts';
import { formatMac } from '../../src/wire/mac.ts';

const MARGIN = 64;
const BASE: DhcpFields = { operation: 2, xid: 0x11223344, chaddr: '00:a0:c9:11:22:33', options: [] };

function read(
  bytes: Uint8Array,
  { captured = bytes.length, wire = bytes.length, poison = 0 } = {},
  message = new DhcpMessage(),
): { status: number; message: DhcpMessage } {
  const buffer = new Uint8Array(bytes.length + 2 * MARGIN).fill(poison);
  buffer.set(bytes.subarray(0, captured), MARGIN);
  const status = message.decode(new DataView(buffer.buffer), MARGIN, MARGIN + captured, MARGIN + wire);
  return { status, message };
}

function fieldsOf(message: DhcpMessage): Record<string, unknown> {
  return Object.fromEntries(Object.entries(message));
}

const ACK = dhcp({
  ...BASE,
  yiaddr: '10.0.0.77',
  options: [
    DHCP_OPTION.messageType(5),
    DHCP_OPTION.leaseTime(120),
    DHCP_OPTION.serverIdentifier('10.0.0.1'),
    DHCP_OPTION.clientIdentifier(hardwareClientId(BASE.chaddr)),
  ],
});
const OPTION_BYTES = 3 + 6 + 6 + 9;

describe('DHCP messages', () => {
  it('have an exact status for every prefix that was cut', () => {
    for (let captured = 0; captured <= ACK.length; captured += 1) {
      const { status } = read(ACK, { captured, poison: 0xff });
      // Behind the end option nothing matters.
      expect([captured, status]).toEqual([captured, captured < 240 + OPTION_BYTES + 1 ? DHCP_CUT : DHCP_OK]);
    }
  });

  it('have an exact status for every prefix that was all of the message', () => {
    const boundaries = new Set([240, 243, 249, 255, 264]);
    for (let length = 0; length <= ACK.length; length += 1) {
      const { status, message } = read(ACK, { captured: length, wire: length, poison: 0xff });
      const isWhole = length >= 44 && (length <= 240 || boundaries.has(length) || length > 264);
      expect([length, status]).toEqual([length, isWhole ? DHCP_OK : DHCP_MALFORMED]);
      // A message without options is BOOTP.
      if (length <= 240) expect(message.type).toBe(0);
    }
  });

  it('say nothing of options that were cut', () => {
    const { message } = read(ACK, { captured: 255, poison: 0xff });
    expect([message.type, message.leaseSeconds, message.serverId]).toEqual([0, -1, 0]);
    expect([formatMac(message.chaddr), formatIpv4(message.yiaddr)]).toEqual([
      '00:a0:c9:11:22:33',
      '10.0.0.77',
    ]);
  });

  it('give back every field that was encoded', () => {
    const address = fc.integer({ min: 1, max: 0x7fff_ffff }).map(formatIpv4);
    const seconds = fc.integer({ min: 1, max: 0xffff_ffff });
    const id = fc.uint8Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        address,
        address,
        address,
        address,
        address,
        seconds,
        seconds,
        seconds,
        id,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (ciaddr, yiaddr, giaddr, server, requested, lease, t1, t2, clientId, type, xid) => {
          const options = [
            DHCP_OPTION.messageType(type),
            DHCP_OPTION.leaseTime(lease),
            DHCP_OPTION.renewalTime(t1),
            DHCP_OPTION.rebindingTime(t2),
            DHCP_OPTION.serverIdentifier(server),
            DHCP_OPTION.requestedAddress(requested),
            DHCP_OPTION.clientIdentifier(clientId),
          ];
          const { status, message } = read(dhcp({ ...BASE, xid, ciaddr, yiaddr, giaddr, options }), {
            poison: 0xc3,
          });
          expect(status).toBe(DHCP_OK);
          expect(fieldsOf(message)).toEqual({
            operation: 2,
            hardwareType: 1,
            xid: xid | 0,
            ciaddr: parseIpv4(ciaddr),
            yiaddr: parseIpv4(yiaddr),
            giaddr: parseIpv4(giaddr),
            chaddr: 0x00a0c9112233,
            type,
            requestedAddress: parseIpv4(requested),
            serverId: parseIpv4(server),
            leaseSeconds: lease,
            t1Seconds: t1,
            t2Seconds: t2,
            clientId: Buffer.from(clientId).toString('hex'),
            rapidCommit: false,
            ipv6Only: false,
            asksIpv6Only: false,
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keep nothing of the message before', () => {
    const message = new DhcpMessage();
    read(ACK, {}, message);
    read(dhcp({ ...BASE, options: [] }), {}, message);
    expect(message).toMatchObject({ type: 0, leaseSeconds: -1, serverId: 0, clientId: '' });
  });

  it('read options in file and sname where option 52 says so, in the order options, file, sname', () => {
    const id = DHCP_OPTION.clientIdentifier(Uint8Array.of(1, 2, 3, 4, 5, 6));
    const [first, second] = splitDhcpOption(id, 2) as [typeof id, typeof id];
    const [third, fourth] = splitDhcpOption(second, 2) as [typeof id, typeof id];
    const overload = {
      file: [third, DHCP_OPTION.leaseTime(60)],
      sname: [fourth, DHCP_OPTION.serverIdentifier('10.0.0.1')],
    };
    const both = dhcp({ ...BASE, options: [DHCP_OPTION.messageType(5), first], overload });
    const { status, message } = read(both);
    expect(status).toBe(DHCP_OK);
    expect(message).toMatchObject({
      type: 5,
      leaseSeconds: 60,
      serverId: 0x0a000001,
      clientId: '010203040506',
    });
    // The same bytes in file and sname without option 52 are a boot file and a server name.
    const plain = Uint8Array.from(both);
    plain[240 + 3] = 200;
    expect(read(plain).message).toMatchObject({ type: 5, leaseSeconds: -1, serverId: 0, clientId: '0102' });
    for (const [value, expected] of [
      [1, [60, 0]],
      [2, [-1, 0x0a000001]],
      [4, [-1, 0]],
    ] as const) {
      const partly = Uint8Array.from(both);
      partly[240 + 5] = value;
      const other = read(partly).message;
      expect([value, other.leaseSeconds, other.serverId]).toEqual([value, ...expected]);
    }
  });

  it('join an option that occurs again (RFC 3396)', () => {
    const id = Uint8Array.from({ length: 250 }, (_, at) => at);
    const parts = splitDhcpOption(DHCP_OPTION.clientIdentifier(id), 100);
    const { message } = read(
      dhcp({
        ...BASE,
        options: [
          DHCP_OPTION.messageType(1),
          parts[0] as (typeof parts)[0],
          DHCP_OPTION.leaseTime(9),
          parts[1] as (typeof parts)[0],
        ],
      }),
    );
    expect(message).toMatchObject({ type: 1, leaseSeconds: 9, clientId: Buffer.from(id).toString('hex') });
    const lease = splitDhcpOption(DHCP_OPTION.leaseTime(0x01020304), 1);
    expect(read(dhcp({ ...BASE, options: lease })).message.leaseSeconds).toBe(0x01020304);
  });

  it('hold no more than 512 bytes of one option', () => {
    const part = { code: 61, data: new Uint8Array(255).fill(7) };
    const { status, message } = read(dhcp({ ...BASE, options: [part, part, part] }));
    expect([status, message.clientId.length]).toEqual([DHCP_OK, 1024]);
  });

  it('refuse numbers of another length, and leases of no time', () => {
    const odd = [
      { code: 53, data: Uint8Array.of(5, 5) },
      { code: 51, data: Uint8Array.of(1, 2, 3) },
      { code: 54, data: Uint8Array.of(10, 0, 0, 1, 10, 0, 0, 2) },
      { code: 50, data: new Uint8Array(0) },
    ];
    expect(read(dhcp({ ...BASE, options: odd })).message).toMatchObject({
      type: 0,
      leaseSeconds: -1,
      serverId: 0,
      requestedAddress: 0,
    });
    expect(read(dhcp({ ...BASE, options: [DHCP_OPTION.leaseTime(0)] })).message.leaseSeconds).toBe(-1);
    expect(
      read(dhcp({ ...BASE, options: [DHCP_OPTION.leaseTime(INFINITE_LEASE)] })).message.leaseSeconds,
    ).toBe(INFINITE_LEASE);
  });

  it('know rapid commit and the preference for IPv6 only', () => {
    const { message } = read(
      dhcp({
        ...BASE,
        options: [
          DHCP_OPTION.rapidCommit,
          DHCP_OPTION.ipv6OnlyPreferred(300),
          DHCP_OPTION.parameterRequestList([1, 108, 3]),
        ],
      }),
    );
    expect(message).toMatchObject({ rapidCommit: true, ipv6Only: true, asksIpv6Only: true });
    expect(
      read(dhcp({ ...BASE, options: [DHCP_OPTION.parameterRequestList([1, 3])] })).message,
    ).toMatchObject({ rapidCommit: false, ipv6Only: false, asksIpv6Only: false });
  });

  it('do not trust hlen, the operation, or the cookie', () => {
    const withByte = (offset: number, value: number): Uint8Array => {
      const bytes = Uint8Array.from(ACK);
      bytes[offset] = value;
      return bytes;
    };
    expect(read(withByte(2, 16)).message.chaddr).toBeNaN();
    expect(read(withByte(2, 0)).message.chaddr).toBeNaN();
    expect(read(withByte(2, 16)).status).toBe(DHCP_OK);
    expect(read(withByte(2, 17)).status).toBe(DHCP_MALFORMED);
    expect(read(withByte(0, 0)).status).toBe(DHCP_MALFORMED);
    expect(read(withByte(0, 3)).status).toBe(DHCP_MALFORMED);
    expect(read(withByte(236, 0)).message.type).toBe(0);
    expect(read(withByte(236, 0)).status).toBe(DHCP_OK);
  });

  it('may lack the end option, but no option may run past the end', () => {
    const open = ACK.subarray(0, 240 + OPTION_BYTES);
    expect(read(open).status).toBe(DHCP_OK);
    expect(read(open).message.type).toBe(5);
    const overrun = Uint8Array.from(open);
    overrun[240 + 3 + 1] = 255;
    expect(read(overrun).status).toBe(DHCP_MALFORMED);
    expect(read(overrun, { wire: overrun.length + 400 }).status).toBe(DHCP_CUT);
    expect(read(concat(open.subarray(0, 249), Uint8Array.of(61))).status).toBe(DHCP_MALFORMED);
  });

  it('never throw, and never read past the captured end', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      // A message whose options are noise.
      fc.uint8Array({ maxLength: 200 }).map((noise) => concat(ACK.subarray(0, 240), noise)),
    );
    fc.assert(
      fc.property(bytes, fc.nat(40), (body, missing) => {
        const wire = body.length + missing;
        const one = read(body, { wire, poison: 0 });
        const other = read(body, { wire, poison: 0xff });
        expect(other.status).toBe(one.status);
        expect(fieldsOf(other.message)).toEqual(fieldsOf(one.message));
        expect(formatDhcp(one.message)).not.toBe('');
      }),
    );
  });

  it('read as one line', () => {
    expect(formatDhcp(read(ACK).message)).toBe('DHCP ACK, for 10.0.0.77, server 10.0.0.1, lease 120 s');
    expect(formatDhcp(read(dhcp({ ...BASE, options: [DHCP_OPTION.messageType(250)] })).message)).toBe(
      'DHCP type 250',
    );
  });
});
