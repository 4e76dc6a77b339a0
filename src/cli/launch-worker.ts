/** Starts the bundled worker of a scan, in a thread or as a process of its own. */
import { loadBundle } from './bundle.ts';

type Program = typeof import('./scan-worker.ts');

export default (loadBundle('worker').exports as Program).default;
