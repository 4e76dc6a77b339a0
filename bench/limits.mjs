// Runs bench/limits/main.ts.
import { loadBundled, root } from '../scripts/bundle.mjs';

const { main } = await loadBundled('bench/limits/main.ts');
process.exitCode = await main(root, process.argv.slice(2));
