/**
 * Rules say a message id and data; this turns their templates into text. `{name}` shows the value as it is, `{name:unit}`
 * as its unit asks for:
 *
 *     {overrun:duration}               2 min 5 s      (value in seconds)
 *     {packets:count}                  1,234
 *     {judged:count lease|leases}      1 lease, 14 leases
 *     {size:bytes}  {share:percent}  {delay:seconds}  {delay:millis}
 */
import type { MessageData } from '../engine/result.ts';
import { capLength } from './escape.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, formatPlural } from './units.ts';

const PLACEHOLDER = /\{([A-Za-z]\w*)(?::([^{}]+))?\}/g;

type Format = (value: number, forms: string) => string;

const FORMATS: Readonly<Record<string, Format>> = {
  duration: formatDuration,
  count(value, forms) {
    const [one, many] = forms.split('|');
    return one === undefined || many === undefined ? formatCount(value) : formatPlural(value, one, many);
  },
  bytes: formatBytes,
  percent: formatPercent,
  seconds: (value) => `${Number(value.toFixed(3))} s`,
  millis: (value) => `${Number(value.toFixed(3))} ms`,
};

/** One `{name:unit}` of a template. */
export interface Placeholder {
  readonly name: string;
  readonly unit: string | null;
  /** False where no such unit exists, or it lacks one of its two forms: a mistake in the rule. */
  readonly isKnownUnit: boolean;
}

/** What a template shows, for the tests that hold rules to their templates. */
export function placeholders(template: string): Placeholder[] {
  return Array.from(template.matchAll(PLACEHOLDER), ([, name = '', unit]) => ({
    name,
    unit: unit ?? null,
    isKnownUnit: unit === undefined || isKnownUnit(unit),
  }));
}

/** `count` alone, or with a singular and a plural; every other unit alone. */
function isKnownUnit(unit: string): boolean {
  const [name = '', ...forms] = unit.split(' ');
  if (!Object.hasOwn(FORMATS, name)) return false;
  return forms.length === 0 || (name === 'count' && forms.join(' ').split('|').length === 2);
}

/** Fills in a template. A value that is not known reads `unknown`. Packet text is cut here and escaped by the output. */
export function interpolate(template: string, data: MessageData): string {
  return template.replace(PLACEHOLDER, (_match, name: string, unit: string | undefined) => {
    const value = Object.hasOwn(data, name) ? data[name] : null;
    if (value === null || value === undefined) return 'unknown';
    if (typeof value !== 'number') return capLength(String(value));
    if (unit === undefined) return String(value);
    const [format = '', ...forms] = unit.split(' ');
    const apply = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
    return apply === undefined ? String(value) : apply(value, forms.join(' '));
  });
}
