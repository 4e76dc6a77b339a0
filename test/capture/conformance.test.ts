/** Real captures read as tshark reads them, and the classic ones as pcap-parser does. */
import { describe, expect, it } from 'vitest';
import { parse } from 'pcap-parser';
import { CaptureError } from '../../src/capture/errors.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openCapture } from '../../src/capture/open.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { CAPTURE_FORMATS, type CorpusRow, drain, limitConcurrency, outputOf, readCatalog } from './corpus.ts';

/** Variants beyond the formats that have to be read; they are. */
const VARIANT_FORMATS = new Set(['rh6_1pcap', 'suse6_3pcap', 'nokiapcap']);

/** Names that are no capture to any tool or are damaged from the first block on, and what we say instead of capinfos. */
const WITHOUT_FORMAT: ReadonlyMap<string, string> = new Map([
  ['_derived/dupip.trunc-hdr.pcap', 'damaged-header'],
  ['_derived/httpget.bfr', 'unsupported-format'],
  ['_derived/nb6.hugecaplen.pcap', 'damaged'],
  ['_derived/nb6.ng-noidb.pcapng', 'damaged'],
  ['b401dcbab9ef8e83dce3fba106d4b536a2cd0f30', 'damaged'],
  ['8_oracle11_2016.pcapng.xz', 'unsupported-format'],
  ['rtsp_setup_http.pcapng', 'not-a-capture'],
  // Its only odd length is 139: Wireshark 4.0 rounds the first and not the second, and stops.
  ['test007.ntar', 'readable'],
  ['dictionary.apc', 'not-a-capture'],
  // Twelve bytes of a pcapng section header, taken for JSON and MIME by their brackets.
  ['a965003012dc9ed6060b53a0d6b1fdc26520ad16', 'damaged-header'],
  ['def06ed67a3260aac6556345fc2a6cba36a8ec39', 'damaged-header'],
  // A pcapng whose line ends and high bytes a text transfer replaced.
  ['dhcp_big_endian.pcapng', 'damaged-header'],
]);

/** Where pcap-parser gives up, stops early or cannot take the file: microseconds and version 2.4 only. */
const PCAP_PARSER_LIMIT_MILLIS = 20_000;

const rows = readCatalog();
const hasPeers = rows.length > 0 && hasPeer('tshark');
const atMostTwo = limitConcurrency(2);

interface Packet {
  readonly number: number;
  readonly time: string;
  readonly captured: number;
  readonly original: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly sum: number;
}

async function readOurs(row: CorpusRow) {
  const capture = await openCapture(row.file, { file: 0, interfaces: new InterfaceRegistry() });
  const packets: Packet[] = [];
  await drain(capture, (record) => {
    let sum = 0;
    for (let i = 0; i < record.capturedLength; i++)
      sum = (sum * 31 + record.view.getUint8(record.offset + i)) | 0;
    packets.push({
      number: record.number,
      time: record.hasTime ? `${record.seconds}.${String(record.nanos).padStart(9, '0')}` : '',
      captured: record.capturedLength,
      original: record.originalLength,
      seconds: record.seconds,
      nanos: record.nanos,
      sum,
    });
  });
  capture.close();
  return { capture, packets };
}

/** Number and time of each frame that is a packet; custom blocks are frames to tshark as well. */
async function readTshark(row: CorpusRow): Promise<ReadonlyMap<number, string>> {
  const fields = ['-e', 'frame.number', '-e', 'frame.time_epoch', '-e', 'frame.protocols'];
  const output = await outputOf('tshark', ['-n', '-r', row.file, '-T', 'fields', ...fields]);
  const frames = new Map<number, string>();
  for (const line of output.split('\n')) {
    const [number = '', time = '', protocols = ''] = line.split('\t');
    // A custom block shows as bare data without a time.
    const isBlock = time === '' && protocols === 'data';
    if (number !== '' && !isBlock) frames.set(Number(number), time);
  }
  return frames;
}

/** tshark keeps a fraction above a second as it is, in 32 bits: more than nine digits, or a negative number. */
const isRegularTime = (time: string): boolean => time === '' || /^\d+\.\d{9}$/.test(time);

function nameOf(row: CorpusRow): string {
  return row.path.length > 90 ? `…${row.path.slice(-90)}` : row.path;
}

describe('peers', () => {
  it.runIf(arePeersRequired)('are there: tshark and the corpus', () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(hasPeer('tshark')).toBe(true);
  });
});

describe.skipIf(!hasPeers)('corpus: frames and times equal tshark', () => {
  const readable = rows.filter((row) => CAPTURE_FORMATS.has(row.format));
  it.concurrent.each(readable.map((row) => [nameOf(row), row] as const))(
    '%s',
    (_name, row) =>
      atMostTwo(async () => {
        const [ours, frames] = await Promise.all([readOurs(row), readTshark(row)]);
        expect(ours.packets.map((packet) => packet.number)).toEqual([...frames.keys()]);
        expect(ours.packets.length).toBeGreaterThanOrEqual(row.packets);
        let irregular = 0;
        for (const packet of ours.packets) {
          const theirs = frames.get(packet.number) ?? 'none';
          if (isRegularTime(theirs))
            expect(`${packet.number} ${packet.time}`).toBe(`${packet.number} ${theirs}`);
          else irregular++;
        }
        // Every time that tshark cannot show is one whose carried fraction we report.
        expect(ours.capture.oddities.get('time-fraction') ?? 0).toBe(irregular);
        expect(ours.capture.damage === null).toBe(row.capinfosStatus === 0);
      }),
    60_000,
  );
});

describe.skipIf(!hasPeers)('corpus: variants of pcap', () => {
  const variants = rows.filter((row) => VARIANT_FORMATS.has(row.format));
  it.each(variants.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    const [ours, frames] = await Promise.all([readOurs(row), readTshark(row)]);
    expect(ours.packets.length).toBeGreaterThanOrEqual(frames.size);
    if (row.capinfosStatus !== 0) return;
    expect(ours.packets.map((packet) => packet.time)).toEqual([...frames.values()]);
    expect(ours.capture.damage).toBeNull();
  });
});

describe.skipIf(rows.length === 0)('corpus: everything else is named', () => {
  const others = rows.filter((row) => !CAPTURE_FORMATS.has(row.format) && !VARIANT_FORMATS.has(row.format));
  it.each(others.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    const known = [...WITHOUT_FORMAT].find(([end]) => row.path.endsWith(end));
    const expected = known?.[1] ?? 'unsupported-format';
    if (expected === 'damaged' || expected === 'readable') {
      const { capture } = await readOurs(row);
      expect(capture.damage === null).toBe(expected === 'readable');
      return;
    }
    const error: unknown = await readOurs(row).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CaptureError);
    if (!(error instanceof CaptureError)) return;
    expect(error.code).toBe(expected);
    expect(error.hint).not.toBe('');
  });
});

interface ParserPacket {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Uint8Array;
}

function readPcapParser(file: string): Promise<Omit<Packet, 'number' | 'time'>[]> {
  return new Promise((resolve, reject) => {
    const packets: Omit<Packet, 'number' | 'time'>[] = [];
    const parser = parse(file);
    parser.on('packet', ({ header, data }: ParserPacket) => {
      let sum = 0;
      for (const byte of data) sum = (sum * 31 + byte) | 0;
      packets.push({
        captured: header.capturedLength,
        original: header.originalLength,
        seconds: header.timestampSeconds,
        nanos: header.timestampMicroseconds * 1000,
        sum,
      });
    });
    parser.on('end', () => resolve(packets));
    parser.on('error', reject);
  });
}

describe.skipIf(rows.length === 0)('corpus: classic records equal pcap-parser', () => {
  // It reads no gzip, and neither knows old versions nor carried fractions; damaged files are compared with tshark.
  const classic = rows.filter((row) => row.format === 'pcap' && row.capinfosStatus === 0);
  it.each(classic.map((row) => [nameOf(row), row] as const))(
    '%s',
    async (_name, row) => {
      const ours = await readOurs(row);
      const isBeyondIt = ours.capture.compression !== null || ours.capture.oddities.size > 0;
      if (isBeyondIt) return;
      const theirs = await readPcapParser(row.file);
      expect(ours.packets.map(({ number: _number, time: _time, ...rest }) => rest)).toEqual(theirs);
    },
    PCAP_PARSER_LIMIT_MILLIS,
  );
});
