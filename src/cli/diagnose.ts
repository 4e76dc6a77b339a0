/** What the options of an analysis come to, once for any number of captures: `analyze` and `scan` give the same report of the same capture. */
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { AnalyzeOptions, AnalyzeResult } from '../engine/analyze.ts';
import type { Severity, Tier } from '../engine/result.ts';
import { toReport } from '../report/model.ts';
import type { Report } from '../report/schema.ts';
import { rules as allRules } from '../../rules/index.ts';
import { SEVERITIES, TIERS } from '../report/wording.ts';
import { selectRules } from './rule-selection.ts';
import type { Scope, ScopeOptions } from './scope-options.ts';
import { addScopeOptions, readScope } from './scope-options.ts';
import type { Setting } from './settings.ts';
import { parseSetting, readConfigFile, validateSettings } from './settings.ts';

/** Plain data, so that it can be sent to a worker. */
export interface DiagnosisOptions extends ScopeOptions {
  readonly rules?: string;
  readonly minTier?: Tier;
  readonly hash?: true;
}

/** Where thresholds come from. */
export interface ThresholdOptions {
  readonly config?: string;
  readonly set?: readonly Setting[];
}

/** What commands that diagnose have in common. */
export interface DiagnosisCommandOptions extends DiagnosisOptions, ThresholdOptions {
  readonly failOn?: Severity;
}

export interface Diagnosis {
  /** For `analyze` of the engine. */
  readonly analysis: Pick<AnalyzeOptions, 'rules' | 'overrides' | 'period' | 'hosts' | 'localZone'>;
  readonly scope: Scope;
  /** What reports name as asked for, thresholds included. */
  readonly choices: Report['options'];
  /** The report before `scope.apply`. */
  toReport(result: AnalyzeResult): Promise<Report>;
}

export function addDiagnosisOptions(command: Command): Command {
  command
    .option('--rules <articles>', 'only these rules, separated by commas')
    .option('--set <name=value>', 'set a threshold, such as Q151387.graceMinSeconds=60 (repeatable)', collect)
    .option('--config <file>', 'JSON file of thresholds by full name; --set wins over it')
    .addOption(new Option('--min-tier <tier>', 'leave out findings that are less sure').choices(TIERS))
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 on a fault at least that severe').choices(SEVERITIES),
    )
    .option('--hash', 'put the SHA-256 of each file into its report');
  return addScopeOptions(command);
}

function collect(text: string, earlier: readonly Setting[] = []): Setting[] {
  return [...earlier, parseSetting(text)];
}

/** Thresholds by full name. Those of rules that are off are checked as well: a configuration file serves any selection. */
export async function readThresholds(options: ThresholdOptions): Promise<Record<string, number>> {
  const settings = [
    ...(options.config === undefined ? [] : await readConfigFile(options.config)),
    ...(options.set ?? []),
  ];
  return validateSettings(settings, allRules);
}

/** Checks the options; what is wrong with them is a `UsageError`. `overrides` are valid. */
export async function prepareDiagnosis(
  options: DiagnosisOptions,
  overrides: Readonly<Record<string, number>>,
): Promise<Diagnosis> {
  const rules = options.rules === undefined ? allRules : selectRules(options.rules, allRules);
  const scope = await readScope(options);
  const choices = {
    ...scope.choices,
    ...(options.minTier === undefined ? {} : { minTier: options.minTier }),
    ...(options.rules === undefined ? {} : { rules: rules.map(({ meta }) => meta.article.id).join(',') }),
  };
  return {
    analysis: { rules, overrides: Object.freeze({ ...overrides }), ...scope.analysis },
    scope,
    choices: { ...overrides, ...choices },
    async toReport(result) {
      return toReport(result, rules, {
        ...(options.minTier === undefined ? {} : { minTier: options.minTier }),
        ...(options.hash ? { sha256: await hashFiles(result.captures.map(({ path }) => path)) } : {}),
        ...(scope.hosts === null ? {} : { hosts: scope.hosts }),
        choices,
      });
    },
  };
}

async function hashFiles(paths: readonly string[]): Promise<Map<string, string>> {
  const { createHash } = await import('node:crypto');
  const digests = new Map<string, string>();
  for (const path of new Set(paths)) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
    digests.set(path, hash.digest('hex'));
  }
  return digests;
}
