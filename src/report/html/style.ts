/**
 * The style sheets of pages: what all share, and what reports have beside it. Pictures use the same custom properties: --ink, --muted, --line, --surface, --raised, --accent, and
 * a pair of text and ground for each tone (--critical and --critical-ground, …). Text has a contrast of 4.5 to 1 or more on its ground,
 * in both schemes (WCAG 2.2, 1.4.3).
 */

const LIGHT = `
  --ink: #1b1f24; --muted: #555d66; --line: #d3d8de; --surface: #ffffff; --raised: #f6f7f9; --accent: #0b57a4;
  --critical: #ffffff; --critical-ground: #9c0f22; --critical-edge: #9c0f22;
  --error: #8f1d0e; --error-ground: #fde7e3; --error-edge: #c8341c;
  --warning: #6b4300; --warning-ground: #fff1d0; --warning-edge: #c98a06;
  --info: #0b4a86; --info-ground: #e2effc; --info-edge: #2f7dc8;
  --good: #12562b; --good-ground: #dff4e5; --good-edge: #2e9150;
  --open: #4a4f57; --open-ground: #e9ecef; --open-edge: #8b949e;`;

const DARK = `
  --ink: #e7eaee; --muted: #a6afb9; --line: #3a424b; --surface: #14171b; --raised: #1d2126; --accent: #7cb7f5;
  --critical: #ffffff; --critical-ground: #b3192f; --critical-edge: #e5484d;
  --error: #ffb4a6; --error-ground: #4a1a12; --error-edge: #e5603f;
  --warning: #ffd479; --warning-ground: #43300a; --warning-edge: #d59a1c;
  --info: #a9d2fb; --info-ground: #12324f; --info-edge: #4c97df;
  --good: #9be3b1; --good-ground: #14371f; --good-edge: #3fa562;
  --open: #c5ccd4; --open-ground: #2b3138; --open-edge: #77818c;`;

export const BASE_CSS = `
:root { color-scheme: light; ${LIGHT} }
@media screen { :root { color-scheme: light dark; } }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 72rem; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 3rem;
  background: var(--surface); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h2 { margin: 2.75rem 0 1rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); font-size: 1.4rem; }
h3 { margin: 1.75rem 0 .6rem; font-size: 1.1rem; }
h4 { margin: 1.1rem 0 .35rem; font-size: .95rem; }
p, ul, dl { margin: .6rem 0; }
ul { padding-left: 1.3rem; }
li { margin: .2rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100vw; padding: .5rem 1rem; background: var(--surface); }
.skip:focus { left: 1rem; top: .5rem; z-index: 1; }
.kicker { margin: 0; color: var(--muted); font-size: .85rem; letter-spacing: .02em; }
.outcome { margin: .35rem 0 .9rem; padding: .6rem .9rem; border-left: .4rem solid; border-radius: .25rem; font-size: 1.6rem; }
.options { color: var(--muted); font-size: .92rem; }
.warnings { padding: .6rem .9rem .6rem 2rem; border: 1px solid var(--warning-edge); border-radius: .4rem; background: var(--warning-ground); color: var(--warning); }
nav { margin-top: 1.25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .25rem 0; }
.tone-critical { --tone: var(--critical); --tone-ground: var(--critical-ground); --tone-edge: var(--critical-edge); }
.tone-error { --tone: var(--error); --tone-ground: var(--error-ground); --tone-edge: var(--error-edge); }
.tone-warning { --tone: var(--warning); --tone-ground: var(--warning-ground); --tone-edge: var(--warning-edge); }
.tone-info, .tone-notice { --tone: var(--info); --tone-ground: var(--info-ground); --tone-edge: var(--info-edge); }
.tone-clear { --tone: var(--good); --tone-ground: var(--good-ground); --tone-edge: var(--good-edge); }
.tone-open { --tone: var(--open); --tone-ground: var(--open-ground); --tone-edge: var(--open-edge); }
.outcome, .pill { background: var(--tone-ground); color: var(--tone); border-color: var(--tone-edge); }
.pill {
  display: inline-block; padding: .1em .6em; border: 1px solid; border-radius: 1em;
  font-size: .8rem; font-weight: 650; line-height: 1.5; white-space: nowrap;
}
h3 .pill { margin-right: .35rem; text-transform: uppercase; letter-spacing: .04em; vertical-align: .1em; font-size: .72rem; }
.faint { border-style: dashed; }
.card { margin: 1rem 0; padding: .2rem 1.1rem .6rem; border: 1px solid var(--line); border-left: .35rem solid var(--tone-edge); border-radius: .45rem; background: var(--raised); }
.card h3 { margin-top: .8rem; }
.place { margin: 0 0 .8rem; color: var(--muted); font-size: .95rem; }
.subject { color: var(--ink); font-weight: 600; }
.card .subject, .evidence h3 .subject { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .92em; }
.card dl { margin: 0; }
.card dl div { display: grid; grid-template-columns: 6rem 1fr; gap: 0 .75rem; padding: .22rem 0; }
dt { color: var(--muted); }
dd { margin: 0; }
.scroll { overflow-x: auto; margin: .6rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { padding: .2rem 0 .4rem; color: var(--muted); font-size: .85rem; text-align: left; }
th, td { padding: .42rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { background: var(--raised); border-bottom: 2px solid var(--line); white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
td { overflow-wrap: break-word; }
.time { white-space: nowrap; font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 10rem), 1fr)); gap: .35rem 1.5rem; font-size: .92rem; }
.facts dt { font-size: .85em; }
pre {
  margin: .35rem 0; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--raised);
  font: .86rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; white-space: pre-wrap;
}
.left-out { color: var(--muted); font-style: italic; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .85rem; }
@media (max-width: 40rem) {
  body { padding-top: 1rem; }
  .outcome { font-size: 1.3rem; }
  .card { padding-inline: .8rem; }
  .card dl div { grid-template-columns: 1fr; padding: .3rem 0; }
  .card dt { font-size: .85rem; }
  th, td { padding: .4rem .35rem; }
  th:first-child, td:first-child { padding-left: 0; }
  table { font-size: .86rem; }
  .pill { font-size: .74rem; padding-inline: .45em; }
}
@media print {
  @page { margin: 16mm 14mm; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
  h2, h3, h4, caption { break-after: avoid; }
  .card, figure, tr, li, pre, .facts div { break-inside: avoid; }
  thead { display: table-header-group; }
  h2 { margin-top: 1.6rem; }
}
`;

export const PAGE_CSS = `${BASE_CSS}
.captures { margin: 0; padding: 0; list-style: none; color: var(--muted); font-size: .92rem; }
.when { display: block; }
.card .key { color: var(--muted); font-size: .9em; }
.card dl .do { font-weight: 600; }
.card dl .do dt { font-weight: 400; }
.frames tbody th { text-align: right; white-space: nowrap; }
.frames.named tbody th { text-align: left; white-space: normal; min-width: 7rem; }
wbr.narrow { display: none; }
.frames td { min-width: 5.5rem; }
.frames td:last-child { min-width: 10rem; width: 60%; }
.inputs { min-width: 42rem; }
.inputs th:first-child { width: 35%; }
.inputs td:nth-child(3) { white-space: nowrap; }
.verdicts th:first-child { white-space: nowrap; }
.verdicts td:last-child { width: 75%; }
.verdicts strong { display: block; }
.evidence { margin: 1.5rem 0 2.25rem; }
figure { margin: .8rem 0; }
figcaption { font-size: .92rem; }
figcaption span { color: var(--muted); }
/* On a phone a picture scrolls rather than shrinks: its words must stay legible. */
figure svg { display: block; min-width: 34rem; max-width: 100%; height: auto; }
.evidence ul { margin: .2rem 0; font-size: .92rem; }
.proofs dt { margin-top: .9rem; font-size: .92rem; }
@media screen {
  /* Long pages: what is out of sight is laid out when it comes near. */
  .long .card, .long .evidence, .long .rest { content-visibility: auto; contain-intrinsic-size: auto 24rem; }
  .long .rest { contain-intrinsic-height: auto 100rem; }
}
@media (max-width: 40rem) {
  wbr.narrow { display: inline; }
  .frames td { min-width: 4.5rem; }
  .frames thead th { white-space: normal; overflow-wrap: normal; }
  .frames td:last-child { min-width: 7rem; overflow-wrap: anywhere; }
}
@media print {
  .inputs, figure svg { min-width: 0; }
  .proofs dt { break-after: avoid; }
}
`;
