/**
 * The page, as templates of eta. `<%= %>` escapes what it shows (see markup.ts); `<%~ %>` puts in markup: other templates that were
 * filled in already, the style sheet, and pictures.
 */
import { compile, PAGE_HEAD } from './markup.ts';
import type { CaptureView, FindingRowView, FindingView, PageView } from './model.ts';

/** Everything between the opening and the closing of the document. */
export interface PageData extends PageView {
  readonly policy: string;
  readonly css: string;
  /** More than a browser lays out at once without a pause. */
  readonly isLong: boolean;
  readonly captureLines: readonly string[];
  readonly moreCaptures: string;
  readonly warningLines: readonly string[];
  readonly moreWarnings: string;
  readonly diagnoses: readonly string[];
  readonly rows: readonly string[];
  readonly rowsHeading: string;
  readonly leftOut: string;
  readonly evidences: readonly string[];
  readonly captureRows: readonly string[];
  readonly moreRows: string;
  readonly healthLines: readonly string[];
  readonly moreNotes: string;
  readonly proofs: readonly string[];
}

const PAGE = `${PAGE_HEAD}<body<% if (it.isLong) { %> class="long"<% } %>>
<a class="skip" href="#main">Skip to the report</a>
<header class="top">
<p class="kicker">Network diagnosis by <%= it.tool %></p>
<h1 class="outcome tone-<%= it.tone %>"><%= it.outcome %></h1>
<ul class="captures">
<% for (const line of it.captureLines) { %><%~ line %><% } %>
<% if (it.moreCaptures !== '') { %><li><%= it.moreCaptures %></li><% } %>
</ul>
<% if (it.options !== null) { %><p class="options"><%= it.options %></p><% } %>
<% if (it.warningLines.length > 0) { %>
<ul class="warnings">
<% for (const line of it.warningLines) { %><%~ line %><% } %>
<% if (it.moreWarnings !== '') { %><li><%= it.moreWarnings %></li><% } %>
</ul>
<% } %>
</header>
<nav aria-label="Contents">
<ul>
<li><a href="#findings">What is wrong</a></li>
<li><a href="#verdicts">Verdicts</a></li>
<% if (it.evidences.length > 0) { %><li><a href="#evidence">Evidence</a></li><% } %>
<li><a href="#capture">The capture</a></li>
<li><a href="#reproduce">How to reproduce</a></li>
</ul>
</nav>
<main id="main" tabindex="-1">
<section aria-labelledby="findings">
<h2 id="findings">What is wrong and what to do</h2>
<% if (it.nothingFound !== '') { %><p><%= it.nothingFound %></p><% } %>
<% for (const diagnosis of it.diagnoses) { %><%~ diagnosis %><% } %>
<% if (it.rows.length > 0) { %>
<h3 id="more"><%= it.rowsHeading %></h3>
<div class="scroll rest" role="group" aria-labelledby="more" tabindex="0">
<table>
<caption>In short; the JSON report has them in full</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">Article</th><th scope="col">Subject</th><th scope="col">Seen</th><th scope="col">Tier</th></tr></thead>
<tbody>
<% for (const row of it.rows) { %><%~ row %><% } %>
</tbody>
</table>
</div>
<% } %>
<% if (it.leftOut !== '') { %><p class="left-out"><%= it.leftOut %></p><% } %>
</section>
<section aria-labelledby="verdicts">
<h2 id="verdicts">The verdict on every article<%= it.verdictScope %></h2>
<% if (it.verdicts.length === 0) { %><p>No rule was enabled.</p><% } else { %>
<div class="scroll" role="group" aria-labelledby="verdict-caption" tabindex="0">
<table class="verdicts">
<caption id="verdict-caption">Verdict and reason by article</caption>
<thead><tr><th scope="col">Article</th><th scope="col">Verdict</th><th scope="col">Reason</th></tr></thead>
<tbody>
<% for (const verdict of it.verdicts) { %>
<tr><th scope="row"><%= verdict.article %></th>
<td><span class="pill tone-<%= verdict.tone %><% if (verdict.isFaint) { %> faint<% } %>"><%= verdict.words %></span></td>
<td><strong><%= verdict.title %></strong> <span><%= verdict.reason %></span></td></tr>
<% } %>
</tbody>
</table>
</div>
<% } %>
</section>
<% if (it.evidences.length > 0) { %>
<section aria-labelledby="evidence">
<h2 id="evidence">The evidence, frame by frame</h2>
<% for (const evidence of it.evidences) { %><%~ evidence %><% } %>
</section>
<% } %>
<section aria-labelledby="capture">
<h2 id="capture">The capture</h2>
<% if (it.captureRows.length > 0) { %>
<div class="scroll" role="group" aria-labelledby="capture-caption" tabindex="0">
<table class="inputs">
<caption id="capture-caption">What was read</caption>
<thead><tr><th scope="col">Capture</th><th scope="col" class="number">Packets</th><th scope="col">Duration</th><th scope="col">First packet</th><th scope="col">File</th></tr></thead>
<tbody>
<% for (const row of it.captureRows) { %><%~ row %><% } %>
</tbody>
</table>
</div>
<% } %>
<% if (it.moreRows !== '') { %><p class="left-out"><%= it.moreRows %></p><% } %>
<h3>What it is worth as evidence</h3>
<ul>
<% for (const line of it.healthLines) { %><%~ line %><% } %>
<% if (it.moreNotes !== '') { %><li><%= it.moreNotes %></li><% } %>
</ul>
<h3>What was not examined</h3>
<ul>
<% for (const note of it.notExamined) { %><li><%= note %></li><% } %>
</ul>
<% if (it.timings.length > 0) { %>
<div class="scroll" role="group" aria-labelledby="timing-caption" tabindex="0">
<table>
<caption id="timing-caption">Time spent per stage</caption>
<thead><tr><th scope="col">Stage</th><th scope="col" class="number">Milliseconds</th></tr></thead>
<tbody>
<% for (const [stage, millis] of it.timings) { %>
<tr><th scope="row"><%= stage %></th><td class="number"><%= millis %></td></tr>
<% } %>
</tbody>
</table>
</div>
<% } %>
</section>
<section aria-labelledby="reproduce">
<h2 id="reproduce">How to reproduce</h2>
<p>This line makes the diagnosis again:</p>
<pre><code><%= it.command %></code></pre>
<% if (it.commandNote !== '') { %><p><%= it.commandNote %></p><% } %>
<% if (it.proofs.length > 0) { %>
<p>These show the cited frames in Wireshark:</p>
<dl class="proofs">
<% for (const proof of it.proofs) { %><%~ proof %><% } %>
</dl>
<% } %>
</section>
</main>
<footer><p>Made by <%= it.tool %>. A finding cites frames; the frames are the proof, this page is not.</p></footer>
</body>
</html>
`;

const DIAGNOSIS = `<article class="card tone-<%= it.tone %>" aria-labelledby="finding-<%= it.number %>">
<h3 id="finding-<%= it.number %>"><span class="pill tone-<%= it.tone %>"><%= it.label %></span> <%= it.number %>. <%= it.article %>: <%= it.title %></h3>
<p class="place"><bdi class="subject"><%= it.subject %></bdi> <span>(<bdi><%= it.domain %></bdi>)</span><% if (it.when !== '') { %> <span class="when"><%= it.when %></span><% } %></p>
<dl>
<div><dt>What</dt><dd><%= it.what %></dd></div>
<div><dt>Why</dt><dd><%= it.why %></dd></div>
<div class="do"><dt>Do</dt><dd><%= it.whatToDo %></dd></div>
<div><dt>Certainty</dt><dd><%= it.certainty %></dd></div>
<% if (it.knownNote !== '') { %><div><dt>Known</dt><dd><%= it.knownNote %></dd></div><% } %>
<% if (it.countedIn !== null) { %><div><dt>Counted</dt><dd>in <a href="<%= it.countedIn.href %>"><%= it.countedIn.text %></a>, as the same fault.</dd></div><% } %>
<% if (it.related.length > 0) { %><div><dt>Related</dt><dd><% it.related.forEach((link, index) => { %><% if (index > 0) { %>, <% } %><a href="<%= link.href %>"><%= link.text %></a><% }) %><%= it.moreRelated %></dd></div><% } %>
<div><dt>Evidence</dt><dd><a href="#evidence-<%= it.number %>"><%= it.citation %></a></dd></div>
<div><dt>Key</dt><dd class="key"><bdi><%= it.key %></bdi></dd></div>
</dl>
</article>
`;

const EVIDENCE = `<article class="evidence" aria-labelledby="evidence-<%= it.number %>">
<h3 id="evidence-<%= it.number %>"><a href="#finding-<%= it.number %>"><%= it.number %>. <%= it.article %></a> <bdi class="subject"><%= it.subject %></bdi></h3>
<% for (const chart of it.charts) { %>
<figure>
<figcaption><strong><%= chart.title %></strong> <span><%= chart.description %></span></figcaption>
<div class="scroll" role="group" aria-label="<%= chart.title %>" tabindex="0"><%~ chart.svg %></div>
</figure>
<% } %>
<% if (it.chartsLeftOut) { %><p class="left-out">The picture is left out, because a report holds 2 MB at most.</p><% } %>
<% if (it.frames.length === 0) { %><p>No frame is cited.</p><% } else { %>
<div class="scroll" role="group" aria-labelledby="frames-<%= it.number %>" tabindex="0">
<table class="frames<% if (it.namesFile) { %> named<% } %>">
<caption id="frames-<%= it.number %>">Frames cited for <%= it.number %>. <%= it.article %></caption>
<thead><tr><th scope="col"<% if (!it.namesFile) { %> class="number"<% } %>>Frame</th><th scope="col"><%= it.timeHead %></th><th scope="col">Role</th><th scope="col">Packet</th></tr></thead>
<tbody>
<% for (const { file, number, clock, fraction, role, packet } of it.frames) { %>
<tr><th scope="row"><% if (file !== '') { %><bdi><%= file %></bdi><wbr>#<% } %><%= number %></th><td class="time"><%= clock %><% if (fraction !== '') { %><wbr class="narrow"><%= fraction %><% } %></td><td><%= role %></td><td><%= packet %></td></tr>
<% } %>
</tbody>
</table>
</div>
<% } %>
<% if (it.facts.length > 0) { %>
<h4>Facts</h4>
<dl class="facts">
<% for (const [name, value] of it.facts) { %>
<div><dt><%= name %></dt><dd><bdi><%= value %></bdi></dd></div>
<% } %>
</dl>
<% } %>
<% if (it.caveats.length > 0) { %>
<h4>Keep in mind</h4>
<ul>
<% for (const text of it.caveats) { %><li><%= text %></li><% } %>
</ul>
<% } %>
<% if (it.refutations.length > 0) { %>
<h4>It would be wrong if</h4>
<ul>
<% for (const text of it.refutations) { %><li><%= text %></li><% } %>
</ul>
<% } %>
</article>
`;

const PROOF = `<% if (it.commands.length > 0) { %>
<dt><a href="#finding-<%= it.number %>"><%= it.number %>. <%= it.article %></a> <bdi><%= it.subject %></bdi></dt>
<dd><% for (const command of it.commands) { %><pre><code><%= command %></code></pre><% } %></dd>
<% } %>`;

const ROW = `<tr><td><%= it.label %></td><td><%= it.article %></td><td><bdi><%= it.subject %></bdi> (<bdi><%= it.domain %></bdi>)</td><td><%= it.when %></td><td><%= it.tier %></td></tr>
`;

const CAPTURE_ROW = `<tr><th scope="row"><bdi><%= it.name %></bdi></th><td class="number"><%= it.packets %></td><td><%= it.duration %></td><td><%= it.firstTime %></td><td><%= it.file %></td></tr>
`;

const LINE = `<li><%= it.text %></li>
`;

export const pageMarkup: (data: PageData) => string = compile(PAGE);
export const diagnosisMarkup: (data: FindingView) => string = compile(DIAGNOSIS);
export const evidenceMarkup: (data: FindingView) => string = compile(EVIDENCE);
export const proofMarkup: (data: FindingView) => string = compile(PROOF);
export const rowMarkup: (data: FindingRowView) => string = compile(ROW);
export const captureRowMarkup: (data: CaptureView) => string = compile(CAPTURE_ROW);
export const lineMarkup: (data: { readonly text: string }) => string = compile(LINE);
