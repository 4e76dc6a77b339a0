#!/usr/bin/env node
import { main } from '../dist/kbdiag.js';
await main(process.argv.slice(2));
