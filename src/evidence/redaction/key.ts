/**
 * The secret that a redaction depends on: 32 bytes or more, from a file or made at random. A key file holds either the bytes
 * themselves or their hexadecimal digits (64 or more, white space ignored). Each part of the mapping has a key of its own,
 * derived with HKDF (RFC 5869), so that none tells anything of another.
 */
import { hkdfSync, randomBytes } from 'node:crypto';

export const MIN_KEY_BYTES = 32;
/** A key is short; what is longer is a file named by mistake. */
export const MAX_KEY_FILE_BYTES = 64 * 1024;

/** What a key file holds is no key. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

/** The key in the bytes of a file. Throws `KeyError`. */
export function parseKey(content: Uint8Array): Uint8Array {
  if (content.length > MAX_KEY_FILE_BYTES)
    throw new KeyError(`it has ${content.length} bytes; a key has ${MIN_KEY_BYTES}, or their hex digits`);
  const text = Buffer.from(content).toString('latin1').replaceAll(/\s/g, '');
  if (/^[0-9a-f]+$/i.test(text)) {
    if (text.length % 2 !== 0) throw new KeyError('it holds an odd number of hex digits');
    if (text.length < 2 * MIN_KEY_BYTES)
      throw new KeyError(
        `it holds ${text.length} hex digits; ${2 * MIN_KEY_BYTES} are needed (openssl rand -hex 32)`,
      );
    return Uint8Array.from(Buffer.from(text, 'hex'));
  }
  if (content.length < MIN_KEY_BYTES)
    throw new KeyError(`it has ${content.length} bytes; ${MIN_KEY_BYTES} are needed (openssl rand -hex 32)`);
  return Uint8Array.from(content);
}

/** A new random key. */
export function makeKey(): Uint8Array {
  return randomBytes(MIN_KEY_BYTES);
}

/** What to put into a key file to have this key again. */
export function formatKey(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}

export type KeyPurpose = 'address' | 'mac' | 'text' | 'bytes' | 'fingerprint' | 'files';

/** `bytes` bytes that belong to one part of the mapping. */
export function deriveKey(key: Uint8Array, purpose: KeyPurpose, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, 'kbdiag-redaction/1', purpose, bytes));
}

/** Eight hex digits by which one can see that two files were redacted with the same key; they tell nothing of the key. */
export function fingerprintOf(key: Uint8Array): string {
  return Buffer.from(deriveKey(key, 'fingerprint', 4)).toString('hex');
}
