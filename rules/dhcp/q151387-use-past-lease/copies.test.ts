/** What a watched station receives proves nothing about a lease, but its copies tell of second taps and of mirrors. */
import { describe, expect, it } from 'vitest';
import { encode } from '../../../samples/craft/index.ts';
import { analyze } from '../../../src/engine/analyze.ts';
import { rules } from '../../index.ts';
import { overuse } from './scenarios/overuse.ts';

/** A definitive overuse whose client receives datagrams meanwhile, each again so many seconds later. */
async function received(copiedAfter: number | null) {
  const { lan, client } = overuse();
  const { script, fileServer } = lan;
  for (let count = 0; count < 40; count += 1) {
    const at = 62.3 + count * 1.7;
    const datagram = fileServer.udp(client.host, 5000, 6000, new Uint8Array(200).fill(count));
    script.at(at, datagram);
    if (copiedAfter !== null) script.at(at + copiedAfter, datagram);
  }
  const { findings, health } = await analyze([{ bytes: encode(script), path: 'x.pcap' }], { rules });
  return { tiers: findings.map(({ tier }) => tier), health };
}

describe('datagrams that the client receives', () => {
  it('leave the finding definitive while each is recorded once', async () =>
    expect(await received(null)).toMatchObject({ tiers: ['definitive'], health: { duplicates: 0 } }));

  it('tell of a second tap, which lowers it', async () =>
    expect(await received(0.02)).toMatchObject({
      tiers: ['suggestive'],
      health: { multiPoint: { copies: 40 } },
    }));

  it('tell of a mirror that records them twice, which does not', async () =>
    expect(await received(0.001)).toMatchObject({ tiers: ['definitive'], health: { duplicates: 40 } }));
});
