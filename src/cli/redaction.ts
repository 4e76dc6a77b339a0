/** What `--redact` and `kbdiag redact` share: their options, and the key, which is read from a file or made and reported once. */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Mapping } from '../evidence/redaction/mapping.ts';
import { terminalText } from '../report/escape.ts';
import type { Report } from '../report/schema.ts';
import type { EvidenceInputs } from './evidence.ts';
import { UsageError } from './exit.ts';
import { note } from './terminal.ts';

export interface RedactionChoices {
  readonly redactKey?: string;
  readonly keepOui?: true;
}

export interface ReportRedactionChoices extends RedactionChoices {
  readonly redact?: true;
}

/** Options of the mapping. */
export function addMappingOptions(command: Command): Command {
  return command
    .option(
      '--redact-key <file>',
      'key of the redaction, 32 bytes or their hex digits; one is made without it',
    )
    .option('--keep-oui', 'keep the vendor prefixes of MAC addresses');
}

/** `--redact` and the options of the mapping. */
export function addRedactOptions(command: Command): Command {
  return addMappingOptions(
    command.option('--redact', 'replace addresses, names and paths in the report and the evidence'),
  );
}

/** Throws `UsageError` if options of the mapping are given without anything to map. */
export function checkRedaction({ redact, redactKey, keepOui }: ReportRedactionChoices): void {
  if (redact) return;
  if (redactKey !== undefined) throw new UsageError('--redact-key is of use with --redact only');
  if (keepOui) throw new UsageError('--keep-oui is of use with --redact only');
}

export interface Key {
  readonly key: Uint8Array;
  /** Says the key on standard error if it was made: without it the same replacements are never to be had again. */
  readonly tellKey: () => void;
}

/** The key of the redaction, from its file or made. */
export async function loadKey({ redactKey }: RedactionChoices): Promise<Key> {
  const { formatKey, makeKey } = await import('../evidence/redaction/key.ts');
  const key = redactKey === undefined ? makeKey() : await readKey(redactKey);
  return {
    key,
    tellKey: () => {
      if (redactKey !== undefined) return;
      note(
        `redacted with a new key: ${formatKey(key)}\n  Put it into a file and name that with --redact-key to have the same replacements again. Who has it can undo them.`,
      );
    },
  };
}

export interface KeyedMapping extends Pick<Key, 'tellKey'> {
  readonly mapping: Mapping;
}

/** The mapping that the options ask for. */
export async function loadMapping(choices: RedactionChoices): Promise<KeyedMapping> {
  const [{ Mapping: Loaded }, { key, tellKey }] = await Promise.all([
    import('../evidence/redaction/mapping.ts'),
    loadKey(choices),
  ]);
  return { mapping: new Loaded(key, { keepVendor: choices.keepOui === true }), tellKey };
}

/** What becomes of everything that an analysis writes. */
export interface Redaction {
  readonly report: (report: Report) => Report;
  /** How the evidence of the findings that `shown` lists in its words is to be written. */
  readonly evidence: (
    inputs: Pick<EvidenceInputs, 'paths' | 'findings'>,
    shown: Report,
  ) => Pick<EvidenceInputs, 'findings' | 'names' | 'transform'>;
  readonly evidencePath: (path: string) => string;
  readonly tellKey: () => void;
}

const NO_REDACTION: Redaction = {
  report: (report) => report,
  evidence: ({ findings }) => ({ findings }),
  evidencePath: (path) => path,
  tellKey: () => {},
};

/** The redaction that the options ask for, or one that changes nothing. */
export async function loadRedaction(options: ReportRedactionChoices): Promise<Redaction> {
  if (!options.redact) return NO_REDACTION;
  const { mapping, tellKey } = await loadMapping(options);
  const [{ redactReport }, { redactingTransform }] = await Promise.all([
    import('../evidence/redaction/report.ts'),
    import('../evidence/redaction/evidence.ts'),
  ]);
  return {
    report: (report) => redactReport(report, mapping),
    evidence: ({ paths, findings }, shown) => ({
      findings: findings.map((finding, at) => ({
        ...finding,
        subject: shown.findings[at]?.subject ?? '',
      })),
      names: paths.map((path) => mapping.names.mapPath(path)),
      transform: redactingTransform(mapping),
    }),
    evidencePath: (path) => mapping.names.mapPath(path),
    tellKey,
  };
}

async function readKey(path: string): Promise<Uint8Array> {
  const { KeyError, MAX_KEY_FILE_BYTES, parseKey } = await import('../evidence/redaction/key.ts');
  try {
    const { size } = statSync(path);
    if (size > MAX_KEY_FILE_BYTES)
      throw new KeyError(`it has ${size} bytes; a key has 32, or their hex digits`);
    return parseKey(readFileSync(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = error instanceof KeyError ? '' : '; make one with: openssl rand -hex 32 > FILE';
    throw new UsageError(`--redact-key ${terminalText(path)}: ${terminalText(reason)}${hint}`);
  }
}
