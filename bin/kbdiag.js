#!/usr/bin/env node
const { launch } = require('../dist/launch.cjs');
launch(process.argv.slice(2));
