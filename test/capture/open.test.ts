import { execFileSync } from 'node:child_process';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { type CaptureInput, openCapture } from '../../src/capture/open.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ascii, concat, payload, pcap, SectionBuilder } from './build.ts';
import { drain } from './corpus.ts';
import { readBytes, readCapture, refusalOf } from './read.ts';

const packets = Array.from({ length: 4000 }, (_, i) => ({ seconds: i, data: payload(100 + (i % 900), i) }));
const plain = pcap(packets);
const folder = temporaryFolder();

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const errorOf = (input: CaptureInput, stdin?: NodeJS.ReadableStream): Promise<CaptureError> =>
  refusalOf(readCapture(input, stdin));

describe('sources give the same records', () => {
  it('file, gzip, gzip of several members, pipe, gzip in a pipe, FIFO', async () => {
    const { records: expected } = await readBytes(plain);
    expect(expected.length).toBe(packets.length);
    const half = Math.floor(plain.length / 2);
    const members = concat(gzipSync(plain.slice(0, half)), gzipSync(plain.slice(half)));
    const chunksOf = (bytes: Uint8Array, size: number) =>
      Readable.from(
        (function* () {
          for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.slice(at, at + size));
        })(),
      );

    const file = await readCapture(save('plain.pcap', plain));
    expect(file.records).toEqual(expected);
    expect(file.capture).toMatchObject({ compression: null, bytes: plain.length, progress: 1, damage: null });

    const zipped = await readCapture(save('plain.pcap.gz', gzipSync(plain)));
    expect(zipped.records).toEqual(expected);
    expect(zipped.capture).toMatchObject({ compression: 'gzip', damage: null });

    expect((await readCapture(save('members.gz', members))).records).toEqual(expected);
    expect((await readCapture('-', chunksOf(plain, 1000))).records).toEqual(expected);
    expect((await readCapture('-', chunksOf(plain, 3_000_000))).records).toEqual(expected);
    const piped = await readCapture('-', chunksOf(members, 777));
    expect(piped.records).toEqual(expected);
    expect(piped.capture).toMatchObject({ path: '-', compression: 'gzip', progress: null, damage: null });

    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reading = readCapture(fifo);
    createWriteStream(fifo).end(plain);
    expect((await reading).records).toEqual(expected);
  });

  it('gives a capture in a pipe before the pipe ends', async () => {
    const stdin = new Readable({ read() {} });
    stdin.push(pcap(packets.slice(0, 1)));
    const capture = await openCapture('-', { file: 0, interfaces: new InterfaceRegistry(), stdin });
    const first = new Promise<number>((resolve) => {
      void drain(capture, (record) => resolve(record.number)).then((count) => expect(count).toBe(1));
    });
    expect(await first).toBe(1);
    capture.close();
  });
});

describe('damaged gzip', () => {
  it('gives everything before the cut', async () => {
    const whole = gzipSync(plain);
    const { records: expected } = await readBytes(plain);
    let most = 0;
    for (const share of [0.2, 0.5, 0.8, 0.99]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      const { records, capture } = await readCapture(save('cut.gz', cut));
      expect(records).toEqual(expected.slice(0, records.length));
      expect(records.length).toBeGreaterThanOrEqual(most);
      most = records.length;
      expect(capture.damage?.code).toBe('bad-compression');
      const last = records[records.length - 1];
      expect(capture.damage?.offset).toBeGreaterThanOrEqual((last?.fileOffset ?? 0) + (last?.captured ?? 0));
    }
    expect(most).toBeGreaterThan(packets.length * 0.9);
    const trailer = await readCapture(save('trailer.gz', whole.subarray(0, -4)));
    expect(trailer.records).toEqual(expected);
    expect(trailer.capture.damage).toMatchObject({ code: 'bad-compression', offset: plain.length });
  });

  it('gives every record where only the checksum is wrong', async () => {
    const wrong = gzipSync(plain);
    const at = wrong.length - 8;
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    const { records, capture } = await readCapture(save('checksum.gz', wrong));
    expect(records.length).toBe(packets.length);
    expect(capture.damage).toMatchObject({ code: 'bad-compression', offset: plain.length });
  });

  it('says so where nothing can be unpacked', async () => {
    const whole = gzipSync(plain);
    for (const length of [2, 3, 9, 12])
      expect(await errorOf(save('short.gz', whole.subarray(0, length)))).toMatchObject({
        code: 'damaged-header',
      });
    const broken = concat(whole.subarray(0, 10), new Uint8Array(100).fill(0xff));
    expect(await errorOf(save('broken.gz', broken))).toMatchObject({ code: 'damaged-header' });
    expect(await errorOf(save('empty.gz', gzipSync(new Uint8Array())))).toMatchObject({ code: 'empty' });
  });
});

describe('what is no readable capture', () => {
  it('names paths that cannot be read', async () => {
    expect(await errorOf(join(folder, 'nothing.pcap'))).toMatchObject({ code: 'missing', offset: null });
    expect(await errorOf(join(save('file', plain), 'below'))).toMatchObject({ code: 'missing' });
    expect(await errorOf(folder)).toMatchObject({ code: 'directory' });
    expect(await errorOf('nul\0byte')).toMatchObject({ code: 'unreadable' });
    expect(await errorOf(save('nil', new Uint8Array()))).toMatchObject({ code: 'empty', offset: 0 });
    expect(await errorOf('/dev/null')).toMatchObject({ code: 'empty' });
    expect(await errorOf('-', Readable.from([]))).toMatchObject({ code: 'empty', path: '-' });
  });

  const formats: ReadonlyArray<readonly [name: RegExp, begin: string, hint: RegExp]> = [
    [/Sniffer/, 'TRSNIFF data    \x1a', /^Convert it first: editcap -F pcap in\.cap out\.pcap$/],
    [/NetXRay/, 'XCP\x00002.001', /editcap/],
    [/LANalyzer/, '\x01\x10\x4c\0', /editcap/],
    [/Visual/, '\x05VNF', /editcap/],
    [/5Views/, '\xaa\xaa\xaa\xaa', /editcap/],
    [/nettl/, 'TR\0d\0\0', /editcap -F pcap -T ether in\.cap out\.pcap/],
    [/iptrace/, 'iptrace 2.0', /editcap -F pcap -T ether/],
    [/pppd/, '\x07\x3b\x9a\xca\0\x01\0\x10\x7e\xff\x7d\x23', /editcap -F pcap in\.cap/],
    [/RADCOM/, '\x42\xd2\x00\x34\x12\x66\x22\x88', /editcap/],
    [/NetScaler/, '\0\0\0\0NetScaler', /nstrace/],
    [/Bluetooth/, 'btsnoop\0\0\0\0\x01', /no faults of networks/],
    [/Observer/, 'ObserverPktBufferVersion=15.00', /editcap/],
    [/K12 text/, '+---------+---------------+----------+\r\n', /editcap/],
    [/CommView/, '\xbd\x01\xbd\x01\0\xb2\x07\x01\x01\0\0\x36\x96\xd3\x09\0'.padEnd(40, '\0'), /editcap/],
    [
      /ERF/,
      `${'\0\0\0\0\0\0\0\0\x02\x04\0\x20\0\0\0\x10'.padEnd(32, 'x')}${'\0\0\0\0\x01\0\0\0\x02\x04\0\x20\0\0\0\x10'.padEnd(32, 'x')}`,
      /editcap/,
    ],
    [/ETL/, `\0\0\x01\0${'\0'.repeat(0x44)}\x02\0\x02\xc0`, /etl2pcapng in\.cap out\.pcapng/],
    [/xz/, '\xfd7zXZ\0\0\x04', /^Unpack it on the way: xz -dc in\.cap \| kbdiag analyze -$/],
    [/bzip2/, 'BZh91AY', /bzip2 -dc/],
    [/lz4/, '\x04\x22\x4d\x18', /lz4 -dc/],
  ];
  for (const [name, begin, hint] of formats) {
    it(`names ${name.source} and the command that converts it`, async () => {
      const error = await errorOf({ path: 'in.cap', bytes: ascii(begin) });
      expect(error.code).toBe('unsupported-format');
      expect(error.message).toMatch(name);
      expect(error.hint).toMatch(hint);
    });
  }

  it('quotes the path in the command', async () => {
    const error = await errorOf({ path: "it's a; file", bytes: ascii('XCP\0') });
    expect(error.hint).toBe("Convert it first: editcap -F pcap 'it'\\''s a; file' out.pcap");
  });

  const others: ReadonlyArray<readonly [name: RegExp, begin: string]> = [
    [/JPEG/, '\xff\xd8\xff\xe0\0\x10JFIF'],
    [/PNG/, '\x89PNG\r\n\x1a\n'],
    [/PDF/, '%PDF-1.7'],
    [/zip/, 'PK\x03\x04'],
    [/JSON/, '  {"packets": []}'],
    [/XML/, '<?xml version="1.0"?>'],
    [/text/, 'No.,Time,Source\n1,0.0,10.0.0.1\n'],
    [/fit no known format/, '\x01\x02\x03\x04\x05\0\0\0'],
    [/fit no known format/, '\xa1'],
  ];
  for (const [name, begin] of others) {
    it(`says that it is ${name.source}`, async () => {
      const error = await errorOf({ path: 'x', bytes: ascii(begin) });
      expect(error.code).toBe('not-a-capture');
      expect(error.message).toMatch(name);
    });
  }

  it('names a gzip in a gzip, and what is inside one', async () => {
    expect((await errorOf({ path: 'x', bytes: gzipSync(gzipSync(plain)) })).message).toMatch(
      /gzip-compressed twice/,
    );
    expect((await errorOf({ path: 'x', bytes: gzipSync(ascii('%PDF-1.7')) })).message).toMatch(/PDF/);
  });

  it('refuses other versions of pcapng, and one that a text transfer changed', async () => {
    const header = new SectionBuilder().header();
    const version2 = header.slice();
    version2[12] = 2;
    expect(await errorOf({ path: 'x', bytes: version2 })).toMatchObject({
      code: 'unsupported-format',
      offset: 12,
    });
    const mangled = concat(ascii('\r\n\r\n'), header.subarray(4));
    expect((await errorOf({ path: 'x', bytes: mangled })).message).toMatch(/transfer as text/);
  });
});
