/** The formats of a report. Each renderer is loaded when its format is asked for: a diagnosis on a terminal pays for none of the others. */
import type { Report } from './schema.ts';
import type { Device } from './style.ts';

export const FORMATS = ['text', 'json', 'markdown', 'html'] as const;
export type Format = (typeof FORMATS)[number];

/** A report as the text of a file or a terminal; `device` is where text goes, other formats are the same everywhere. */
export async function render(report: Report, format: Format, device: Device): Promise<string> {
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
