/** The same frames as files of Network Monitor and snoop, and captures compressed with zstd, which Node 20 cannot compress. */
import { concat, type TimedFrame, u32 } from '../../samples/craft/index.ts';
import { BASE_SECONDS } from '../../samples/craft/script.ts';
import { netmon } from '../../test/capture/netmon-file.ts';

const TEXT = new TextEncoder();

/** RFC 1761, of Ethernet. */
export function snoopOf(frames: readonly TimedFrame[]): Uint8Array {
  const records = frames.map(({ bytes, nanos }) => {
    const padding = -bytes.length & 3;
    const seconds = Math.floor(nanos / 1e9);
    return concat(
      u32(bytes.length),
      u32(bytes.length),
      u32(24 + bytes.length + padding),
      u32(0),
      u32(BASE_SECONDS + seconds),
      u32(Math.floor((nanos - seconds * 1e9) / 1000)),
      bytes,
      new Uint8Array(padding),
    );
  });
  return concat(TEXT.encode('snoop\0\0\0'), u32(2), u32(4), ...records);
}

/** Files of the versions that differ in their layout. */
export function netmonsOf(frames: readonly TimedFrame[]): Uint8Array[] {
  return [
    [1, 1],
    [2, 0],
    [2, 1],
    [2, 3],
  ].map(([major = 2, minor = 0]) =>
    netmon(
      frames.map(({ bytes, nanos }) => ({ data: bytes, delta: BigInt(Math.floor(nanos / 1000)) })),
      { major, minor },
    ),
  );
}

/** Sixteen frames of `anyFrames`, packed by zstd -19 without a checksum and by zstd -1 with one. */
const PACKED = [
  'KLUv/WDAAr0KAIZQOzgwcdMYJVFgakhEX0Uct78QjkX22qlGtaXC4kpZff+8VfXyjNEIu62VPn3o8Ywgwyr32Gu0aZMtUycA' +
    'LQAsAN5uCB/6dwDl9Y99ZY3W+90WPrSmQMBp8fjhn+ECw/Tv87lUkai0AleIr50JTe01HHxIEiAW8YrT28ssKQtmVyWN7+vK' +
    'sTtlKm4cx9Sf0P260qLiAaQQ/EVk7k/cKee8bkJEI6YaT8LXlQRRL87MBWzzO787qKp9ysTcpBhl5cQOYcHATw3kR/NQTf4U' +
    '2690ysU8mg2AiA6OmDDGxSIlkNH99VECupPtLIFwRNk++iwgYExRIGcbKz9B0dyNBI+4/CeUY5ErV6SJqZdvQ8bxFNk8xzC3' +
    's+R62lK7NRzXmHR3ZmGu5FbjdQxcESOwwBPnl+M4AlQdakN38QhFqe5pmUXWq9gk3L3qMgZdlo2mpRMMe64biAM=',
  'KLUv/WTAAo0LAHYSQj1AxSiNAct6d1bw/lctTqq89Q1kIpQtTl61xNd9qhettmr7ZzvMSddU8QpU35tcdEH6y7GZyNmYkE02' +
    '2TIFKwAyADQAX1VcNPzbbuE9/xAmmf1rX1ug/X47h/fMNRxcWDyO+N+gVKN/n8+lOJLiClP7KvGVU0JTfw8KmjFE0VkJL5Hu' +
    'HtY9bElbAZYl0gC/rhw5pE30NijVaBzH1JvQ/boBh06b6A0gZG8w3CnnzGKrmcVWHxEa/o0IZBi+sqRpE71QwB4BWOB3gmMu' +
    'SpV7lIq9aXGyMicEg58mSA3308zMYivKyZ9q+5VOudo3YGNgooPjdXq1YKQKMjiffZB0xmw7RSCXz7aDDikgYIIygZx2K1eC' +
    '0nb3YwJOSJpf3W2whTfBtfk2yJiA3DMKnFpRiutxBOJv9cKDBe4td5xi0d/s7jZ2Oc+SbW627TtFfMRd0LY27y6eUZR27/fo' +
    'VdLk7l52+bKRBRWIkw945bqBOOGDJtU=',
];

/** A frame of blocks that are stored as they are (RFC 8878 3.1.1): a window of 8 MiB, nothing else in the header. */
function storedZstd(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    const block = bytes.subarray(at, at + 4096);
    const head = (block.length << 3) | (at + 4096 >= bytes.length ? 1 : 0);
    blocks.push(Uint8Array.of(head, head >> 8, head >> 16), block);
  }
  return concat(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3), ...blocks);
}

export function zstds(captures: readonly Uint8Array[]): Uint8Array[] {
  const packed = PACKED.map((text) => Uint8Array.from(Buffer.from(text, 'base64')));
  return [...packed, ...captures.map(storedZstd)];
}
