/**
 * The scenarios of Q228811 are well formed: unique, reproducible, in the order of time, every mark they rely on is there,
 * and tshark finds nothing wrong with their packets.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scenarios, thresholds, variants } from '../../rules/tcp/q228811-sequence-goes-backward/scenarios.ts';
import { encode } from '../../samples/craft/index.ts';
import { hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { itHasUniqueNames, itIsReproducible, itIsWellFormed, numbered } from './scenario-form.ts';

const all = [...scenarios, ...thresholds, ...variants];
const hasTshark = hasPeer('tshark');
const folder = temporaryFolder();

/** TCP fields of frames as tshark shows them. */
function tshark(bytes: Uint8Array, filter: string): string[] {
  const path = join(folder, 'scenario.cap');
  writeFileSync(path, bytes);
  const checks = ['ip', 'udp', 'tcp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const fields = ['frame.number', 'ip.ttl', 'tcp.seq_raw', 'tcp.window_size_value', 'tcp.options'];
  const args = ['-n', '-r', path, ...checks, '-Y', filter, '-T', 'fields'];
  const run = spawnSync('tshark', [...args, ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(run.status).toBe(0);
  return run.stdout.split('\n').filter((line) => line !== '');
}

const DAMAGE =
  '_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';

describe('scenarios of Q228811', () => {
  itHasUniqueNames(all);

  it('cover the catalogue', () => {
    const names = scenarios.map((scenario) => scenario.name);
    const expected = [...numbered('P', 11), 'P8b', ...numbered('N', 23), ...numbered('X', 3)];
    expect(names).toEqual(expect.arrayContaining(expected));
    for (const positive of [...numbered('P', 11), 'P8b']) {
      for (const letter of ['a', 'b', 'c', 'd', 'e', 'f']) {
        expect(variants.some(({ name }) => name.startsWith(`${positive}-${letter}`))).toBe(true);
      }
    }
  });

  it('come in at least two formats where they hold the fault', () => {
    const few = scenarios.filter(({ name, encodings = [] }) => /^P\d+b?$/.test(name) && encodings.length < 1);
    expect(few.map(({ name }) => name)).toEqual([]);
  });

  itIsReproducible([...scenarios, ...thresholds]);

  itIsWellFormed(all);

  it.skipIf(!hasTshark)('have nothing that tshark calls malformed', () => {
    const chosen = scenarios.filter(({ name }) => /^(?:P|X)|^N(?:1|2|5|8|13|19|20|24|25)$/.test(name));
    for (const scenario of chosen) {
      const bytes = encode(scenario.build(), scenario.encoding);
      expect({ name: scenario.name, frames: tshark(bytes, DAMAGE) }).toEqual({
        name: scenario.name,
        frames: [],
      });
    }
  });

  it.skipIf(!hasTshark)("show NT's SYN, and 18231 below what the server acknowledges", () => {
    const script = scenarios.find(({ name }) => name === 'P1')?.build();
    if (!script) throw new RangeError('no P1');
    const [newSyn] = script.frameNumbers().get('newSyn') ?? [];
    const [oldAck] = script.frameNumbers().get('oldAck') ?? [];
    const [syn] = tshark(encode(script), `frame.number == ${newSyn}`);
    const [, ttl, sequence, window, options] = (syn ?? '').split('\t');
    expect({ ttl, window, options }).toEqual({ ttl: '128', window: '8192', options: '020405b4' });
    const acknowledges = `frame.number == ${oldAck} && tcp.ack_raw == ${Number(sequence) + 18_231} && tcp.flags == 0x10`;
    expect(tshark(encode(script), acknowledges)).toHaveLength(1);
  });
});
