/**
 * Names of hosts, users and domains, and what else identifies without being an address. A name is mapped word by word, a word being a
 * run of ASCII letters and figures: letters become letters, figures figures, capitals stay capitals, and what stands between stays.
 * So `WS12`, `ws12` and `WS12.corp.example` agree in their images as they agree themselves, and every image is as long as its name.
 */
import { DigitPermutation, MappedValues } from './digit-permutation.ts';

const CACHED_NAMES = 1 << 13;
/** Paths have most of their words in common. */
const CACHED_WORDS = 1 << 13;
/** Words longer than this are mapped in pieces: no name has one, and a hostile one must not cost a second. */
const MAX_WORD = 256;

const FIGURE = 10;
const LETTER = 26;
const UNDERSCORE = 0x5f;

/** `00-60-8C-2A-10-77` with either separator: callers and access points are named so. */
const MAC_TEXT = /^[0-9a-f]{2}([-:])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/i;

/** Names of interfaces that every machine has: they identify none. */
const COMMON_INTERFACE =
  /^(?:(?:any|lo)\d?|(?:br|bond|en|eth|lan|ppp|tap|tun|veth|vlan|wan|wlan)-?\d{1,4}|en[ops]\d{1,3}(?:s\d{1,3})?(?:f\d{1,2})?)$/i;

/** Extensions of captures, which say how to read one. */
const CAPTURE_EXTENSIONS = /(?:\.(?:pcapng|pcap|ntar|cap|dmp|snoop|trc|enc|erf|gz|zst|xz|bz2|lz4|json))+$/i;

function isFigure(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** What belongs to a word. Bytes above ASCII stand for letters of other alphabets. */
function isWordByte(byte: number): boolean {
  return isFigure(byte) || isLetter(byte) || byte >= 0x80;
}

export class NameMap {
  readonly #permutation: DigitPermutation;
  readonly #mapMac: (mac: number) => number;
  readonly #names = new MappedValues<string, string>(CACHED_NAMES);
  readonly #words = new MappedValues<string, string>(CACHED_WORDS);

  /** `mapMac` maps the MAC addresses that stand for names. */
  constructor(key: Uint8Array, mapMac: (mac: number) => number) {
    this.#permutation = new DigitPermutation(key);
    this.#mapMac = mapMac;
  }

  /** The image of a name in a string. Its characters beyond ASCII are taken as their bytes in UTF-8. */
  map(name: string): string {
    return this.#names.get(Buffer.from(name, 'utf8').toString('latin1'), (unknown) => this.#map(unknown));
  }

  /** The image of a name in a packet, in place; of the same length. */
  mapBytes(bytes: Uint8Array): void {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    bytes.set(
      Buffer.from(
        this.#names.get(name, (unknown) => this.#map(unknown)),
        'latin1',
      ),
    );
  }

  /** The name of an interface. Those that every machine has stay. */
  mapInterface(name: string): string {
    return COMMON_INTERFACE.test(name) ? name : this.map(name);
  }

  /** The path of a file: every part of it but the extension, `.` and `..`. */
  mapPath(path: string): string {
    const extension = CAPTURE_EXTENSIONS.exec(path)?.[0] ?? '';
    return this.map(path.slice(0, path.length - extension.length)) + extension;
  }

  /** One character a byte, in and out. */
  #map(name: string): string {
    const separator = MAC_TEXT.exec(name)?.[1];
    if (separator !== undefined) return this.#mapMacText(name, separator);
    const bytes = Buffer.from(name, 'latin1');
    for (let from = 0; from < bytes.length; ) {
      let to = from;
      while (to < bytes.length && to - from < MAX_WORD && isWordByte(bytes[to] as number)) to += 1;
      if (to > from)
        bytes.write(
          this.#words.get(bytes.toString('latin1', from, to), (word) => this.#mapWord(word)),
          from,
          'latin1',
        );
      else {
        const byte = bytes[from] as number;
        // Control characters belong to no name; the zero that ends one does.
        if ((byte < 0x20 && byte !== 0) || byte === 0x7f) bytes[from] = UNDERSCORE;
        to += 1;
      }
      from = to;
    }
    return bytes.toString('latin1');
  }

  #mapMacText(name: string, separator: string): string {
    const mac = this.#mapMac(Number.parseInt(name.replaceAll(separator, ''), 16));
    const text = mac
      .toString(16)
      .padStart(12, '0')
      .replaceAll(/..(?=.)/g, `$&${separator}`);
    return name === name.toLowerCase() ? text : text.toUpperCase();
  }

  #mapWord(text: string): string {
    const word = Buffer.from(text, 'latin1');
    // Letters of other alphabets become ASCII ones, chosen by the word they stand in: they have more values than those.
    const others = word.some((byte) => byte >= 0x80)
      ? Buffer.from(word)
          .toString('latin1')
          .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
      : '';
    const digits: number[] = [];
    const bases: number[] = [];
    for (const byte of word) {
      bases.push(isFigure(byte) ? FIGURE : LETTER);
      if (isFigure(byte)) digits.push(byte - 0x30);
      else digits.push(byte >= 0x80 ? byte % LETTER : (byte | 0x20) - 0x61);
    }
    const image = this.#permutation.map(digits, bases, `word ${others}`);
    for (const [at, digit] of image.entries()) {
      const byte = word[at] as number;
      if (isFigure(byte)) word[at] = 0x30 + digit;
      else word[at] = (byte >= 0x41 && byte <= 0x5a ? 0x41 : 0x61) + digit;
    }
    return word.toString('latin1');
  }
}
