/** PPP, PPTP, PPPoE, L2TP and RADIUS against tshark: on every real capture, and on crafted ones that have all of them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenarios } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios.ts';
import { encode, ENCODINGS } from '../../samples/craft/index.ts';
import { CAPTURE_FORMATS, limitConcurrency, readCatalog } from '../capture/corpus.ts';
import { hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Fields, readOurDialIn, readTsharkDialIn } from './dial-in-fields.ts';

const CRAFTED = new Set(['P1', 'P1-mschap', 'P2', 'P3', 'P4', 'P7', 'P10', 'N1', 'N5', 'N6']);

const rows = readCatalog().filter((row) => CAPTURE_FORMATS.has(row.format));
const atMostTwo = limitConcurrency(2);

interface Reason {
  /** Who is right, and by which specification. */
  readonly because: string;
  readonly explains: (field: string, our: Fields | undefined, their: Fields | undefined) => boolean;
}

const REASONS: readonly Reason[] = [
  {
    because: 'A segment that was sent again holds the same message; tshark reads it the first time only.',
    explains: (field, our, their) => field.startsWith('pptp.') && our !== undefined && their === undefined,
  },
  {
    because:
      'Only the outermost of several layers is read: the inside of a tunnel is no dial-in of this network.',
    explains: (_field, our) => our === undefined,
  },
];

async function differences(file: string): Promise<{ compared: number; unexplained: string[] }> {
  const [ours, theirs] = await Promise.all([readOurDialIn(file), readTsharkDialIn(file)]);
  const unexplained: string[] = [];
  let compared = 0;
  for (const number of new Set([...ours.keys(), ...theirs.keys()])) {
    const our = ours.get(number);
    const their = theirs.get(number);
    for (const field of new Set([...(our?.keys() ?? []), ...(their?.keys() ?? [])])) {
      compared += 1;
      const [mine, other] = [our?.get(field), their?.get(field)];
      if (mine === other) continue;
      if (REASONS.some((reason) => reason.explains(field, our, their))) continue;
      unexplained.push(`frame ${number}: ${field} ${mine ?? 'absent'}, tshark ${other ?? 'absent'}`);
    }
  }
  return { compared, unexplained };
}

describe.skipIf(rows.length === 0 || !hasPeer('tshark'))('corpus: dial-in fields equal tshark', () => {
  let compared = 0;

  it.concurrent.each(rows.map((row) => [row.path.slice(-90), row] as const))(
    '%s',
    (_name, row) =>
      atMostTwo(async () => {
        const result = await differences(row.file);
        compared += result.compared;
        expect(result.unexplained.slice(0, 20)).toEqual([]);
      }),
    60_000,
  );

  it('compared something', () => {
    expect(compared).toBeGreaterThan(1000);
  });
});

describe.skipIf(!hasPeer('tshark'))('crafted calls: dial-in fields equal tshark', () => {
  const folder = temporaryFolder();
  const chosen = scenarios.filter(({ name }) => CRAFTED.has(name));

  it.each(chosen.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const file = path.join(folder, `${name}.pcap`);
    writeFileSync(file, encode(scenario.build(), scenario.encoding ?? ENCODINGS.pcap));
    const { compared, unexplained } = await differences(file);
    expect(unexplained.slice(0, 20)).toEqual([]);
    expect(compared).toBeGreaterThan(20);
  });
});
