/** The captures of a report as SARIF artifacts, and places in them. */
import { sep } from 'node:path';
import { pathUri, sarifText } from './escape.ts';
import type { Report, ReportCapture } from './schema.ts';

/** A stretch of bytes of a capture, in the decompressed stream. */
export interface Bytes {
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface Place {
  readonly path: string;
  readonly bytes?: Bytes;
  /** 1-based frame number, as in Wireshark. */
  readonly frame?: number;
}

/** Every input by its path, once, however often it was given. */
export class Artifacts {
  readonly list: Array<Record<string, unknown>> = [];
  readonly #positions = new Map<string, number>();

  constructor(report: Report) {
    for (const capture of report.captures) this.#add(capture.path, describeCapture(capture));
    for (const { path } of report.failures) this.#add(path, {});
  }

  #add(path: string, details: Record<string, unknown>): void {
    if (this.#positions.has(path)) return;
    this.#positions.set(path, this.list.length);
    const isPipe = path === '-';
    this.list.push({
      // Standard input has no address.
      ...(isPipe ? { description: { text: 'standard input' } } : { location: { uri: pathUri(path, sep) } }),
      roles: isPipe ? ['analysisTarget', 'standardStream'] : ['analysisTarget'],
      ...details,
    });
  }

  /** A SARIF location; the file as a whole where `bytes` are absent. */
  locate({ path, bytes, frame }: Place): Record<string, unknown> {
    const index = this.#positions.get(path);
    return {
      physicalLocation: {
        artifactLocation: {
          ...(path === '-' ? {} : { uri: pathUri(path, sep) }),
          ...(index === undefined ? {} : { index }),
        },
        ...(bytes === undefined ? {} : { region: { ...bytes } }),
      },
      ...(frame === undefined ? {} : { logicalLocations: [logicalLocation(frame)] }),
    };
  }
}

function logicalLocation(frame: number): Record<string, unknown> {
  return { name: String(frame), fullyQualifiedName: `frame/${frame}`, kind: 'frame' };
}

function describeCapture(capture: ReportCapture): Record<string, unknown> {
  const { path, bytes, sha256, compression, ...properties } = capture;
  const packed = `${compression}: byte offsets count in the unpacked capture`;
  return {
    length: bytes,
    ...(compression === null
      ? { mimeType: 'application/vnd.tcpdump.pcap' }
      : { mimeType: `application/${compression}`, description: { text: sarifText(packed) } }),
    ...(sha256 === undefined ? {} : { hashes: { 'sha-256': sha256 } }),
    properties: { path, compression, ...properties },
  };
}
