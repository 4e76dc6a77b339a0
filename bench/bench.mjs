// Runs bench/main.ts.
import { loadBundled, root } from '../scripts/bundle.mjs';

const { main } = await loadBundled('bench/main.ts');
process.exitCode = await main(root, process.argv.slice(2));
