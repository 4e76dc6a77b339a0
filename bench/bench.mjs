import { bundled, root } from './bundle.mjs';

const { main } = await bundled('main.ts');
process.exitCode = await main(root, process.argv.slice(2));
