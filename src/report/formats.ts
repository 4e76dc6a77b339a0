/** The formats of a report. Each renderer is loaded when its format is asked for: a diagnosis on a terminal pays for none of the others. */
import type { Report } from './schema.ts';
import type { Device } from './style.ts';

export const FORMATS = ['text', 'json', 'markdown', 'html'] as const;
export type Format = (typeof FORMATS)[number];

/** What people read shows times in the zone that was asked for; what programs read is UTC by contract. */
const SHOWS_ZONE: ReadonlySet<string> = new Set(['text', 'markdown', 'html']);

/** A report as the text of a file or a terminal; `device` is where text goes, other formats are the same everywhere. */
export async function render(given: Report, format: Format, device: Device): Promise<string> {
  const isZoned = given.options['tz'] !== undefined && SHOWS_ZONE.has(format);
  const report = isZoned ? (await import('./zoned.ts')).inAskedZone(given) : given;
  switch (format) {
    case 'text':
      return (await import('./text.ts')).renderText(report, device);
    case 'json':
      return (await import('./json.ts')).renderJson(report);
    case 'markdown':
      return (await import('./markdown.ts')).renderMarkdown(report);
    case 'html':
      return (await import('./html/page.ts')).renderHtml(report);
  }
}
