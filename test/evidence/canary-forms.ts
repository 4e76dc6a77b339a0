/** Every form in which a name or an address can stand in bytes. */
import { ipv4Bytes, macBytes } from '../../samples/craft/index.ts';
import { ADDRESSES, MACS, WORDS } from './canary-frames.ts';

const BYTE_ORDERS = (bytes: Uint8Array): Buffer[] => [Buffer.from(bytes), Buffer.from(bytes).reverse()];

/** Every form in which a word can stand in bytes, in lower case. */
function formsOfWord(word: string): Buffer[] {
  const text = Buffer.from(word.toLowerCase(), 'latin1');
  const little = Buffer.from(word.toLowerCase(), 'utf16le');
  const big = Buffer.from(little).swap16();
  return [text, little, big, Buffer.from(text.toString('hex')), Buffer.from(text).reverse()];
}

function formsOfAddress(address: string): Buffer[] {
  const bytes = ipv4Bytes(address);
  const swapped = [bytes[1], bytes[0], bytes[3], bytes[2]].map(Number);
  const hex = BYTE_ORDERS(bytes).map((order) => Buffer.from(order.toString('hex')));
  return [...BYTE_ORDERS(bytes), Buffer.from(swapped), ...hex, Buffer.from(address)];
}

function formsOfMac(mac: string): Buffer[] {
  const bytes = macBytes(mac);
  const text = [mac, mac.replaceAll(':', '-'), mac.replaceAll(':', '')].map((form) => Buffer.from(form));
  return [...BYTE_ORDERS(bytes), ...text];
}

function lowerCase(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)));
}

/** Canaries that are found in the output, by name. `words` are looked for whatever their case. */
export function found(
  output: Uint8Array,
  words: readonly string[] = WORDS,
  addresses = ADDRESSES,
  macs = MACS,
): string[] {
  const exact = Buffer.from(output);
  const lower = lowerCase(output);
  return [
    ...words.filter((word) => formsOfWord(word).some((form) => lower.includes(form))),
    ...addresses.filter((address) => formsOfAddress(address).some((form) => exact.includes(form))),
    ...macs.filter((mac) => formsOfMac(mac).some((form) => exact.includes(form))),
  ];
}
