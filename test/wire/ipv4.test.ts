import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4, isHostAddress, isInitialTtl, parseIpv4 } from '../../src/wire/ipv4.ts';

describe('IPv4 addresses', () => {
  it('print and parse back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), (address) => {
        expect(parseIpv4(formatIpv4(address))).toBe(address);
      }),
    );
    expect(formatIpv4(parseIpv4('255.255.255.255'))).toBe('255.255.255.255');
    expect(parseIpv4('10.0.0.5')).toBe(0x0a000005);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.-4',
    '1.2.3.0x4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1..2.3',
    '1.2.3.1000',
    '1.2.3.1e1',
  ])('refuses %j', (text) => expect(parseIpv4(text)).toBeNaN());

  it.each([
    ['0.0.0.0', false],
    ['0.255.255.255', false],
    ['1.0.0.0', true],
    ['126.255.255.255', true],
    ['127.0.0.1', false],
    ['128.0.0.0', true],
    ['169.253.255.255', true],
    ['169.254.0.0', false],
    ['169.254.255.255', false],
    ['169.255.0.0', true],
    ['223.255.255.255', true],
    ['224.0.0.0', false],
    ['255.255.255.255', false],
  ])('%s names a host: %s', (text, isHost) => expect(isHostAddress(parseIpv4(text))).toBe(isHost));

  it.each([255, 128, 64, 60, 32, 30])('takes %d for a TTL that hosts start from', (ttl) => {
    expect(isInitialTtl(ttl)).toBe(true);
  });

  it.each([0, 1, 29, 31, 33, 59, 61, 63, 65, 127, 129, 254])(
    'takes %d for the TTL of a routed packet',
    (ttl) => {
      expect(isInitialTtl(ttl)).toBe(false);
    },
  );
});
