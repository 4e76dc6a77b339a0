/** Texts that users and files give: configuration, thresholds, periods, zones, keys, baselines, and the journal of a scan. */
import { rules } from '../../rules/index.ts';
import type { Random } from '../../samples/craft/index.ts';
import { readBaseline } from '../../src/cli/baseline.ts';
import { parseConfig } from '../../src/cli/config-file.ts';
import { UsageError } from '../../src/cli/exit.ts';
import { toPeriod } from '../../src/cli/period.ts';
import { parseSetting, validateSettings } from '../../src/cli/settings.ts';
import { KeyError, parseKey } from '../../src/evidence/redaction/key.ts';
import type { Report } from '../../src/report/schema.ts';
import { renderJson } from '../../src/report/json.ts';
import { findTimeZone } from '../../src/report/time-zone.ts';
import { buildIndex } from '../../src/scan/build-index.ts';
import { readJournal } from '../../src/scan/journal.ts';
import { EMPTY_INVENTORY, faultsOf, rowOf, rowWithout, worstOf } from '../../src/scan/row.ts';
import { buildSample, samples } from '../../samples/shipped.ts';
import { havoc } from '../input/havoc.ts';
import { analysed } from './analysis.ts';
import { savedFile } from './saved-file.ts';
import { must, type Seed, type Target } from './target.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function ours(texts: readonly string[]): Seed[] {
  return texts.map((text) => ({ bytes: encoder.encode(text), isOurs: true }));
}

/** Runs what may refuse its input in words. */
function orRefused<Result>(run: () => Result): Result | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof UsageError || error instanceof KeyError) return null;
    throw error;
  }
}

const CONFIGURATIONS = ours([
  '{}',
  '{"Q151387.graceMinSeconds": 60}',
  '\uFEFF{\r\n\t"Q151387.graceMinSeconds" : 6.5e1 ,\n "capture.reorderMillis":0}\n',
  '{"a\\u0041\\"": -0.0e-1, "b": 1e308, "b": 2}',
  '{"x": [1, {"y": null}], // no\n "z": true}',
  'Q151387.graceMinSeconds=60',
  'capture.dropFraction=0x10',
  'a=1=2',
]);

async function runSettings(bytes: Uint8Array): Promise<void> {
  const text = decoder.decode(bytes);
  const entries = orRefused(() => parseConfig(text, 'file'));
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    must(entries === null, 'what is no JSON is no configuration');
  }
  if (entries !== null) {
    const parsed = value as Readonly<Record<string, number>>;
    for (const entry of entries)
      must(Object.is(parsed[entry.name], entry.value), 'a threshold is what JSON says it is');
    must(Object.keys(parsed).length === entries.length, 'every threshold is read');
  }
  const setting = orRefused(() => parseSetting(text));
  if (setting === null) return;
  must(Number.isFinite(setting.value), 'a threshold is a number');
  try {
    await validateSettings([setting], rules);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

const MOMENTS = ours([
  '2001-02-03T04:05:06Z\n+10m',
  '04:05\n05:06:07.123456789',
  '2001-02-03\n2001-02-04',
  '+1h30m5.5s\n+2d',
  '2001-02-03 04:05:06.5+01:00\n14:00 +0530',
  'Europe/Berlin\nlocal',
  '0000-01-01\n9999-12-31',
  '1600-02-29T23:59:59Z\n+3.2e10s',
]);

function runPeriodTexts(bytes: Uint8Array): void {
  const [from, to, name = 'Europe/Berlin'] = decoder.decode(bytes).split('\n');
  const zone = findTimeZone(name) ?? findTimeZone('UTC');
  must(zone !== null, 'UTC is a zone');
  const periodOf = orRefused(() => toPeriod(from || undefined, to || undefined, zone));
  if (periodOf === null) return;
  for (const seconds of [0, -1, 981_173_106, 2 ** 32, -(2 ** 40), 2 ** 40]) {
    const period = orRefused(() => periodOf({ seconds, nanos: 999_999_999, precision: 9 }));
    for (const end of [period?.from, period?.to]) {
      if (end === null || end === undefined) continue;
      must(Number.isSafeInteger(end.seconds), 'a period ends at a whole second');
      must(
        end.nanos >= 0 && end.nanos < 1e9 && Number.isInteger(end.nanos),
        'a fraction is part of a second',
      );
    }
  }
}

const KEYS = ours(['00'.repeat(32), '0'.repeat(65), `${'ab '.repeat(40)}\n`, 'x'.repeat(32), '']);

function runKey(bytes: Uint8Array): void {
  const key = orRefused(() => parseKey(bytes));
  if (key !== null) must(key.length >= 32, 'a key has 32 bytes');
}

/** Reports of a few samples. */
async function reports(): Promise<Report[]> {
  const made: Report[] = [];
  for (const sample of samples.filter((_sample, index) => index % 8 === 0)) {
    const outcome = await analysed([{ bytes: buildSample(sample), path: sample.file }]);
    if (outcome !== null) made.push(outcome.report);
  }
  return made;
}

async function runBaseline(bytes: Uint8Array): Promise<void> {
  try {
    await readBaseline(savedFile(bytes));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

async function journal(): Promise<string> {
  const entries = (await reports()).map((report, index) => {
    const path = `${index}.pcap`;
    return {
      files: [{ path, bytes: 1000, mtimeMillis: 5, fingerprint: 'ab' }],
      row: rowOf(report, [path], { json: `reports/${path}.json` }),
      faults: faultsOf(report),
      worst: worstOf(report),
      inventory: { ...EMPTY_INVENTORY, mac: [['00:11:22:33:44:55', null]] },
      elapsedMillis: 1.5,
    };
  });
  const refused = {
    files: [],
    row: rowWithout('unreadable', ['x'], { code: 'not-a-capture', reason: 'no capture', bytes: 7 }),
    faults: [],
    worst: null,
    inventory: EMPTY_INVENTORY,
    elapsedMillis: 0,
  };
  const head = { journal: 'kbdiag-journal/1', version: '0', options: '{}' };
  const run = { run: { command: 'scan', shards: [{ index: 2, count: 3 }] } };
  return [head, run, ...entries, refused, { end: { complete: true } }]
    .map((value) => `${JSON.stringify(value)}\n`)
    .join('');
}

/** A journal is gone through as a scan does that is resumed, and an index made of what it holds. */
function runJournal(bytes: Uint8Array): void {
  const path = savedFile(bytes);
  const stored = readJournal(path);
  must(stored !== null, 'a journal that is there is read');
  const entries = [...stored.entries];
  must(stored.end <= bytes.length, 'whole lines end in the file');
  const byPath = new Map(entries.map((stored_) => [stored_.entry.row.path, stored_]));
  for (const { entry, place } of entries) {
    must(place.offset + place.length <= bytes.length, 'an entry has its place in the file');
    for (const file of entry.files) must(typeof file.path === 'string', 'a file has a path');
  }
  for (const { index, count } of stored.run?.shards ?? [])
    must(index >= 1 && count >= 1 && count < 1e6, 'a share is one of a number of them');
  const facts = { options: {}, complete: true };
  buildIndex(byPath.keys(), (name) => (byPath.get(name) as (typeof entries)[0]).entry, facts);
}

/** Values of JSON change places: what is valid JSON is not yet what was meant. */
function changeJson(bytes: Uint8Array, random: Random, donor: Uint8Array): Uint8Array {
  if (random.chance(0.5)) return havoc(bytes, random, donor);
  const lines = decoder.decode(bytes).split('\n');
  const at = random.integer(0, lines.length - 1);
  try {
    const value: unknown = JSON.parse(lines[at] ?? '');
    lines[at] = JSON.stringify(changedValue(value, random));
  } catch {
    lines.splice(at, 1);
  }
  return encoder.encode(lines.join('\n'));
}

const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  '',
  'x',
  [],
  {},
  true,
  [[null]],
  { row: null },
  '__proto__',
];

function changedValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return random.pick(VALUES);
  const names = Object.keys(value);
  if (names.length === 0) return random.pick(VALUES);
  const name = random.pick(names);
  const changed = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<
    string,
    unknown
  >;
  if (random.chance(0.15)) delete changed[name];
  else changed[name] = changedValue(changed[name], random);
  return changed;
}

function textTarget(
  name: string,
  seeds: Target['seeds'],
  run: Target['run'],
  change: Target['change'],
): Target {
  return { name, extension: 'txt', isGuided: true, share: 0.3, seeds, change, run };
}

export const TEXTS: readonly Target[] = [
  textTarget('text-settings', () => CONFIGURATIONS, runSettings, havoc),
  textTarget('text-period', () => MOMENTS, runPeriodTexts, havoc),
  textTarget('text-key', () => KEYS, runKey, havoc),
  textTarget('text-baseline', async () => ours((await reports()).map(renderJson)), runBaseline, changeJson),
  textTarget('text-journal', async () => ours([await journal()]), runJournal, changeJson),
];
