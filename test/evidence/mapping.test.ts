/** The mapping of redaction: against the published vectors of Crypto-PAn, and what it promises as properties. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressMap, isFixedAddress } from '../../src/evidence/redaction/address-map.ts';
import { CryptoPan } from '../../src/evidence/redaction/crypto-pan.ts';
import { fingerprintOf, formatKey, KeyError, makeKey, parseKey } from '../../src/evidence/redaction/key.ts';
import { Mapping } from '../../src/evidence/redaction/mapping.ts';
import { formatIpv4, parseIpv4 } from '../../src/wire/ipv4.ts';
import { formatMac, macFamily, macHigh, macLow, macNumber } from '../../src/wire/mac.ts';

/** Key and addresses of the sample that comes with the authors' implementation. */
const PUBLISHED_KEY = Uint8Array.of(
  ...[21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16],
  ...[216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2],
);
const PUBLISHED: ReadonlyArray<readonly [original: string, image: string]> = [
  ['128.11.68.132', '135.242.180.132'],
  ['129.118.74.4', '134.136.186.123'],
  ['130.132.252.244', '133.68.164.234'],
  ['141.223.7.43', '141.167.8.160'],
  ['141.233.145.108', '141.129.237.235'],
  ['152.163.225.39', '151.140.114.167'],
  ['156.29.3.236', '147.225.12.42'],
  ['165.247.96.84', '162.9.99.234'],
  ['166.107.77.190', '160.132.178.185'],
  ['192.102.249.13', '252.138.62.131'],
  ['195.205.63.100', '255.186.223.5'],
  ['198.200.171.101', '249.199.68.213'],
  ['204.29.20.4', '243.33.20.123'],
];

const KEY = Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) & 0xff);
const mapping = new Mapping(KEY);
const keeping = new Mapping(KEY, { keepVendor: true });

const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const octet = fc.integer({ min: 0, max: 255 });
const macs = fc.tuple(fc.integer({ min: 0, max: 0xffff }), int32).map(([high, low]) => macNumber(high, low));

const commonBits = (a: number, b: number): number => Math.clz32(a ^ b);
const parseMac = (text: string): number => Number.parseInt(text.replaceAll(':', ''), 16);
const mapText = (address: string): string => formatIpv4(mapping.address(parseIpv4(address)));
const mapMac = (text: string, by = mapping): string => formatMac(by.mac(parseMac(text)));

/** First addresses and prefix lengths of the ranges that mean something. */
const RANGES: ReadonlyArray<readonly [first: string, length: number]> = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 4],
  ['255.0.0.0', 8],
];
const rangeOf = (address: number): number =>
  RANGES.findIndex(([first, length]) => commonBits(parseIpv4(first), address) >= length);

describe('Crypto-PAn', () => {
  it.each(PUBLISHED)('maps %s to %s', (original, image) => {
    expect(formatIpv4(new CryptoPan(PUBLISHED_KEY).map(parseIpv4(original)))).toBe(image);
  });

  it('needs a key of 32 bytes', () => {
    expect(() => new CryptoPan(new Uint8Array(16))).toThrow(RangeError);
  });
});

describe('IPv4 addresses', () => {
  const nearby = fc.tuple(int32, fc.integer({ min: 0, max: 32 }), int32).map(([a, bits, other]) => {
    const rest = bits === 32 ? 0 : 0xffff_ffff >>> bits;
    return [a, (a & ~rest) | (other & rest)] as const;
  });

  it('share exactly the prefix that they shared', () => {
    fc.assert(
      fc.property(nearby, ([a, b]) => {
        const [imageA, imageB] = [mapping.address(a), mapping.address(b)];
        if (isFixedAddress(a) !== isFixedAddress(b) || !isFixedAddress(a))
          expect(commonBits(imageA, imageB)).toBe(commonBits(a, b));
      }),
      { numRuns: 3000 },
    );
  });

  it('stay in their range, and come into none', () => {
    const inRange = fc
      .tuple(fc.constantFrom(...RANGES), int32)
      .map(([[first, length], rest]) => parseIpv4(first) | (rest & (0xffff_ffff >>> length)));
    fc.assert(
      fc.property(fc.oneof(int32, inRange), (address) => {
        expect(rangeOf(mapping.address(address))).toBe(rangeOf(address));
      }),
      { numRuns: 3000 },
    );
  });

  it('are never themselves where they are mapped, and keep their place in a /24', () => {
    fc.assert(
      fc.property(int32, (address) => {
        const image = mapping.address(address);
        expect(image === address).toBe(isFixedAddress(address));
        expect(image & 0xff).toBe(address & 0xff);
      }),
    );
  });

  it('are permuted: no two halves have one image', () => {
    const upper = new Set<number>();
    for (let half = 0; half < 0x1_0000; half += 1) upper.add(mapping.address(half << 16) >>> 16);
    expect(upper.size).toBe(0x1_0000);
    const map = new AddressMap(KEY);
    expect(new Set(Array.from({ length: 256 }, (_, third) => map.mapThirdOctet(third))).size).toBe(256);
  });

  it.each([
    '0.0.0.0',
    '127.0.0.1',
    '169.254.7.9',
    '224.0.0.251',
    '239.255.255.250',
    '255.255.255.0',
    '255.255.255.254',
    '255.255.255.255',
  ])('%s means the same everywhere', (address) => {
    expect(mapText(address)).toBe(address);
  });

  it('depend on the key', () => {
    const other = new Mapping(KEY.with(0, 1));
    expect(other.address(parseIpv4('10.1.2.3'))).not.toBe(mapping.address(parseIpv4('10.1.2.3')));
    expect(new Mapping(KEY).address(parseIpv4('10.1.2.3'))).toBe(mapping.address(parseIpv4('10.1.2.3')));
    expect(other.fingerprint).not.toBe(mapping.fingerprint);
  });
});

describe('MAC addresses', () => {
  const SHARED = [
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '00:00:5e:00:01:07',
    '00:00:5e:00:02:07',
    '00:00:0c:07:ac:01',
    '00:00:0c:9f:f0:01',
    '00:07:b4:00:01:02',
    '00:09:0f:09:00:01',
    '00:1b:17:00:01:10',
    '00:10:db:ff:10:01',
    '44:38:39:ff:00:01',
    '00:1c:73:00:00:99',
    '00:22:bd:f8:19:ff',
    '02:50:56:56:44:52',
    '12:34:56:78:9a:bc',
    'ee:ee:ee:ee:ee:ee',
    '01:80:c2:00:00:00',
    '01:00:5e:00:00:fb',
    '33:33:00:00:00:01',
  ];

  it.each(SHARED)('%s is no station and stays', (mac) => {
    expect([mapMac(mac), mapMac(mac, keeping)]).toEqual([mac, mac]);
  });

  it('keep their family, group and local bits, and never stay', () => {
    fc.assert(
      fc.property(macs, fc.boolean(), (mac, keepsVendor) => {
        const image = (keepsVendor ? keeping : mapping).mac(mac);
        expect(macFamily(image)).toBe(macFamily(mac));
        expect(macHigh(image) & 0x0300).toBe(macHigh(mac) & 0x0300);
        if (macFamily(mac) === 'station' && (macHigh(mac) & 0x0100) === 0) expect(image).not.toBe(mac);
      }),
      { numRuns: 2000 },
    );
  });

  it('are permuted, four shared bytes and three shared bytes as such', () => {
    fc.assert(
      fc.property(fc.uniqueArray(macs, { maxLength: 50 }), octet, octet, (several, fourth, last) => {
        const near = several.flatMap((mac) => {
          const vendor = Math.floor(mac / 0x100_0000) * 0x100_0000;
          return [mac, vendor + fourth * 0x1_0000 + last, vendor + fourth * 0x1_0000 + ((last + 1) & 0xff)];
        });
        const distinct = [...new Set(near)];
        expect(new Set(distinct.map((mac) => mapping.mac(mac))).size).toBe(distinct.length);
      }),
    );
    const [a, b, c] = ['00:60:97:11:22:33', '00:60:97:11:44:55', '00:60:97:12:22:33'].map((mac) =>
      mapMac(mac),
    );
    expect(a?.slice(0, 11)).toBe(b?.slice(0, 11));
    expect(a?.slice(0, 8)).toBe(c?.slice(0, 8));
    expect(a?.slice(9, 11)).not.toBe(c?.slice(9, 11));
    expect(a?.slice(0, 8)).not.toBe('00:60:97');
    expect(mapMac('00:60:97:11:22:33', keeping).slice(0, 8)).toBe('00:60:97');
  });

  it.each(['02:bf', '03:bf', '00:bf', '02:01', '02:20', '02:42', '0a:58', '42:01'])(
    '%s follows the address it holds',
    (prefix) => {
      const holder = (address: number): number => macNumber(parseMac(prefix), address);
      fc.assert(
        fc.property(int32, (address) => {
          const first = address >>> 24;
          fc.pre(first !== 0 && first !== 127 && first < 224);
          expect(mapping.mac(holder(address))).toBe(holder(mapping.address(address)));
        }),
      );
    },
  );

  it('of a cluster in IGMP mode follow the lower half of its address', () => {
    fc.assert(
      fc.property(int32, (address) => {
        fc.pre(!isFixedAddress(address));
        const mac = (of: number): number => macNumber(0x0100, 0x5e7f0000 | (of & 0xffff));
        expect(mapping.mac(mac(address))).toBe(mac(mapping.address(address)));
      }),
    );
  });

  it('of pool leases keep their prefix, solicited-node groups theirs', () => {
    expect(mapMac('52:41:53:00:00:01')).toMatch(/^52:41:53:/);
    expect(mapMac('52:41:53:00:00:01')).not.toBe('52:41:53:00:00:01');
    expect(mapMac('33:33:ff:11:22:33')).toMatch(/^33:33:ff:/);
    expect(mapMac('33:33:ff:11:22:33')).not.toBe('33:33:ff:11:22:33');
  });

  it('with the first bytes of a masked cluster and no address behind are mapped all the same', () => {
    const image = mapMac('02:05:e1:22:33:44');
    expect(image).toMatch(/^02:05:e1:/);
    expect(image).not.toBe('02:05:e1:22:33:44');
    expect(macLow(parseMac(image))).not.toBe(macLow(parseMac('02:05:e1:22:33:44')));
  });
});

describe('names', () => {
  const map = (name: string): string => mapping.names.map(name);
  const shapeOf = (name: string): string =>
    name.replaceAll(/[A-Z]/g, 'A').replaceAll(/[a-z]/g, 'a').replaceAll(/\d/g, '0');
  const word = fc.stringMatching(/^[A-Za-z0-9]{1,16}$/);

  it('keep their shape and never a word', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const name = words.join('.');
        const image = map(name);
        expect(shapeOf(image)).toBe(shapeOf(name));
        for (const [at, part] of image.split('.').entries())
          expect(part.toLowerCase()).not.toBe(words[at]?.toLowerCase());
      }),
    );
  });

  it('are permuted, whatever their case', () => {
    const words = Array.from({ length: 26 * 26 }, (_, at) =>
      String.fromCharCode(97 + Math.floor(at / 26), 97 + (at % 26)),
    );
    expect(new Set(words.map(map)).size).toBe(words.length);
    fc.assert(
      fc.property(fc.uniqueArray(word, { selector: (name) => name.toLowerCase() }), (names) => {
        expect(new Set(names.map((name) => map(name).toLowerCase())).size).toBe(names.length);
        for (const name of names) expect(map(name.toUpperCase())).toBe(map(name).toUpperCase());
      }),
    );
  });

  it('agree in their parts', () => {
    const [host, ...domain] = map('WS12.corp.example').split('.');
    expect(host).toBe(map('WS12'));
    expect(domain.join('.')).toBe(map('corp.example'));
    expect(map('CORP\\jdoe')).toBe(`${map('CORP')}\\${map('jdoe')}`);
    expect(map('jdoe@corp.example')).toBe(`${map('jdoe')}@${map('corp.example')}`);
  });

  it('in packets are those in reports', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (name) => {
        fc.pre(!/\p{Cs}/u.test(name));
        const bytes = new TextEncoder().encode(name);
        const before = bytes.length;
        mapping.names.mapBytes(bytes);
        expect(bytes.length).toBe(before);
        expect(Buffer.from(bytes).toString('latin1')).toBe(map(name));
      }),
    );
  });

  it('of other alphabets become letters', () => {
    expect(map('Müller')).toMatch(/^[A-Z][a-z]{6}$/);
    expect(map('日本')).toMatch(/^[a-z]{6}$/);
    expect(map('ÄRGER').toLowerCase()).toBe(map('Ärger').toLowerCase());
  });

  it('that are MAC addresses follow those', () => {
    expect(map('00-60-97-11-22-33')).toBe(mapMac('00:60:97:11:22:33').replaceAll(':', '-'));
    expect(map('00:60:97:AA:22:33')).toBe(mapMac('00:60:97:aa:22:33').toUpperCase());
  });

  it('hold no control characters afterwards, except the zero behind them', () => {
    expect(map('\u001b[31m\u0000')).toMatch(/^_\[\d\d[a-z]\0$/);
  });

  it('of files keep folders apart and what says how to read them', () => {
    const image = mapping.names.mapPath('../customer-x/Trace 1.pcapng.gz');
    expect(image).toMatch(/^\.\.\/[a-z]{8}-[a-z]\/[A-Z][a-z]{4} \d\.pcapng\.gz$/);
    expect(image).not.toContain('customer');
    expect(mapping.names.mapPath('-')).toBe('-');
  });

  it.each(['eth0', 'any', 'lo', 'wlan1', 'enp3s0', 'lan0'])(
    'of the interface %s, which all have, stay',
    (name) => {
      expect(mapping.names.mapInterface(name)).toBe(name);
    },
  );

  it('of other interfaces do not', () => {
    expect(mapping.names.mapInterface('acme-uplink')).toMatch(/^[a-z]{4}-[a-z]{6}$/);
    expect(mapping.names.mapInterface('acme-uplink')).not.toContain('acme');
  });

  it('of any length are mapped in time', () => {
    expect(map('a'.repeat(65_536))).toMatch(/^[a-z]{65536}$/);
  });
});

describe('identifiers', () => {
  it('are permuted and never stay', () => {
    const seen = new Set<string>();
    for (let value = 0; value < 0x1_0000; value += 97) {
      const bytes = Uint8Array.of(value >>> 8, value & 0xff);
      mapping.identifier(bytes);
      expect((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)).not.toBe(value);
      seen.add(bytes.join());
    }
    expect(seen.size).toBe(Math.ceil(0x1_0000 / 97));
    const none = new Uint8Array(0);
    mapping.identifier(none);
    expect(none).toHaveLength(0);
  });
});

describe('keys', () => {
  it('are bytes, or their hex digits', () => {
    expect(parseKey(KEY)).toEqual(KEY);
    expect(parseKey(Buffer.from(`${formatKey(KEY)}\n`))).toEqual(KEY);
    expect(parseKey(Buffer.from(formatKey(KEY).replaceAll(/.{16}/g, '$& \n').toUpperCase()))).toEqual(KEY);
    expect(makeKey()).toHaveLength(32);
    expect(fingerprintOf(KEY)).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each([
    [new Uint8Array(0), 'it has 0 bytes'],
    [KEY.subarray(1), 'it has 31 bytes'],
    [Buffer.from('ab'.repeat(31)), 'it holds 62 hex digits'],
    [Buffer.from(`${'ab'.repeat(32)}c`), 'odd number'],
    [new Uint8Array(70_000), 'it has 70000 bytes'],
  ])('that are none are refused (%#)', (content, message) => {
    expect(() => parseKey(content)).toThrow(KeyError);
    expect(() => parseKey(content)).toThrow(message);
  });
});
