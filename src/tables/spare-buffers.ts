/**
 * The large buffers of finished analyses, for those that follow in the same program. Made anew for each of thousands of captures,
 * they would cost more than the packets: V8 counts them against its heap, and collects all of it every few dozen captures.
 */

/** Buffers kept of one size: two analyses of a program may take turns, and some sizes are used more than once. */
const MAX_SPARE = 8;

const spare = new Map<number, ArrayBuffer[]>();

/** A buffer of zeros, for the caller alone until it is returned. */
export function borrowBuffer(bytes: number): ArrayBuffer {
  const buffer = spare.get(bytes)?.pop();
  if (buffer === undefined) return new ArrayBuffer(bytes);
  new Uint8Array(buffer).fill(0);
  return buffer;
}

/** Takes back a borrowed buffer that nobody looks at any more. */
export function returnBuffer(buffer: ArrayBuffer): void {
  const same = spare.get(buffer.byteLength);
  if (same === undefined) spare.set(buffer.byteLength, [buffer]);
  else if (same.length < MAX_SPARE && !same.includes(buffer)) same.push(buffer);
}
