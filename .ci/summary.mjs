// Counts what passed and failed. Arguments: vitest's JSON report, the exit status of `npm test`, that of the run of the built
// product, and 1 where a skipped test counts as a failure.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [reportFile, testStatus, productStatus, mustNotSkip] = process.argv.slice(2);
const results = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')).testResults : [];
const tests = results.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ fullName, status }) => ({
    file: path.relative(process.cwd(), name),
    fullName,
    status,
  })),
);
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
const isConformance = ({ file }) => /conformance|corpus|oracle/.test(file);
const conformance = tests.filter(isConformance);

let passed = tests.filter(({ status }) => status === 'passed').length;
let failed = tests.filter(({ status }) => status === 'failed').length;
for (const { file, fullName } of skipped) console.log(`skipped: ${file}: ${fullName}`);
// Nothing is refused to root: what is about refusals can run as anybody else only, and says so.
const isExcused = ({ fullName }) => process.getuid?.() === 0 && fullName.endsWith('(not as root)');
if (mustNotSkip === '1') failed += skipped.filter((test) => !isExcused(test)).length;
else if (skipped.length > 0) console.log(`${skipped.length} skipped`);

// A file that could not be loaded has no tests to fail.
for (const { name, status, assertionResults } of results) {
  if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
    console.log(`failed as a whole: ${path.relative(process.cwd(), name)}`);
    failed += 1;
  }
}
if (tests.length === 0) console.log('no test ran: the type check or the lint failed');
if (Number(testStatus) !== 0 && failed === 0) failed += 1;

const ranOnCorpus = conformance.filter(({ status }) => status === 'passed' || status === 'failed').length;
console.log(`conformance: ${ranOnCorpus} tests ran, ${conformance.length - ranOnCorpus} skipped`);
if (mustNotSkip === '1' && ranOnCorpus === 0) failed += 1;

if (Number(productStatus) === 0) passed += 1;
else failed += 1;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
