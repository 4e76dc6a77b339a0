/** Names that stand in packets, for comparing them: one character a byte, never shown as they are. */

/** No name is compared beyond so many bytes. */
const MAX_TEXT_BYTES = 96;

/** The bytes from `from` to `to` as text of one character a byte. Both must lie in what was captured. */
export function readText(view: DataView, from: number, to: number): string {
  let text = '';
  const last = Math.min(to, from + MAX_TEXT_BYTES);
  for (let at = from; at < last; at += 1) text += String.fromCharCode(view.getUint8(at));
  return text;
}
