/** The JSON report. */
import { jsonText } from './escape.ts';
import type { Report } from './schema.ts';

/** Parsing it gives the report unchanged; printing it on a terminal does no harm. */
export function renderJson(report: Report): string {
  return `${jsonText(report)}\n`;
}
