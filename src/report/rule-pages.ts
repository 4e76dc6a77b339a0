/** `kbdiag rules` and `kbdiag explain`: what the rules say of themselves. */
import type { OptionGroups } from '../engine/options.ts';
import type { Rule, RuleMeta } from '../engine/rule.ts';
import { renderTable, wrap } from './layout.ts';
import type { Device } from './style.ts';
import { paint } from './style.ts';
import { TIERS } from './wording.ts';

/** One line per rule. */
export async function renderRuleList(rules: readonly Rule[], device: Device): Promise<string> {
  const table = await renderTable(
    device,
    [{ head: 'article' }, { head: 'area' }, { head: 'severities' }, { head: 'title' }],
    rules.map(({ meta }) => [meta.article.id, meta.area, severitiesOf(meta), meta.title]),
  );
  const notes = [
    'Severities are those of a definitive, a strong and a suggestive finding, and of special cases.',
    'kbdiag rules show Q… lists the options of a rule, kbdiag explain Q… says what it is about.',
  ];
  return `${[table, '', ...notes.map((note) => wrap(device, note))].join('\n')}\n`;
}

/** Everything that can be set or read of one rule. */
export async function renderRule({ meta }: Rule, shared: OptionGroups, device: Device): Promise<string> {
  const sections = [
    heading(meta, device),
    [
      wrap(device, meta.area, '  area        '),
      wrap(
        device,
        [...TIERS.map((tier) => `${meta.severity[tier]} if ${tier}`), ...specialCases(meta)].join(', '),
        '  severity    ',
      ),
      wrap(device, meta.needs.map(spaced).join(', ') || 'nothing', '  reads       '),
      wrap(device, meta.couldHide.map(spaced).join(', ') || 'nothing', '  may miss    '),
    ].join('\n'),
  ];
  for (const [prefix, specs] of [[meta.article.id, meta.options] as const, ...Object.entries(shared)]) {
    const rows = Object.entries(specs).map(([name, spec]) => [
      `${prefix}.${name}`,
      String(spec.default),
      unitOf(name),
      `${spec.description}${boundsOf(spec.min, spec.max)}`,
    ]);
    if (rows.length === 0) continue;
    const what = prefix === meta.article.id ? 'Options of this rule' : `Options of all rules: ${prefix}`;
    sections.push(
      `${paint(device, 'bold', what)}\n${await renderTable(
        device,
        [{ head: 'option' }, { head: 'default', align: 'right' }, { head: 'unit' }, { head: 'meaning' }],
        rows,
        undefined,
        '  ',
      )}`,
    );
  }
  sections.push(
    bullets(device, 'Looks like it and is not', meta.lookAlikes),
    bullets(device, 'Would prove a finding wrong', meta.refutations),
  );
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function severitiesOf(meta: RuleMeta): string {
  return [TIERS.map((tier) => meta.severity[tier]).join(', '), ...specialCases(meta)].join('; ');
}

function specialCases({ qualifiers = {} }: RuleMeta): string[] {
  return Object.values(qualifiers).map(({ severity, when }) => `${severity} ${when}`);
}

/** The article and its rule in our own words. */
export function renderExplanation({ meta }: Rule, device: Device): string {
  const { article } = meta;
  const sections = [
    heading(meta, device),
    paragraph(device, 'What goes wrong', article.symptom),
    paragraph(device, 'Cause', article.cause),
    paragraph(device, 'What the vendor did', article.resolution),
    bullets(device, 'Products', article.products),
    paragraph(device, 'What the rule says when it fires', withoutValues(meta.messages.found)),
    bullets(device, 'What looks like it and must stay silent', meta.lookAlikes),
    bullets(device, 'When not to trust a finding', meta.refutations),
    article.related.length === 0 ? '' : paragraph(device, 'Related articles', article.related.join(', ')),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** A template with an ellipsis for each value that a capture would fill in; counted things are in the plural. */
function withoutValues(template: string): string {
  return template.replace(/\{[^{}|]+(?:\|([^{}]*))?\}/g, (_match, many: string | undefined) =>
    many === undefined ? '…' : `… ${many}`,
  );
}

function heading({ article, title }: RuleMeta, device: Device): string {
  return [
    paint(device, 'bold', wrap(device, `${article.id}: ${title}`)),
    wrap(device, article.title, '  '),
  ].join('\n');
}

function paragraph(device: Device, title: string, text: string): string {
  return `${paint(device, 'bold', title)}\n${wrap(device, text, '  ')}`;
}

function bullets(device: Device, title: string, texts: readonly string[]): string {
  if (texts.length === 0) return '';
  return [paint(device, 'bold', title), ...texts.map((text) => wrap(device, text, '  - '))].join('\n');
}

/** The unit is the end of the name. */
const UNITS: ReadonlyArray<readonly [RegExp, string]> = [
  [/Seconds$/, 's'],
  [/Millis$/, 'ms'],
  [/Fraction$/, 'share of 1'],
  [/Bytes$/, 'bytes'],
  [/PerSecond$/, '1/s'],
  [/Ratio$/, 'ratio'],
];

function unitOf(name: string): string {
  return UNITS.find(([ending]) => ending.test(name))?.[1] ?? 'count';
}

function boundsOf(min: number | undefined, max: number | undefined): string {
  if (min === undefined && max === undefined) return '';
  return ` (${min ?? 0} to ${max ?? 'any'})`;
}

function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
