/** Folders of captures for tests of scans, and what a scan leaves behind. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScanIndex } from '../../src/scan/index-schema.ts';
import { arpCapture } from '../cli/kbdiag.ts';

export const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));

/** Names with what breaks shells, terminals, pages and tables. */
export const ODD_NAMES = [
  'new\nline.pcap',
  `quote'"and\`tick.pcap`,
  '\u001b[31mred\u001b[0m.pcap',
  '=cmd|calc.pcap',
  '<img src=x onerror=alert(1)>.pcap',
  '*.pcap',
  '-',
  '-o.pcap',
];

export function sampleNames(): string[] {
  return readdirSync(SAMPLES)
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .toSorted();
}

/** `folder/tree`: samples, broken files, odd names, links out of it and in a circle, a pipe. Answers how many files it has. */
export function makeTree(folder: string): number {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'deep/er'), { recursive: true });
  const put = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(tree, name), bytes);
  const samples = sampleNames();
  for (const [index, name] of samples.entries())
    copyFileSync(
      join(SAMPLES, name),
      join(tree, index % 3 === 0 ? 'deep' : index % 3 === 1 ? 'deep/er' : '', name),
    );
  for (const name of ODD_NAMES) put(name, arpCapture(2));
  put('cut.pcap', arpCapture(3).subarray(0, -10));
  put('empty.pcap', '');
  put('notes.txt', 'this is no capture at all, only a sentence\n');
  put('old.cap', Buffer.concat([Buffer.from('XCP\x00001.1'), Buffer.alloc(200)]));
  put('no-name-for-it', arpCapture(1));
  writeFileSync(join(folder, 'outside.pcap'), arpCapture(9));
  symlinkSync('../outside.pcap', join(tree, 'link.pcap'));
  symlinkSync('..', join(tree, 'deep/circle'));
  spawnSync('mkfifo', [join(tree, 'pipe.pcap')]);
  return samples.length + ODD_NAMES.length + 5;
}

export function readIndex(folder: string, out: string): ScanIndex {
  return JSON.parse(readFileSync(join(folder, out, 'index.json'), 'utf8')) as ScanIndex;
}

/** Every file below, without what changes from run to run. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted();
}

/**
 * A pcap of DHCP leases of many clients, a minute each: what there is to know of them takes memory. Each client is acknowledged
 * `rounds` addresses in turn, and announces each.
 */
export function leaseCapture(clients: number, rounds: number): Buffer {
  const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  const pieces: Buffer[] = [header];
  let micros = 0;
  const add = (frame: Buffer): void => {
    micros += 500;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_000_000_000 + Math.floor(micros / 1e6), 0);
    record.writeUInt32LE(micros % 1e6, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    pieces.push(record, frame);
  };
  const server = Buffer.from('00a0c9010203', 'hex');
  const everybody = Buffer.alloc(6, 0xff);
  const serverAddress = Buffer.from([10, 0, 0, 1]);
  for (let round = 0; round < rounds; round += 1) {
    for (let client = 0; client < clients; client += 1) {
      const mac = Buffer.from('00104b000000', 'hex');
      mac.writeUIntBE(client, 3, 3);
      const address = Buffer.alloc(4);
      address.writeUInt32BE(0x0a01_0000 + client * 8 + round);
      const xid = round * clients + client;
      const ask = Buffer.concat([Buffer.from([50, 4]), address, Buffer.from([54, 4]), serverAddress]);
      const lease = Buffer.concat([Buffer.from([54, 4]), serverAddress, Buffer.from([51, 4, 0, 0, 0, 60])]);
      const none = Buffer.alloc(4);
      add(
        ethernet(everybody, mac, udp(none, Buffer.alloc(4, 0xff), 68, 67, dhcp(1, xid, mac, none, 3, ask))),
      );
      add(ethernet(mac, server, udp(serverAddress, address, 67, 68, dhcp(2, xid, mac, address, 5, lease))));
      const arp = Buffer.concat([
        Buffer.from('0001080006040001', 'hex'),
        mac,
        address,
        Buffer.alloc(6),
        address,
      ]);
      add(Buffer.concat([everybody, mac, Buffer.from('0806', 'hex'), arp]));
    }
  }
  return Buffer.concat(pieces);
}

function ethernet(to: Buffer, from: Buffer, datagram: Buffer): Buffer {
  return Buffer.concat([to, from, Buffer.from('0800', 'hex'), datagram]);
}

function udp(from: Buffer, to: Buffer, fromPort: number, toPort: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(28);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(28 + payload.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(17, 9);
  from.copy(header, 12);
  to.copy(header, 16);
  header.writeUInt16BE(fromPort, 20);
  header.writeUInt16BE(toPort, 22);
  header.writeUInt16BE(8 + payload.length, 24);
  return Buffer.concat([header, payload]);
}

function dhcp(
  operation: number,
  xid: number,
  mac: Buffer,
  given: Buffer,
  type: number,
  options: Buffer,
): Buffer {
  const fixed = Buffer.alloc(236);
  fixed.writeUInt8(operation, 0);
  fixed.writeUInt8(1, 1);
  fixed.writeUInt8(6, 2);
  fixed.writeUInt32BE(xid, 4);
  given.copy(fixed, 16);
  mac.copy(fixed, 28);
  const end = Buffer.from([255]);
  return Buffer.concat([fixed, Buffer.from([0x63, 0x82, 0x53, 0x63, 53, 1, type]), options, end]);
}
