/**
 * A report, redacted. Fields that are a path, a layer-2 domain or a finding's key are rebuilt from their parts; in all others the addresses
 * are replaced where they stand, and so are the names of interfaces and files that the report knows. Unknown fields are treated as
 * sentences, so what is added to the report later is redacted as well.
 *
 * Frame numbers, times, sizes and counts stay: display filters go on selecting the same frames. The options say that the report is
 * redacted, and by which key.
 */
import type { Report, ReportFinding } from '../../report/schema.ts';
import { formatIpv4, parseIpv4 } from '../../wire/ipv4.ts';
import { formatMac } from '../../wire/mac.ts';
import type { Mapping } from './mapping.ts';

/** Fields that hold the name of a file, whatever they stand in. */
const PATH_FIELDS: ReadonlySet<string> = new Set([
  'path',
  'file',
  'config',
  'baseline',
  'evidence',
  'output',
]);
/** Fields whose strings come from a list of our own. */
const FIXED_FIELDS: ReadonlySet<string> = new Set([
  'schema',
  'tool',
  'sha256',
  'displayFilter',
  'time',
  'firstTime',
  'lastTime',
]);

/** A MAC address or an IPv4 address, but no section of an RFC. Rather one too many than one too few: what only looks like one does no harm mapped. */
const ADDRESS =
  /(?<![0-9a-f])[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?![0-9a-f])|(?<!\d|\bRFC \d{1,5} )\d{1,3}(?:\.\d{1,3}){3}(?!\d)/gi;

/** What trackers put behind the name of an interface. */
const DOMAIN = /^(.*?)((?:, index -?\d+)?(?:, VLAN [\d.]+)?)$/s;
/** Names of domains that are no interface's own. */
const OWN_DOMAIN = /^(?:interface \d+|other domains)$/;

const TEXT_SEPARATOR = /[\w]/;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export class TextRedactor {
  readonly #mapping: Mapping;
  /** Names that occur in sentences, the longest first, and their images. */
  readonly #literals: ReadonlyArray<readonly [name: string, image: string]>;

  /** `interfaces` and `paths` are replaced wherever they occur as a whole. */
  constructor(mapping: Mapping, interfaces: readonly string[] = [], paths: readonly string[] = []) {
    this.#mapping = mapping;
    const images = new Map<string, string>();
    for (const name of interfaces) images.set(name, mapping.names.mapInterface(name));
    for (const path of paths) images.set(path, mapping.names.mapPath(path));
    this.#literals = [...images]
      .filter(([name, image]) => name !== '' && name !== image)
      .toSorted(([a], [b]) => b.length - a.length);
  }

  /** A sentence, an address, a list of them. */
  text(text: string): string {
    return this.#replaceLiterals(text, 0);
  }

  path(path: string): string {
    return this.#mapping.names.mapPath(path);
  }

  /** The name of a layer-2 domain. */
  domain(domain: string): string {
    const [, name = '', rest = ''] = DOMAIN.exec(domain) ?? [];
    return OWN_DOMAIN.test(name) ? domain : this.#mapping.names.mapInterface(name) + rest;
  }

  /** What stands between literals never meets what they became. */
  #replaceLiterals(text: string, from: number): string {
    for (let at = from; at < this.#literals.length; at += 1) {
      const [name, image] = this.#literals[at] as readonly [string, string];
      const parts = splitAtWord(text, name);
      if (parts.length > 1) return parts.map((part) => this.#replaceLiterals(part, at + 1)).join(image);
    }
    return this.#replaceAddresses(text);
  }

  #replaceAddresses(text: string): string {
    return text.replaceAll(ADDRESS, (found, separator: string | undefined) => {
      if (separator !== undefined) return this.#replaceMac(found, separator);
      const address = parseIpv4(found);
      return Number.isNaN(address) ? found : formatIpv4(this.#mapping.address(address));
    });
  }

  #replaceMac(found: string, separator: string): string {
    const mac = Number.parseInt(found.replaceAll(separator, ''), 16);
    const image = formatMac(this.#mapping.mac(mac)).replaceAll(':', separator);
    return found === found.toLowerCase() ? image : image.toUpperCase();
  }
}

/** The text between the places where `word` stands by itself. */
function splitAtWord(text: string, word: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + word.length] ?? ' ';
    if (at < from || TEXT_SEPARATOR.test(before) || TEXT_SEPARATOR.test(after)) continue;
    parts.push(text.slice(from, at));
    from = at + word.length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** The parts of a report by which names are known again in its sentences and keys. */
interface Named {
  readonly findings: ReadonlyArray<Pick<ReportFinding, 'key' | 'article' | 'domain' | 'subject'>>;
  readonly captures: ReadonlyArray<{ readonly path: string }>;
  readonly failures: ReadonlyArray<{ readonly path: string }>;
  readonly health: { readonly gaps: ReadonlyArray<{ readonly domain: string }> };
}

/** The report as it may leave the building. */
export function redactReport(report: Report, mapping: Mapping): Report {
  const redacted = fieldsOf(report, mapping)(report as unknown as Json, '') as unknown as Report;
  return { ...redacted, options: withKey(redacted.options, mapping) };
}

/** What reports without a finding name as asked for. */
export function redactOptions(options: Report['options'], mapping: Mapping): Report['options'] {
  const redact = fieldsOf({ findings: [], captures: [], failures: [], health: { gaps: [] } }, mapping);
  return withKey(redact(options, 'options') as Report['options'], mapping);
}

function withKey(options: Report['options'], mapping: Mapping): Report['options'] {
  return sortByName({ ...options, redact: `key ${mapping.fingerprint}` });
}

/** Redacts a value by the field that it stands in. */
function fieldsOf(report: Named, mapping: Mapping): (value: Json, field: string) => Json {
  const domains = new Set([
    ...report.findings.map(({ domain }) => domain),
    ...report.health.gaps.map(({ domain }) => domain),
  ]);
  const interfaces = [...domains]
    .map((domain) => DOMAIN.exec(domain)?.[1] ?? '')
    .filter((name) => !OWN_DOMAIN.test(name));
  const paths = [...report.captures, ...report.failures].map(({ path }) => path);
  const redactor = new TextRedactor(mapping, interfaces, paths);
  const keys = new Map(report.findings.map((finding) => [finding.key, redactKey(finding, redactor)]));
  const longestFirst = [...domains].toSorted((a, b) => b.length - a.length);

  /** A key of this report, or of one that it does not list. */
  const key = (text: string): string => {
    const known = keys.get(text);
    if (known !== undefined) return known;
    const [article = ''] = text.split('|', 1);
    const domain = longestFirst.find((name) => text.startsWith(`${article}|${name}|`));
    if (domain === undefined) return redactor.text(text);
    const rest = text.slice(article.length + domain.length + 2);
    return `${article}|${redactor.domain(domain)}|${redactor.text(rest)}`;
  };

  const redact = (value: Json, field: string): Json => {
    if (typeof value === 'string') {
      if (FIXED_FIELDS.has(field)) return value;
      if (PATH_FIELDS.has(field)) return redactor.path(value);
      if (field === 'domain') return domains.has(value) ? redactor.domain(value) : redactor.text(value);
      if (field === 'key' || field === 'related' || field === 'countsIn' || field === 'ignore')
        return key(value);
      return redactor.text(value);
    }
    if (value === null || typeof value !== 'object') return value;
    if (isList(value)) return value.map((item) => redact(item, field));
    const names = Object.entries(value);
    // What a fault's facts are called is a rule's; a fact may well be called like a field.
    return Object.fromEntries(
      names.map(([name, item]) => [name, FIXED_FIELDS.has(field) ? item : redact(item, name)]),
    );
  };
  return redact;
}

function sortByName<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** Article, domain, subject, and what else tells a notice from a fault. */
function redactKey(
  { key, article, domain, subject }: Named['findings'][number],
  redactor: TextRedactor,
): string {
  const start = `${article}|${domain}|${subject}`;
  if (!key.startsWith(start)) return redactor.text(key);
  const image = `${article}|${redactor.domain(domain)}|${redactor.text(subject)}`;
  return image + redactor.text(key.slice(start.length));
}
