/**
 * A scan that is redacted: reports, index and journal hold nothing that tells of the network or of the names of captures, so that the
 * whole output folder may be handed on. Each report is that of `kbdiag analyze --redact` with the same key.
 */
import { createHmac } from 'node:crypto';
import { deriveKey } from '../evidence/redaction/key.ts';
import { Mapping } from '../evidence/redaction/mapping.ts';
import { redactOptions, redactReport, TextRedactor } from '../evidence/redaction/report.ts';
import type { Report } from '../report/schema.ts';
import { compare } from '../scan/discover.ts';
import type { Disclosure } from '../scan/disclosure.ts';
import type { StoredInventory } from '../scan/journal.ts';

/** Plain data, so that it can be sent to a worker. */
export interface RedactionSetup {
  readonly key: Uint8Array;
  readonly keepVendor: boolean;
}

const SEAL_DIGITS = 16;

export class Redaction implements Disclosure {
  readonly #mapping: Mapping;
  readonly #files: Uint8Array;
  readonly #text: TextRedactor;
  /** Of the names asked for last: a watch asks for the same again and again. */
  #images: ReadonlyMap<string, string> = new Map();

  constructor({ key, keepVendor }: RedactionSetup) {
    this.#mapping = new Mapping(key, { keepVendor });
    this.#files = deriveKey(key, 'files', 32);
    this.#text = new TextRedactor(this.#mapping);
  }

  /** Names with characters beyond ASCII can have one image; then they are told apart by a digest that takes the key. */
  names(names: readonly string[]): (name: string) => string {
    const known = this.#images;
    const images = new Map(names.map((name) => [name, known.get(name) ?? this.#mapping.names.mapPath(name)]));
    if (names.length > 1) this.#images = new Map(images);
    const counts = new Map<string, number>();
    for (const image of images.values()) counts.set(image, (counts.get(image) ?? 0) + 1);
    for (const [name, image] of images)
      if ((counts.get(image) as number) > 1)
        images.set(name, `${image}~${this.digest(name).slice(0, SEAL_DIGITS)}`);
    return (name) => images.get(name) ?? this.#mapping.names.mapPath(name);
  }

  sentence(text: string, paths: readonly string[]): string {
    return new TextRedactor(this.#mapping, [], paths).text(text);
  }

  /** The message names the output folder. */
  writeTrouble({ code }: { readonly code: string }): string {
    return code;
  }

  /** Whoever can guess a small capture could tell from the bare digest that the guess is right. */
  digest(hex: string): string {
    return hex === '' ? '' : createHmac('sha256', this.#files).update(hex).digest('hex');
  }

  report(report: Report): Report {
    return redactReport(report, this.#mapping);
  }

  options(options: Report['options']): Report['options'] {
    return redactOptions(options, this.#mapping);
  }

  /** In the order of the images: that of the originals would tell of them. */
  inventory({ mac, address, name, lease }: StoredInventory): StoredInventory {
    const mapped = (
      entries: StoredInventory['mac'],
      image: (value: string) => string,
    ): StoredInventory['mac'] =>
      entries
        .map(([value, firstSeen]) => [image(value), firstSeen] as const)
        .toSorted(([a], [b]) => compare(a, b));
    const text = (value: string): string => this.#text.text(value);
    return {
      mac: mapped(mac, text),
      address: mapped(address, text),
      name: mapped(name, (value) => this.#mapping.names.map(value)),
      lease: mapped(lease, text),
    };
  }
}
