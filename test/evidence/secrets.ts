/** A pcapng with secrets in every place beside its packets. */
import {
  ascii,
  concat,
  ipv4Bytes,
  linkBytes,
  ENCODINGS,
  type TimedFrame,
} from '../../samples/craft/index.ts';
import { block, options, padded, u16, u32 } from './blocks.ts';

/** Section, interface, names, secrets, a custom block and a journal entry, packets, statistics. */
export function encodeWithSecrets(
  frames: readonly TimedFrame[],
  secret: Uint8Array,
  address: string,
): Uint8Array {
  const comment = [1, secret] as const;
  const section = concat(
    ...[u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)],
    options(comment, [2, secret], [3, secret], [4, secret], [2988, concat(u32(7), secret)]),
  );
  const described = concat(
    ...[u16(1), u16(0), u32(0)],
    options(
      ...([
        comment,
        [2, secret],
        [3, secret],
        [4, concat(ipv4Bytes(address), ipv4Bytes('255.255.255.0'))],
      ] as const),
      ...([
        [11, concat(Uint8Array.of(0), secret)],
        [12, secret],
        [15, secret],
      ] as const),
    ),
  );
  const names = concat(
    u16(1),
    u16(4 + secret.length + 1),
    padded(concat(ipv4Bytes(address), secret, ascii('\0'))),
    u32(0),
  );
  return concat(
    block(0x0a0d0d0a, section),
    block(1, described),
    block(4, names),
    block(0xa, concat(u32(0x544c534b), u32(secret.length), secret)),
    ...frames.flatMap((frame) => {
      const bytes = linkBytes(frame, ENCODINGS.pcapng);
      const header = concat(u32(0), u32(1), u32(frame.nanos / 1000), u32(bytes.length), u32(bytes.length));
      const more = options(
        comment,
        [2, concat(u32(1), secret)],
        [4, secret],
        [3, concat(Uint8Array.of(2), secret)],
        [2989, concat(u32(7), secret)],
      );
      return [block(6, concat(header, padded(bytes), more)), block(0xbad, concat(u32(7), secret))];
    }),
    block(9, secret),
    block(5, concat(u32(0), u32(1), u32(0), options(comment, [4, concat(u32(9), u32(0))]))),
  );
}
