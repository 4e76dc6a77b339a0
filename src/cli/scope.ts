/** From `--from`, `--to`, `--tz`, `--host`, `--ignore` and `--baseline` to what engine and report make of them. */
import { HostFilter } from '../engine/host-filter.ts';
import { terminalText } from '../report/escape.ts';
import { comparedWith, unmatchedKeys, withoutIgnored } from '../report/known.ts';
import type { Report } from '../report/schema.ts';
import { findTimeZone, type TimeZone, timeZoneNames, UTC } from '../report/time-zone.ts';
import { zonedTime } from '../report/zoned.ts';
import { formatIpv4, parseIpv4 } from '../wire/ipv4.ts';
import { readBaseline } from './baseline.ts';
import { UsageError } from './exit.ts';
import { suggestion } from './nearest.ts';
import { toPeriod } from './period.ts';
import type { Scope, ScopeOptions } from './scope-options.ts';

export async function toScope(options: ScopeOptions): Promise<Scope> {
  const { from, to, host, ignore, baseline: baselinePath } = options;
  const zone = options.tz === undefined ? UTC : readTimeZone(options.tz);
  const period = from === undefined && to === undefined ? undefined : toPeriod(from, to, zone);
  const hosts = host === undefined ? undefined : new HostFilter(new Map(host.map(readHost)));
  const ignored = new Set((ignore ?? []).map(readKey));
  const baseline = baselinePath === undefined ? null : await readBaseline(baselinePath);
  return {
    analysis: {
      ...(period === undefined ? {} : { period }),
      ...(hosts === undefined ? {} : { hosts }),
      ...(options.tz === undefined ? {} : { localZone: zone }),
    },
    hosts: host === undefined ? null : unique(host),
    choices: {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(options.tz === undefined ? {} : { tz: zone.name }),
      ...(host === undefined ? {} : { host: unique(host) }),
      ...(ignored.size === 0 ? {} : { ignore: [...ignored] }),
      ...(baselinePath === undefined ? {} : { baseline: baselinePath }),
    },
    apply(report) {
      // As the report shows them: of a redacted one, the redacted ones.
      const keys = new Set([report.options['ignore'] ?? []].flat().map(String));
      const rest = keys.size === 0 ? report : withoutIgnored(report, keys);
      return baseline === null ? rest : comparedWith(rest, baseline);
    },
    notes(result, report) {
      const notes = unmatchedKeys(ignored, [...result.findings, ...report.findings]).map((key) => {
        const near = suggestion(
          key,
          report.findings.map((finding) => terminalText(finding.key, Infinity)),
        );
        return `--ignore ${terminalText(key)} fits no finding${near}`;
      });
      for (const name of hosts?.unnamed() ?? []) {
        notes.push(`--host ${terminalText(name)}: nothing that a rule judges concerns it`);
      }
      if (period !== undefined && report.captures.every(({ examined }) => examined?.packets === 0))
        notes.push(emptyPeriod(report, zone));
      return notes;
    },
  };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

export function readTimeZone(text: string): TimeZone {
  const zone = findTimeZone(text);
  if (zone !== null) return zone;
  const names = timeZoneNames();
  const place = text.trim().toLowerCase().replaceAll(' ', '_');
  // A city alone is not near to a name in letters.
  const city = names.find((name) => name.toLowerCase().endsWith(`/${place}`));
  const hint = city === undefined ? suggestion(text, names) : `; did you mean ${city}?`;
  throw new UsageError(
    `--tz ${terminalText(text)}: there is no such time zone${hint || '; write Europe/Berlin, +01:00, UTC or local'}`,
  );
}

/** What was given, and the form in which findings show it. */
function readHost(text: string): readonly [given: string, shown: string] {
  const refuse = (why: string): never => {
    throw new UsageError(`--host ${terminalText(text)}: ${why}`);
  };
  const word = text.trim();
  if (word === '') refuse('name an IPv4 address or a MAC address');
  const address = parseIpv4(word);
  if (!Number.isNaN(address)) return [text, formatIpv4(address)];
  const digits = word.replace(/[:.-]/g, '');
  if (
    /^(?:[\da-f]{2}([:-])(?:[\da-f]{2}\1){4}[\da-f]{2}|(?:[\da-f]{4}\.){2}[\da-f]{4}|[\da-f]{12})$/i.test(
      word,
    )
  )
    return [text, digits.toLowerCase().replace(/..(?=.)/g, '$&:')];
  if (word.includes('/')) refuse('a network is no host; repeat --host for each of its hosts');
  if (word.includes(',')) refuse('repeat --host for each host');
  if (/^[\d.]+$/.test(word)) refuse('this is no IPv4 address; write it as 10.0.0.5');
  return refuse(
    'this is neither an IPv4 nor a MAC address; rules know hosts by 10.0.0.5 and 00:11:22:33:44:55, not by name',
  );
}

function readKey(text: string): string {
  if (text.trim() === '') throw new UsageError('--ignore needs the key of a finding, as a report shows it');
  return text;
}

function emptyPeriod(report: Report, zone: TimeZone): string {
  const times = report.captures.flatMap(({ firstTime, lastTime }) =>
    firstTime === null || lastTime === null ? [] : [firstTime, lastTime],
  );
  // ISO 8601 in UTC with equal decimals sorts as text does; other decimals differ behind the second.
  const sorted = times.toSorted((a, b) => secondsOf(a) - secondsOf(b));
  const [first] = sorted;
  const last = sorted.at(-1);
  const span =
    first === undefined || last === undefined
      ? 'no packet of the capture has a time'
      : `the capture runs from ${zonedTime(first, zone)} to ${zonedTime(last, zone)}`;
  return `no packet lies between --from and --to: ${span}`;
}

/** One without a zone is read as UTC, as everywhere. */
function secondsOf(time: string): number {
  return Date.parse(time.endsWith('Z') ? time : `${time}Z`);
}
