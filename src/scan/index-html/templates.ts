/**
 * The pages of an index, as templates of eta. `<%= %>` escapes what it shows (see report/html/markup.ts); `<%~ %>` puts in markup:
 * other templates that were filled in already, and the style sheet.
 */
import { compile, PAGE_HEAD } from '../../report/html/markup.ts';
import type { FaultView, PageLinkView, SharedView, SummaryView } from './model.ts';
import type { RowView } from './row-view.ts';

/** What every page has. */
export interface FrameData {
  readonly policy: string;
  readonly css: string;
  readonly tool: string;
  readonly title: string;
  readonly body: string;
}

/** Rows of one group on one page, filled in already. */
export interface RowTableData {
  readonly heading: string;
  readonly rows: readonly string[];
}

/** One group of what captures share, its rows filled in already. */
export interface SharedTableData {
  readonly heading: string;
  readonly valueHead: string;
  /** Few enough to be looked at without being asked for. */
  readonly isOpen: boolean;
  readonly rows: readonly string[];
  readonly leftOut: string;
}

export interface FirstPageData extends SummaryView {
  readonly tables: readonly string[];
  readonly faults: readonly string[];
  readonly faultsLeftOut: string;
  readonly shared: readonly string[];
  readonly sharedNote: string;
  readonly pages: readonly string[];
  readonly pagesLeftOut: string;
}

export interface FurtherPageData {
  readonly tool: string;
  readonly number: number;
  readonly count: number;
  readonly range: string;
  readonly previous: string;
  /** Empty on the last page. */
  readonly next: string;
  readonly tables: readonly string[];
}

const FRAME = `${PAGE_HEAD}<body>
<a class="skip" href="#main">Skip to the index</a>
<%~ it.body %>
<footer><p>Made by <%= it.tool %>. The same in other forms, without what is cut here: <a href="index.json">index.json</a>, <a href="index.ndjson">index.ndjson</a>, <a href="index.csv">index.csv</a>.</p></footer>
</body>
</html>
`;

const FIRST_PAGE = `<header class="top">
<p class="kicker">Scan of captures by <%= it.tool %></p>
<h1 class="outcome tone-<%= it.tone %>"><%= it.outcome %></h1>
<% if (it.options !== null) { %><p class="options"><%= it.options %></p><% } %>
<% if (it.warnings.length > 0) { %>
<ul class="warnings">
<% for (const text of it.warnings) { %><li><%= text %></li><% } %>
</ul>
<% } %>
<dl class="facts sums">
<% for (const [name, value] of it.sums) { %>
<div><dt><%= name %></dt><dd><%= value %></dd></div>
<% } %>
</dl>
</header>
<nav aria-label="Contents">
<ul>
<li><a href="#faults">Faults</a></li>
<li><a href="#verdicts">Verdicts</a></li>
<li><a href="#shared">In several captures</a></li>
<li><a href="#captures">Captures</a></li>
<% if (it.pages.length > 0) { %><li><a href="#pages">Further pages</a></li><% } %>
</ul>
</nav>
<main id="main" tabindex="-1">
<section aria-labelledby="faults">
<h2 id="faults">Faults over all captures</h2>
<% if (it.faults.length === 0) { %><p><%= it.noFaults %></p><% } %>
<% if (it.faults.length > 0) { %>
<table class="blocks faults">
<caption>The gravest first; times to the second. A fault that is counted in another one is listed, too.</caption>
<thead><tr><th scope="col">Fault</th><th scope="col">Findings</th><th scope="col">Captures</th><th scope="col">Seen</th><th scope="col">Hosts</th><th scope="col">In</th></tr></thead>
<tbody>
<% for (const fault of it.faults) { %><%~ fault %><% } %>
</tbody>
</table>
<% } %>
<% if (it.faultsLeftOut !== '') { %><p class="left-out"><%= it.faultsLeftOut %></p><% } %>
</section>
<section aria-labelledby="verdicts">
<h2 id="verdicts">Verdicts over all captures</h2>
<% if (it.articles.length === 0) { %><p>No capture was judged.</p><% } else { %>
<div class="scroll" role="group" aria-labelledby="verdict-caption" tabindex="0">
<table class="sum">
<caption id="verdict-caption">Captures by article and verdict</caption>
<thead><tr><th scope="col">Article</th><% for (const { words } of it.verdictHeads) { %><th scope="col" class="number"><%= words %></th><% } %></tr></thead>
<tbody>
<% for (const { article, title, counts } of it.articles) { %>
<tr><th scope="row"><%= article %><% if (title !== '') { %> <span><%= title %></span><% } %></th><% for (const { tone, text } of counts) { %><td class="number <%= tone %>"><%= text %></td><% } %></tr>
<% } %>
</tbody>
</table>
</div>
<% } %>
</section>
<section aria-labelledby="shared">
<h2 id="shared">What several captures have in common</h2>
<% if (it.shared.length === 0) { %><p>No station, address, name or lease was seen in more than one capture.</p><% } %>
<% for (const table of it.shared) { %><%~ table %><% } %>
<% if (it.sharedNote !== '') { %><p class="left-out"><%= it.sharedNote %></p><% } %>
</section>
<section aria-labelledby="captures">
<h2 id="captures">Captures</h2>
<p><%= it.orderNote %></p>
<% for (const table of it.tables) { %><%~ table %><% } %>
</section>
<% if (it.pages.length > 0) { %>
<section aria-labelledby="pages">
<h2 id="pages">Further pages</h2>
<ol class="pages" start="2">
<% for (const page of it.pages) { %><%~ page %><% } %>
</ol>
<% if (it.pagesLeftOut !== '') { %><p class="left-out"><%= it.pagesLeftOut %></p><% } %>
</section>
<% } %>
</main>
`;

const FURTHER_PAGE = `<header class="top">
<p class="kicker">Scan of captures by <%= it.tool %></p>
<h1>Captures <%= it.range %></h1>
</header>
<nav aria-label="Pages">
<ul>
<li><a href="index.html">Beginning of the index</a></li>
<li><a href="<%= it.previous %>">Previous page</a></li>
<li>Page <%= it.number %> of <%= it.count %></li>
<% if (it.next !== '') { %><li><a href="<%= it.next %>">Next page</a></li><% } %>
</ul>
</nav>
<main id="main" tabindex="-1">
<% for (const table of it.tables) { %><%~ table %><% } %>
<% if (it.next !== '') { %><p><a href="<%= it.next %>">Next page</a></p><% } %>
</main>
`;

const PLACE = `<li><a href="<%= place.href %>"><bdi><%= place.path %></bdi></a><% if (place.report !== '') { %> <a class="also" href="<%= place.report %>">report</a><% } %><% if (place.time !== '') { %> <span><%= place.time %></span><% } %></li>`;

const FAULT = `<tr><th scope="row"><span class="pill tone-<%= it.severity %>"><%= it.severity %></span> <%= it.article %> <span><%= it.title %></span></th><td><%= it.findings %></td><td><%= it.count %></td><td><%= it.when %></td><td><% it.hosts.forEach((host, index) => { %><% if (index > 0) { %>, <% } %><bdi><%= host %></bdi><% }) %><% if (it.moreHosts.length > 0) { %>
<details><summary><%= it.moreHostsLabel %></summary><% it.moreHosts.forEach((host, index) => { %><% if (index > 0) { %>, <% } %><bdi><%= host %></bdi><% }) %></details><% } %></td><td><ul class="places">
<% for (const place of it.captures) { %>${PLACE}<% } %>
</ul><% if (it.moreCaptures.length > 0) { %><details><summary><%= it.moreCapturesLabel %></summary><ul class="places">
<% for (const place of it.moreCaptures) { %>${PLACE}<% } %>
</ul></details><% } %><% if (it.leftOut !== '') { %><span class="left-out"><%= it.leftOut %></span><% } %></td></tr>
`;

const SHARED_TABLE = `<details class="shared"<% if (it.isOpen) { %> open<% } %>>
<summary><%= it.heading %></summary>
<table class="blocks things">
<caption>The most frequent first; times to the second</caption>
<thead><tr><th scope="col"><%= it.valueHead %></th><th scope="col">Captures</th><th scope="col">First seen</th><th scope="col">In</th></tr></thead>
<tbody>
<% for (const row of it.rows) { %><%~ row %><% } %>
</tbody>
</table>
<% if (it.leftOut !== '') { %><p class="left-out"><%= it.leftOut %></p><% } %>
</details>
`;

const SHARED_ROW = `<tr><th scope="row"><bdi><%= it.value %></bdi></th><td><%= it.count %></td><td><%= it.firstSeen %></td><td><ul class="places">
<% for (const place of it.places) { %>${PLACE}<% } %>
</ul><% if (it.morePlaces.length > 0) { %><details><summary><%= it.morePlacesLabel %></summary><ul class="places">
<% for (const place of it.morePlaces) { %>${PLACE}<% } %>
</ul></details><% } %><% if (it.leftOut !== '') { %><span><%= it.leftOut %></span><% } %></td></tr>
`;

const ROW_TABLE = `<table class="blocks rows">
<caption><h3><%= it.heading %></h3></caption>
<thead><tr><th scope="col">Capture</th><th scope="col">Faults</th><th scope="col">Verdicts</th><th scope="col">Health</th><th scope="col">Packets</th><th scope="col">First packet</th><th scope="col">Duration</th><th scope="col">Size</th><th scope="col">Time taken</th></tr></thead>
<tbody>
<% for (const row of it.rows) { %><%~ row %><% } %>
</tbody>
</table>
`;

const ROW = `<tr id="<%= it.id %>"><th scope="row"><% if (it.href !== '') { %><a href="<%= it.href %>"><bdi><%= it.path %></bdi></a><% } else { %><bdi><%= it.path %></bdi><% } %><% for (const { text, href } of it.others) { %> <a class="also" href="<%= href %>"><%= text %></a><% } %><% if (it.files !== '') { %> <small><%= it.files %></small><% } %></th>
<% if (it.isRead) { %><td><% if (it.findings.length === 0) { %>none<% } %><% for (const { tone, text } of it.findings) { %><b class="<%= tone %>"><%= text %></b> <% } %></td><td><% for (const { words, tone, articles } of it.verdicts) { %><span class="<%= tone %>"><b><%= words %></b> <%= articles %></span> <% } %></td><td><% if (it.status !== '') { %><b class="<%= it.tone %>"><%= it.status %></b> <%= it.reason %>; <% } %><%= it.health %></td><td><%= it.packets %></td><td><%= it.firstTime %></td><td><%= it.duration %></td><% } else { %><td class="why" colspan="6"><b class="<%= it.tone %>"><%= it.status %></b> <%= it.reason %></td><% } %><td><%= it.bytes %></td><td><%= it.elapsed %></td></tr>
`;

const PAGE_LINK = `<li><a href="<%= it.href %>"><%= it.groups %></a>, from <bdi><%= it.first %></bdi> to <bdi><%= it.last %></bdi></li>
`;

export const frameMarkup: (data: FrameData) => string = compile(FRAME);
export const firstPageMarkup: (data: FirstPageData) => string = compile(FIRST_PAGE);
export const furtherPageMarkup: (data: FurtherPageData) => string = compile(FURTHER_PAGE);
export const faultMarkup: (data: FaultView) => string = compile(FAULT);
export const sharedTableMarkup: (data: SharedTableData) => string = compile(SHARED_TABLE);
export const sharedRowMarkup: (data: SharedView) => string = compile(SHARED_ROW);
export const rowTableMarkup: (data: RowTableData) => string = compile(ROW_TABLE);
export const rowMarkup: (data: RowView) => string = compile(ROW);
export const pageLinkMarkup: (data: PageLinkView) => string = compile(PAGE_LINK);
