/** What was found: which fault it is, and the file that keeps its input. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type FindKind = 'throw' | 'hang' | 'memory' | 'growth';

export interface Find {
  readonly target: string;
  readonly kind: FindKind;
  /** Equal for finds that are one fault. */
  readonly signature: string;
  readonly message: string;
  readonly input: Uint8Array;
  /** False where the input comes from a real capture. */
  readonly isOurs: boolean;
}

/** Name, message without numbers, and the place that threw. */
export function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const place = frames.find((line) => !/node:|at must\b|<anonymous>\)$/.test(line)) ?? frames[0] ?? '';
  const where = /at (?:async )?(\S+)/.exec(place)?.[1] ?? '';
  return `${error.name}: ${error.message.split('\n', 1)[0]?.replaceAll(/\d+/g, '#').slice(0, 160)} in ${where}`;
}

/** Writes the input to a file whose name is the same for the same bytes; answers its path. */
export function keep(folder: string, extension: string, { target, input }: Find): string {
  mkdirSync(folder, { recursive: true });
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 10);
  const path = join(folder, `${target}-${hash}.${extension}`);
  writeFileSync(path, input);
  return path;
}
