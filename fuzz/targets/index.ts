/** Everything that is fuzzed. */
import { DECODERS } from './decoders.ts';
import { ENGINE } from './engine.ts';
import { OUTPUTS } from './outputs.ts';
import { READERS } from './readers.ts';
import type { Target } from './target.ts';
import { TEXTS } from './texts.ts';

export const TARGETS: readonly Target[] = [...READERS, ...DECODERS, ...ENGINE, ...OUTPUTS, ...TEXTS];
