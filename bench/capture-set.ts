/** Keeps the captures on disk: makes those that are missing or were made by another generator. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CaptureDefinition, CaptureName } from './generate/captures.ts';
import { CAPTURES, GENERATOR_VERSION } from './generate/captures.ts';

export interface CaptureFile {
  readonly name: CaptureName;
  readonly content: string;
  readonly path: string;
  readonly packets: number;
  readonly bytes: number;
}

interface Receipt {
  readonly generator: number;
  readonly scale: number;
  readonly packets: number;
  readonly bytes: number;
}

function readReceipt(file: string): Receipt | null {
  const receiptFile = `${file}.json`;
  if (!existsSync(file) || !existsSync(receiptFile)) return null;
  return JSON.parse(readFileSync(receiptFile, 'utf8')) as Receipt;
}

/** Brings the named captures into `folder`, and `mix` wherever another is paired with it. */
export async function provideCaptures(
  folder: string,
  names: readonly CaptureName[],
  scale: number,
  say: (line: string) => void,
): Promise<CaptureFile[]> {
  mkdirSync(folder, { recursive: true });
  const needsMix = names.includes('watched');
  const wanted = CAPTURES.filter(({ name }) => names.includes(name) || (needsMix && name === 'mix'));
  const files: CaptureFile[] = [];
  for (const definition of wanted) {
    files.push(await provide(folder, definition, scale, say));
  }
  return files;
}

async function provide(
  folder: string,
  definition: CaptureDefinition,
  scale: number,
  say: (line: string) => void,
): Promise<CaptureFile> {
  const { name, content, extension } = definition;
  const stem = scale === 1 ? name : `${name}-${scale}`;
  const file = path.join(folder, `${stem}.${extension}`);
  const known = readReceipt(file);
  if (
    known?.generator === GENERATOR_VERSION &&
    known.scale === scale &&
    known.bytes === statSync(file).size
  ) {
    return { name, content, path: file, packets: known.packets, bytes: known.bytes };
  }
  const start = performance.now();
  const partial = `${file}.partial`;
  const { packets } = await definition.make(partial, scale);
  const bytes = statSync(partial).size;
  renameSync(partial, file);
  const receipt: Receipt = { generator: GENERATOR_VERSION, scale, packets, bytes };
  writeFileSync(`${file}.json`, `${JSON.stringify(receipt)}\n`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(`made ${path.basename(file)}: ${packets} packets, ${(bytes / 1e6).toFixed(0)} MB, in ${seconds} s`);
  return { name, content, path: file, packets, bytes };
}
