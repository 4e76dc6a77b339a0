/** The formats of a report. Each renderer is loaded when its format is asked for: a diagnosis on a terminal pays for none of the others. */
import type { Rule } from '../engine/rule.ts';
import type { Report } from './schema.ts';
import type { Device } from './style.ts';

export const FORMATS = ['text', 'json', 'ndjson', 'markdown', 'html', 'sarif', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** What people read shows times in the zone that was asked for; what programs read is UTC by contract. */
const SHOWS_ZONE: ReadonlySet<string> = new Set(['text', 'markdown', 'html']);

/** What a format may say beside the report itself. */
export interface RenderContext {
  /** The rules that the report was made with. */
  readonly rules?: readonly Rule[];
  /** What the program will end with. */
  readonly exitCode?: number;
}

/** A report as the text of a file or a terminal; `device` is where text goes, other formats are the same everywhere. */
export async function render(
  report: Report,
  format: Format,
  device: Device,
  context: RenderContext = {},
): Promise<string> {
  return [...(await renderPieces(report, format, device, context))].join('');
}

/** The same in pieces, to be written one after the other. */
export async function renderPieces(
  given: Report,
  format: Format,
  device: Device,
  context: RenderContext = {},
): Promise<Iterable<string>> {
  const isZoned = given.options['tz'] !== undefined && SHOWS_ZONE.has(format);
  const report = isZoned ? (await import('./zoned.ts')).inAskedZone(given) : given;
  switch (format) {
    case 'text':
      return [await (await import('./text.ts')).renderText(report, device)];
    case 'json':
      return (await import('./json.ts')).jsonPieces(report);
    case 'ndjson':
      return (await import('./ndjson.ts')).ndjsonPieces(report);
    case 'sarif':
      return [(await import('./sarif.ts')).renderSarif(report, context)];
    case 'csv':
      return [(await import('./csv.ts')).renderCsv(report)];
    case 'markdown':
      return [(await import('./markdown.ts')).renderMarkdown(report)];
    case 'html':
      return [await (await import('./html/index.ts')).renderHtml(report)];
  }
}
