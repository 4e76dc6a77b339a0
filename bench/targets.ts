/** What the figures have to be, and whether they are. */
import type { ContenderName } from './contenders.ts';
import type { CaptureName } from './generate/captures.ts';
import type { Result } from './statistics.ts';
import { nanosPerPacket, peakOf, wallOf } from './statistics.ts';

export type Results = ReadonlyMap<CaptureName, ReadonlyMap<ContenderName, Result>>;

export interface Verdict {
  readonly target: string;
  readonly outcome: 'PASS' | 'FAIL' | 'not measured';
  readonly figure: string;
}

/** Most of a reference's time that kbdiag may take, as a ratio of medians. */
const TIME_RATIOS: ReadonlyArray<readonly [CaptureName, ContenderName, number]> = [
  ['small', 'capinfos -c', 1],
  ['synflood', 'capinfos -c', 1],
  ['pcapng', 'capinfos -c', 1],
  ['mix', 'capinfos -c', 1.1],
  ['big', 'capinfos -c', 1.3],
  ['gzip', 'gzip -dc', 1.5],
];
const WATCHED_RATIO = 1.15;
const PEAK_BYTES = 128 * 2 ** 20;
const PCAP_PARSER_FACTOR = 5;

function verdict(target: string, value: number | null, limit: number, isUpper: boolean, unit = ''): Verdict {
  if (value === null || Number.isNaN(value)) return { target, outcome: 'not measured', figure: '' };
  const holds = isUpper ? value <= limit : value >= limit;
  return {
    target,
    outcome: holds ? 'PASS' : 'FAIL',
    figure: `${value.toFixed(unit === ' MiB' ? 0 : 2)}${unit}`,
  };
}

/** A verdict for every target whose capture was run. */
export function judge(results: Results): Verdict[] {
  const find = (capture: CaptureName, contender: ContenderName): Result | null => {
    const result = results.get(capture)?.get(contender);
    return result && result.failure === null && result.runs.length > 0 ? result : null;
  };
  const verdicts: Verdict[] = [];
  for (const [capture, contender, limit] of TIME_RATIOS) {
    if (!results.has(capture)) continue;
    const [own, reference] = [find(capture, 'kbdiag'), find(capture, contender)];
    const ratio = own && reference ? wallOf(own).median / wallOf(reference).median : null;
    verdicts.push(verdict(`${capture}: at most ${limit} of ${contender}`, ratio, limit, true));
  }
  if (results.has('watched')) {
    const [watched, plain] = [find('watched', 'kbdiag'), find('mix', 'kbdiag')];
    // Per packet, since the fault's own messages make the watched capture a few packets longer.
    const ratio = watched && plain ? nanosPerPacket(watched) / nanosPerPacket(plain) : null;
    verdicts.push(verdict(`watched: at most ${WATCHED_RATIO} of mix`, ratio, WATCHED_RATIO, true));
  }
  for (const capture of results.keys()) {
    const own = find(capture, 'kbdiag');
    const peak = own && peakOf(own);
    const target = `${capture}: peak RSS at most ${PEAK_BYTES / 2 ** 20} MiB`;
    verdicts.push(verdict(target, peak === null ? null : peak / 2 ** 20, PEAK_BYTES / 2 ** 20, true, ' MiB'));
  }
  for (const capture of results.keys()) {
    if (!results.get(capture)?.has('pcap-parser')) continue;
    const [own, slow] = [find(capture, 'kbdiag'), find(capture, 'pcap-parser')];
    const factor = own && slow ? wallOf(slow).median / wallOf(own).median : null;
    const target = `${capture}: at least ${PCAP_PARSER_FACTOR} times as fast as pcap-parser`;
    verdicts.push(verdict(target, factor, PCAP_PARSER_FACTOR, false, ' times'));
  }
  return verdicts;
}
