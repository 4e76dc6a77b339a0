// Runs bench/scan.ts.
import { loadBundled, root } from '../scripts/bundle.mjs';

const { main } = await loadBundled('bench/scan.ts');
process.exitCode = await main(root, process.argv.slice(2));
