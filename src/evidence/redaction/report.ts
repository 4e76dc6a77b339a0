/**
 * A report, redacted by what its fields mean. Words of our own stay as they are, whatever a file or an interface is called; paths, layer-2
 * domains, hosts that were asked for and the keys of findings are rebuilt from their parts; in all other strings the addresses are
 * replaced where they stand. Unknown fields are treated as sentences, so what is added to the report later is redacted as well; no
 * rule names an interface in its sentences.
 *
 * Frame numbers, times, sizes and counts stay: display filters go on selecting the same frames. The options say that the report is
 * redacted, and by which key.
 */
import { renameInHint } from '../../capture/format.ts';
import { shellWord, terminalText } from '../../report/escape.ts';
import type { Report, ReportFinding } from '../../report/schema.ts';
import { formatIpv4, parseIpv4 } from '../../wire/ipv4.ts';
import { formatMac } from '../../wire/mac.ts';
import type { Mapping } from './mapping.ts';

/** Fields that hold the name of a file, whatever they stand in. */
const PATH_FIELDS: ReadonlySet<string> = new Set([
  ...['path', 'file', 'config', 'baseline', 'evidence', 'output'],
]);
/** Fields whose strings come from a list of our own, or are times. */
const FIXED_FIELDS: ReadonlySet<string> = new Set([
  ...['schema', 'tool', 'sha256', 'displayFilter', 'article', 'title', 'kind', 'tier', 'severity', 'verdict'],
  ...['role', 'code', 'format', 'compression', 'linkTypes', 'timeZone', 'unit', 'rules', 'minTier', 'tz'],
  ...['time', 'firstTime', 'lastTime', 'firstSeen', 'lastSeen', 'from', 'to'],
]);
const KEY_FIELDS: ReadonlySet<string> = new Set(['key', 'related', 'countsIn', 'ignore']);

/** A MAC address or an IPv4 address, but no section of an RFC. Rather one too many than one too few: what only looks like one does no harm mapped. */
const ADDRESS =
  /(?<![0-9a-f])[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?![0-9a-f])|(?<!\d|\bRFC \d{1,5} )\d{1,3}(?:\.\d{1,3}){3}(?!\d)/gi;

/** What trackers put behind the name of an interface. */
const DOMAIN = /^(.*?)((?:, index -?\d+)?(?:, VLAN [\d.]+)?)$/s;
/** Names of domains that are no interface's own. */
const OWN_DOMAIN = /^(?:interface \d+|other domains)$/;

const TEXT_SEPARATOR = /[\w]/;

/** A MAC address in any notation, its separators left out. */
const MAC_DIGITS = /^[0-9a-f]{12}$/i;

/** Subjects of findings, as all rules name them. */
const SUBJECT = /^(?:(?:(?:host \d+ of )?cluster )?\d+(?:\.\d+){3}(?: on [\da-f:]{17})?|[\da-f:]{17})$/i;
const ARTICLE = /^Q\d+$/;
/** What tells findings of one subject apart. */
const OWN_SUBKEYS: ReadonlySet<string> = new Set(['moves', 'averted', 'answers-everything', 'left']);

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export class TextRedactor {
  readonly #mapping: Mapping;
  /** Names that occur in sentences, the longest first, and their images. */
  readonly #literals: ReadonlyArray<readonly [name: string, image: string]>;

  /** `interfaces`, `paths` and `hosts` are replaced wherever they occur as a whole, paths also as words of a shell. */
  constructor(
    mapping: Mapping,
    interfaces: readonly string[] = [],
    paths: readonly string[] = [],
    hosts: readonly string[] = [],
  ) {
    this.#mapping = mapping;
    const images = new Map<string, string>();
    for (const host of hosts) images.set(host, this.host(host));
    for (const name of interfaces) images.set(name, mapping.names.mapInterface(name));
    for (const path of paths) {
      images.set(shellWord(path), shellWord(mapping.names.mapPath(path)));
      images.set(path, mapping.names.mapPath(path));
    }
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

  /** An IPv4 or a MAC address in whatever notation it was asked for; in that of findings afterwards. */
  host(host: string): string {
    const address = parseIpv4(host.trim());
    if (!Number.isNaN(address)) return formatIpv4(this.#mapping.address(address));
    const digits = host.trim().replaceAll(/[:.-]/g, '');
    if (!MAC_DIGITS.test(digits)) return this.#mapping.names.map(host);
    return formatMac(this.#mapping.mac(Number.parseInt(digits, 16)));
  }

  /** The key of a finding that is not known: article, domain, subject, and what else tells findings of one subject apart. */
  key(text: string): string {
    const parts = text.split('|');
    const [article = ''] = parts;
    const at = parts.findIndex((part, index) => index > 1 && SUBJECT.test(part));
    // What is no key could be anything.
    if (!ARTICLE.test(article) || at < 0) return this.#mapping.names.map(text);
    const rest = parts
      .slice(at + 1)
      .map((part) => (OWN_SUBKEYS.has(part) ? part : this.#mapping.names.map(part)));
    return [article, this.domain(parts.slice(1, at).join('|')), this.text(parts[at] ?? ''), ...rest].join(
      '|',
    );
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

/** The parts of a report by which what it names is known again. */
type Named = Pick<Report, 'findings' | 'options'>;

/** The report as it may leave the building. */
export function redactReport(report: Report, mapping: Mapping): Report {
  const redacted = redactorOf(report, mapping)(report as unknown as Json, '') as unknown as Report;
  return { ...redacted, options: withKey(redacted.options, mapping) };
}

/** What was asked for, without a finding. */
export function redactOptions(options: Report['options'], mapping: Mapping): Report['options'] {
  const redact = redactorOf({ findings: [], options }, mapping);
  return withKey(redact(options, 'options') as Report['options'], mapping);
}

function withKey(options: Report['options'], { fingerprint, keepsVendor }: Mapping): Report['options'] {
  return sortByName({ ...options, redact: `key ${fingerprint}`, ...(keepsVendor ? { keepOui: 'yes' } : {}) });
}

/** Redacts a value by the field that it stands in. */
function redactorOf({ findings, options }: Named, mapping: Mapping): (value: Json, field: string) => Json {
  const hosts = [options['host'] ?? []].flat().map(String);
  const redactor = new TextRedactor(mapping, [], [], hosts);
  const keyOf = redactKeys(findings, redactor);

  const redactText = (text: string, field: string): string => {
    if (FIXED_FIELDS.has(field)) return text;
    if (PATH_FIELDS.has(field)) return redactor.path(text);
    if (KEY_FIELDS.has(field)) return keyOf(text);
    if (field === 'domain') return redactor.domain(text);
    return field === 'host' ? redactor.host(text) : redactor.text(text);
  };
  const redact = (value: Json, field: string): Json => {
    if (typeof value === 'string') return redactText(value, field);
    if (value === null || typeof value !== 'object') return value;
    if (isList(value)) return value.map((item) => redact(item, field));
    if (FIXED_FIELDS.has(field)) return value;
    if (field === 'facts') return mapFields(value, (item, name) => redactFact(item, name, redactor));
    const hint = value['hint'];
    const path = value['path'];
    const redacted = mapFields(value, redact);
    if (typeof hint !== 'string' || typeof path !== 'string') return redacted;
    return { ...redacted, hint: renameInHint(hint, path, redactor.path(path)) };
  };
  return redact;
}

/** What facts are called is a rule's: one may be called like a field of the report. */
function redactFact(value: Json, name: string, redactor: TextRedactor): Json {
  if (typeof value !== 'string') return value;
  return name === 'domain' ? redactor.domain(value) : redactor.text(value);
}

/** Redacts a key: of these findings, as a terminal shows one of them, or redacted already, or of a finding that is not among them. */
function redactKeys(findings: Report['findings'], redactor: TextRedactor): (text: string) => string {
  const keys = new Map<string, string>();
  const images = findings.map((finding) => redactKey(finding, redactor));
  for (const image of images) keys.set(image, image);
  for (const [at, { key }] of findings.entries()) keys.set(terminalText(key, Infinity), images[at] ?? '');
  for (const [at, { key }] of findings.entries()) keys.set(key, images[at] ?? '');
  return (text) => keys.get(text) ?? redactor.key(text);
}

function mapFields(
  value: { readonly [name: string]: Json },
  change: (item: Json, name: string) => Json,
): { readonly [name: string]: Json } {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item, name)]));
}

function sortByName<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** Article, domain, subject, and what else tells a notice from a fault. */
function redactKey({ key, article, domain, subject }: ReportFinding, redactor: TextRedactor): string {
  const start = `${article}|${domain}|${subject}`;
  if (!key.startsWith(start)) return redactor.text(key);
  const image = `${article}|${redactor.domain(domain)}|${redactor.text(subject)}`;
  return image + redactor.text(key.slice(start.length));
}
