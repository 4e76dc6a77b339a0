/** What the pages of an index have beside the style sheet of all pages. */
import { BASE_CSS } from '../../report/html/style.ts';

/** The columns of tables that are blocks on a phone, but for the first: these words stand before their values there. */
const NARROW_LABELS = {
  faults: ['Findings', 'Captures', 'Seen', 'Hosts', 'In'],
  things: ['Captures', 'First seen', 'In'],
  rows: ['Faults', 'Verdicts', 'Health', 'Packets', 'First packet', 'Duration'],
};

const narrowLabels = Object.entries(NARROW_LABELS)
  .flatMap(([table, labels]) =>
    labels.map(
      (label, index) => `  .${table} td:nth-child(${index + 2}):not(.why)::before { content: "${label}: "; }`,
    ),
  )
  .join('\n');

export const INDEX_CSS = `${BASE_CSS}
body { max-width: 100rem; }
.sums { grid-template-columns: repeat(auto-fill, minmax(min(100%, 8rem), 1fr)); margin-top: 1.1rem; }
.sums dd { font-weight: 600; font-variant-numeric: tabular-nums; }
summary { padding: .15rem 0; color: var(--accent); cursor: pointer; }
.shared > summary { margin-top: .6rem; font-size: 1.05rem; font-weight: 600; }
.places { margin: 0; padding: 0; list-style: none; }
.places li { margin: 0; }
.places span, small { color: var(--muted); font-size: .92em; }
.places span { white-space: nowrap; }
.also { font-size: .92em; }
.sum { width: auto; }
.sum th span { font-weight: 400; }
.critical, .error { color: var(--error); }
.warning { color: var(--warning); }
.info, .notice { color: var(--info); }
td.clear, .clear b { color: var(--good); }
.open, .dim { color: var(--muted); }
b.critical { padding: 0 .3em; background: var(--critical-ground); color: var(--critical); }
.blocks { table-layout: fixed; font-size: .84rem; line-height: 1.45; }
.blocks td, .blocks th { padding: .35rem .5rem; }
.blocks thead th { white-space: normal; overflow-wrap: normal; }
.blocks tbody th { font-weight: 500; }
.faults th:nth-child(1) { width: 22%; }
.faults th:nth-child(2), .faults th:nth-child(3) { width: 7%; }
.faults th:nth-child(4) { width: 20%; }
.faults th:nth-child(5) { width: 16%; }
.faults .pill { margin-right: .2rem; }
.things th:nth-child(1) { width: 25%; }
.things th:nth-child(2) { width: 8%; }
.things th:nth-child(3) { width: 16%; }
.rows th:nth-child(1) { width: 22.5%; }
.rows th:nth-child(2) { width: 7.5%; }
.rows th:nth-child(3) { width: 24%; }
.rows th:nth-child(4) { width: 9%; }
.rows th:nth-child(5), .rows th:nth-child(8) { width: 7%; }
.rows th:nth-child(7) { width: 8%; }
.rows th:nth-child(6) { width: 9.5%; }
caption h3 { margin: 1.2rem 0 .2rem; color: var(--ink); }
.rows small { display: block; }
.rows td b { font-weight: 600; white-space: nowrap; }
.rows td span { margin-right: .35em; }
.rows tr:target { background: var(--warning-ground); }
.pages { padding-left: 2.5rem; }
@media (max-width: 40rem) {
  .blocks, .blocks tbody, .blocks tr, .blocks th, .blocks td, .blocks caption { display: block; width: auto; }
  .blocks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .blocks th:nth-child(n) { width: auto; }
  .blocks tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .blocks th, .blocks td { padding: .08rem 0; border: 0; }
  .blocks tbody th { font-weight: 600; }
  .blocks td:empty { display: none; }
  .blocks td::before { color: var(--muted); }
${narrowLabels}
  .rows td:nth-child(n + 5), .rows .why ~ td { display: inline-block; margin-right: .9em; }
  .rows td:nth-last-child(2)::before { content: "Size: "; }
  .rows td:last-child::before { content: "Time taken: "; }
}
@media print {
  @page { size: landscape; }
  .blocks { font-size: .78rem; }
  /* What is folded is printed as well. */
  details::details-content { content-visibility: visible; display: block; }
  summary { color: inherit; list-style: none; }
}
`;
