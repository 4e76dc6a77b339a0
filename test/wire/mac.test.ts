import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatMac,
  isSharedMac,
  isStationMac,
  macFamily,
  macHigh,
  macLow,
  macNumber,
} from '../../src/wire/mac.ts';
import type { MacFamily } from '../../src/wire/mac.ts';

function mac(text: string): number {
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

/** Rules 0.3, row by row: first and last member of each range, and the addresses right beside it. */
const ROWS: ReadonlyArray<
  readonly [family: MacFamily, members: readonly string[], neighbours: readonly string[]]
> = [
  [
    'vrrp',
    ['00:00:5e:00:01:00', '00:00:5e:00:01:ff', '00:00:5e:00:02:00', '00:00:5e:00:02:ff'],
    ['00:00:5e:00:00:ff', '00:00:5e:00:03:00', '00:00:5e:01:01:01', '00:00:5d:00:01:01', '00:00:5f:00:01:01'],
  ],
  [
    'hsrp',
    ['00:00:0c:07:ac:00', '00:00:0c:07:ac:ff', '00:00:0c:9f:f0:00', '00:00:0c:9f:ff:ff'],
    [
      '00:00:0c:07:ab:ff',
      '00:00:0c:07:ad:00',
      '00:00:0c:06:ac:01',
      '00:00:0c:9f:ef:ff',
      '00:00:0c:a0:f0:00',
      '00:00:0b:07:ac:01',
    ],
  ],
  [
    'glbp',
    ['00:07:b4:00:00:00', '00:07:b4:00:ff:ff'],
    ['00:07:b4:01:00:00', '00:07:b3:00:00:00', '00:07:b5:00:00:00'],
  ],
  [
    'firewall-pair',
    [
      '00:09:0f:09:00:00',
      '00:09:0f:09:ff:ff',
      '00:1b:17:00:00:00',
      '00:1b:17:00:ff:ff',
      '00:10:db:ff:00:00',
      '00:10:db:ff:ff:ff',
    ],
    [
      '00:09:0f:08:ff:ff',
      '00:09:0f:0a:00:00',
      '00:1b:17:01:00:00',
      '00:1b:16:00:00:00',
      '00:10:db:fe:ff:ff',
      '00:10:dc:ff:00:00',
    ],
  ],
  [
    'anycast-gateway',
    [
      '44:38:39:ff:00:00',
      '44:38:39:ff:ff:ff',
      '00:1c:73:00:00:00',
      '00:1c:73:00:00:ff',
      '00:22:bd:f8:19:ff',
      '02:50:56:56:44:52',
    ],
    [
      '44:38:39:fe:ff:ff',
      '00:1c:73:00:01:00',
      '00:1c:73:01:00:00',
      '00:22:bd:f8:19:fe',
      '00:22:bd:f8:1a:00',
      '02:50:56:56:44:53',
    ],
  ],
  [
    'fabric',
    ['12:34:56:78:9a:bc', '42:01:00:00:00:00', '42:01:0a:00:00:05', '42:01:ff:ff:ff:ff', 'ee:ee:ee:ee:ee:ee'],
    ['12:34:56:78:9a:bd', '42:00:ff:ff:ff:ff', '42:02:00:00:00:00', 'ee:ee:ee:ee:ee:ef'],
  ],
  [
    'nlb-cluster',
    [
      '02:bf:00:00:00:00',
      '02:bf:0a:00:00:05',
      '02:bf:ff:ff:ff:ff',
      '03:bf:0a:00:00:05',
      '01:00:5e:7f:00:00',
      '01:00:5e:7f:ff:ff',
    ],
    [
      '02:be:ff:ff:ff:ff',
      '02:c0:00:00:00:00',
      '03:be:0a:00:00:05',
      '03:c0:0a:00:00:05',
      '01:00:5e:7e:ff:ff',
      '01:00:5e:80:00:00',
    ],
  ],
  [
    'nlb-masked',
    ['02:01:00:00:00:00', '02:01:0a:00:00:05', '02:20:ff:ff:ff:ff', '00:bf:0a:00:00:05'],
    ['02:00:ff:ff:ff:ff', '02:21:00:00:00:00', '00:be:ff:ff:ff:ff', '00:c0:00:00:00:00'],
  ],
  ['ras', ['52:41:53:00:00:00', '52:41:53:ff:ff:ff'], ['52:41:52:ff:ff:ff', '52:41:54:00:00:00']],
  // Containers and virtual machines are hosts like any other.
  [
    'station',
    [
      '02:42:0a:00:00:05',
      '0a:58:0a:00:00:05',
      '00:50:56:01:02:03',
      '00:0c:29:01:02:03',
      '00:05:69:01:02:03',
      '00:1c:14:01:02:03',
      '52:54:00:01:02:03',
      '00:15:5d:01:02:03',
      '00:16:3e:01:02:03',
      '06:11:22:33:44:55',
      '00:a0:c9:11:22:33',
    ],
    [],
  ],
];

describe('MAC families (rules 0.3)', () => {
  it.each(ROWS)('%s', (family, members, neighbours) => {
    for (const member of members) expect([member, macFamily(mac(member))]).toEqual([member, family]);
    for (const neighbour of neighbours)
      expect([neighbour, macFamily(mac(neighbour))]).not.toEqual([neighbour, family]);
  });

  it('takes several machines to stand behind the shared ones only', () => {
    const shared = new Set<MacFamily>([
      'vrrp',
      'hsrp',
      'glbp',
      'firewall-pair',
      'anycast-gateway',
      'fabric',
      'nlb-cluster',
    ]);
    for (const [family] of ROWS) expect([family, isSharedMac(family)]).toEqual([family, shared.has(family)]);
  });
});

describe('MAC addresses as numbers', () => {
  it('splits, joins and prints every address', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
        (high, low) => {
          const whole = macNumber(high, low);
          expect(macHigh(whole)).toBe(high);
          expect(macLow(whole)).toBe(low);
          expect(mac(formatMac(whole))).toBe(whole);
          expect(formatMac(whole)).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
        },
      ),
    );
  });

  it('knows stations from groups and from nobody', () => {
    expect(isStationMac(0)).toBe(false);
    expect(isStationMac(Number.NaN)).toBe(false);
    expect(isStationMac(mac('01:00:5e:00:00:01'))).toBe(false);
    expect(isStationMac(mac('ff:ff:ff:ff:ff:ff'))).toBe(false);
    expect(isStationMac(mac('03:bf:0a:00:00:05'))).toBe(false);
    expect(isStationMac(mac('00:00:00:00:00:01'))).toBe(true);
    expect(isStationMac(mac('02:00:00:00:00:00'))).toBe(true);
    expect(isStationMac(mac('fe:ff:ff:ff:ff:ff'))).toBe(true);
  });
});
