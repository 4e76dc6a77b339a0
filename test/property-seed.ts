/**
 * Property tests try the same inputs at every run, so that a change is judged by what it changed. `KBDIAG_SEED=random` tries others,
 * and a number those of that number; what is found that way belongs into the `examples` of its property.
 */
import fc from 'fast-check';

const FIXED_SEED = 193_157;
const wanted = process.env['KBDIAG_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? FIXED_SEED : Number(wanted) });
