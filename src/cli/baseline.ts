/** An earlier report as a baseline: the keys of its findings. It must be a JSON report of this contract and of kbdiag. */
import { readFileSync } from 'node:fs';
import { terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import { UsageError } from './exit.ts';

const CONTRACT = 'kbdiag-report/1';
const HOW_TO_MAKE = 'make one with kbdiag analyze -f json -o FILE';

/** Reads and validates the report; what is wrong with it is a `UsageError`. */
export async function readBaseline(path: string): Promise<ReadonlySet<string>> {
  const refuse = (message: string, cause?: unknown): never => {
    throw new UsageError(`--baseline ${terminalText(path)}: ${message}`, { cause });
  };
  let text = '';
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    refuse(terminalText(error instanceof Error ? error.message : String(error)), error);
  }
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch (error) {
    refuse(`this is not JSON; ${HOW_TO_MAKE}`, error);
  }
  const schema = fieldOf(report, 'schema');
  const name = fieldOf(fieldOf(report, 'tool'), 'name');
  if (typeof schema !== 'string' || (name !== undefined && name !== TOOL.name))
    refuse(`this JSON is no report of ${TOOL.name}; ${HOW_TO_MAKE}`);
  if (schema !== CONTRACT) {
    refuse(
      `this is ${terminalText(String(schema), 40)}, and this ${TOOL.name} compares with ${CONTRACT}; ${HOW_TO_MAKE}`,
    );
  }
  const { reportSchema } = await import('../report/schema.ts');
  const result = reportSchema.safeParse(report);
  if (result.success) return new Set(result.data.findings.map(({ key }) => key));
  const [issue] = result.error.issues;
  return refuse(
    `the report is not valid: ${terminalText(placeOf(issue?.path ?? []))}: ${terminalText(issue?.message ?? '')}; ${HOW_TO_MAKE}`,
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** `findings[3].key`. */
function placeOf(path: readonly PropertyKey[]): string {
  const words = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return words.join('').replace(/^\./, '') || 'the report';
}
