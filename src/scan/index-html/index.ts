/**
 * The index of a scan as HTML: index.html, and further pages where a scan has more captures than one page should hold. No script,
 * nothing from elsewhere, and a policy that would not let it if it tried. A bundle of its own.
 */
import { policyFor } from '../../report/html/markup.ts';
import { Room } from '../../report/room.ts';
import { findTimeZone, type TimeZone } from '../../report/time-zone.ts';
import { formatCount, formatPlural } from '../../report/units.ts';
import { SEVERITIES } from '../../report/wording.ts';
import type { TimedIndex } from '../build-index.ts';
import type { IndexRow, ScanIndex, SharedThing } from '../index-schema.ts';
import { type LocatePath, toFaultView, toSharedView, toSummaryView } from './model.ts';
import { type GroupKind, groupRows } from './order.ts';
import { reportHref, shortPath, toRowView } from './row-view.ts';
import { INDEX_CSS } from './style.ts';
import {
  faultMarkup,
  firstPageMarkup,
  frameMarkup,
  furtherPageMarkup,
  pageLinkMarkup,
  rowMarkup,
  rowTableMarkup,
  sharedRowMarkup,
  sharedTableMarkup,
} from './templates.ts';

/** Rows of one page: as many as Chromium shows in about a second. */
const MAX_PAGE_ROWS = 2500;
/** Their bytes; together with what stands above them, index.html stays below 4 MB, a further page below 2.1 MB. */
const MAX_PAGE_BYTES = 2_000_000;
const ROOM_FOR_FAULTS = 400_000;
/** For each kind of thing that captures share. */
const ROOM_FOR_SHARED = 250_000;
const ROOM_FOR_PAGES = 200_000;
/** As many things as the index keeps. */
const MAX_SHARED = 1000;
/** A list of shared things up to here is unfolded. */
const MAX_OPEN = 12;

/** The pages by name, further ones first: whoever finds index.html finds what it leads to. */
export function* indexPages(timed: TimedIndex): Generator<readonly [name: string, text: string]> {
  const { index } = timed;
  const { tz } = index.options;
  const zone = typeof tz === 'string' ? findTimeZone(tz) : null;
  const pages = layOut(timed, zone);
  const tool = `${index.tool.name} ${index.tool.version}`;
  const framed = (title: string, body: string): string =>
    `${frameMarkup({ policy: policyFor(INDEX_CSS), css: INDEX_CSS, tool, title, body })}\n`;
  for (const page of pages.slice(1)) {
    const { number, from } = page;
    const range = `${formatCount(from)} to ${formatCount(from + page.rows - 1)} of ${formatCount(index.captures.length)}`;
    const body = furtherPageMarkup({
      tool,
      number,
      count: pages.length,
      range,
      previous: pageName(number - 1),
      next: number < pages.length ? pageName(number + 1) : '',
      tables: page.pieces.map(tableOf),
    });
    yield [pageName(number), framed(`Captures ${range} · kbdiag`, body)];
  }
  const summary = toSummaryView(timed, zone);
  const locate = locator(index, pages);
  yield ['index.html', framed(summary.title, firstPage({ index, pages, zone, locate }, summary))];
}

function pageName(number: number): string {
  return number === 1 ? 'index.html' : `index-${number}.html`;
}

/** Rows of one group on one page. */
interface Piece {
  readonly kind: GroupKind;
  /** Of the whole group. */
  readonly size: number;
  /** The place of the first row in its group, from 1. */
  readonly from: number;
  readonly paths: string[];
  readonly markup: string[];
}

interface Page {
  readonly number: number;
  /** The place of its first row among all, from 1. */
  readonly from: number;
  rows: number;
  readonly pieces: Piece[];
}

/** Puts rows on pages in their order. There is always a first page. */
function layOut({ index, elapsedMillis }: TimedIndex, zone: TimeZone | null): Page[] {
  let page: Page = { number: 1, from: 1, rows: 0, pieces: [] };
  const pages = [page];
  let room = new Room(MAX_PAGE_BYTES);
  let place = 0;
  for (const { kind, rows } of groupRows(index.captures)) {
    let piece: Piece | null = null;
    for (const [at, row] of rows.entries()) {
      place += 1;
      const text = rowMarkup(toRowView(row, `c${place}`, elapsedMillis.get(row.path) ?? 0, zone));
      if (page.rows === MAX_PAGE_ROWS || !room.take([text])) {
        page = { number: page.number + 1, from: place, rows: 0, pieces: [] };
        pages.push(page);
        room = new Room(MAX_PAGE_BYTES);
        room.take([text]);
        piece = null;
      }
      if (piece === null) {
        piece = { kind, size: rows.length, from: at + 1, paths: [], markup: [] };
        page.pieces.push(piece);
      }
      piece.paths.push(row.path);
      piece.markup.push(text);
      page.rows += 1;
    }
  }
  return pages;
}

const HEADINGS: Readonly<Record<GroupKind, string>> = {
  critical: 'With critical faults',
  error: 'With errors',
  warning: 'With warnings',
  info: 'With faults for information',
  trouble: 'Not read as a whole, without a fault in what was read',
  hidden: 'With faults that the options leave out',
  sound: 'Without a fault',
  none: 'Files that are no captures',
};

function tableOf({ kind, size, from, markup }: Piece): string {
  const isWhole = markup.length === size;
  const range = isWhole ? '' : `${formatCount(from)} to ${formatCount(from + markup.length - 1)} of `;
  return rowTableMarkup({
    heading: `${HEADINGS[kind]}: ${range}${formatCount(size)}`,
    rows: markup,
  });
}

/** How a path is linked to its row, wherever that stands. */
function locator(index: ScanIndex, pages: readonly Page[]): LocatePath {
  const hrefs = new Map<string, string>();
  let place = 0;
  for (const { number, pieces } of pages) {
    const file = number === 1 ? '' : pageName(number);
    for (const path of pieces.flatMap(({ paths }) => paths)) {
      place += 1;
      hrefs.set(path, `${file}#c${place}`);
    }
  }
  const rows = new Map<string, IndexRow>(index.captures.map((row) => [row.path, row]));
  return (path) => {
    const row = rows.get(path);
    return { href: hrefs.get(path) ?? '#captures', report: row === undefined ? '' : reportHref(row) };
  };
}

interface FirstPage {
  readonly index: ScanIndex;
  readonly pages: readonly Page[];
  readonly zone: TimeZone | null;
  readonly locate: LocatePath;
}

function firstPage(
  { index, pages, zone, locate }: FirstPage,
  summary: ReturnType<typeof toSummaryView>,
): string {
  const gravestFirst = index.faults.toSorted(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  const faults = new Room(ROOM_FOR_FAULTS).fill(gravestFirst, (fault) =>
    faultMarkup(toFaultView(fault, locate, zone)),
  );
  const links = new Room(ROOM_FOR_PAGES).fill(pages.slice(1), (page) => pageLinkMarkup(pageLink(page)));
  const pagesLeft = pages.length - 1 - links.length;
  return firstPageMarkup({
    ...summary,
    tables: (pages[0]?.pieces ?? []).map(tableOf),
    faults,
    faultsLeftOut: leftOut(index.faults.length - faults.length, 'fault'),
    shared: KINDS.flatMap((kind) => sharedTable(index.shared, kind, { locate, zone })),
    sharedNote:
      index.shared.length < MAX_SHARED
        ? ''
        : `An index keeps the ${formatCount(MAX_SHARED)} things that the most captures share.`,
    pages: links,
    pagesLeftOut:
      pagesLeft === 0
        ? ''
        : `${formatPlural(pagesLeft, 'more page follows', 'more pages follow')} the last one.`,
  });
}

function pageLink({ number, pieces }: Page) {
  const groups = [...new Set(pieces.map(({ kind }) => HEADINGS[kind]))];
  return {
    href: pageName(number),
    groups: groups.join('; '),
    first: shortPath(pieces[0]?.paths[0] ?? ''),
    last: shortPath(pieces.at(-1)?.paths.at(-1) ?? ''),
  };
}

const KINDS = ['name', 'lease', 'address', 'mac'] as const satisfies ReadonlyArray<SharedThing['kind']>;

const KIND_WORDS: Readonly<Record<SharedThing['kind'], readonly [one: string, many: string, head: string]>> =
  {
    name: ['name', 'names', 'Host or user'],
    lease: ['DHCP lease', 'DHCP leases', 'MAC address, IP address, server'],
    address: ['IP address', 'IP addresses', 'IP address'],
    mac: ['MAC address', 'MAC addresses', 'MAC address'],
  };

function sharedTable(
  shared: readonly SharedThing[],
  kind: SharedThing['kind'],
  { locate, zone }: Pick<FirstPage, 'locate' | 'zone'>,
): string[] {
  const things = shared.filter((thing) => thing.kind === kind);
  if (things.length === 0) return [];
  const [one, many, valueHead] = KIND_WORDS[kind];
  const rows = new Room(ROOM_FOR_SHARED).fill(things, (thing) =>
    sharedRowMarkup(toSharedView(thing, locate, zone)),
  );
  return [
    sharedTableMarkup({
      heading: `${formatPlural(things.length, one, many)} in several captures`,
      valueHead,
      isOpen: things.length <= MAX_OPEN,
      rows,
      leftOut: leftOut(things.length - rows.length, one),
    }),
  ];
}

function leftOut(count: number, one: string): string {
  if (count === 0) return '';
  return `${formatPlural(count, `more ${one}`, `more ${one.endsWith('s') ? `${one}es` : `${one}s`}`)} left out to keep the page small; index.json has all.`;
}
