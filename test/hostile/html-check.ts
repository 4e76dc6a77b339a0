/** HTML: hostile strings are text, in a document of which every element and attribute is the renderer's. */
import { parseHTML } from 'linkedom';
import type { Report } from '../../src/report/schema.ts';
import { HOSTILE_STRINGS } from './strings.ts';
import { unshowable } from './unshowable.ts';

/** Elements that do something, or load something. */
const ACTIVE =
  'script, iframe, frame, object, embed, applet, base, form, input, img, image, audio, video, source, track, portal, marquee, foreignObject, [http-equiv=refresh], link';

interface Node {
  readonly nodeType: number;
  readonly nodeValue: string | null;
  readonly childNodes: ArrayLike<Node>;
}

interface Element extends Node {
  readonly tagName: string;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
}

const ELEMENT = 1;
const COMMENT = 8;

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const child of Array.from(node.childNodes)) yield* nodesOf(child);
}

/** A report leads nowhere but to its own parts. */
const OWN_PARTS = /^(?:#|data:image\/)/;

export function htmlProblems(output: string, report: Report): string[] {
  const problems = documentProblems(output, OWN_PARTS);
  const { document } = parseHTML(output);
  const text = (document.documentElement as { textContent: string }).textContent;
  for (const hostile of HOSTILE_STRINGS.html) {
    const isThere = report.findings.some(({ subject }) => subject === hostile);
    if (isThere && !text.includes(hostile)) problems.push(`not shown as text: ${hostile}`);
  }
  return problems;
}

/** `addresses` are those that links may have. */
export function documentProblems(output: string, addresses: RegExp): string[] {
  const problems = unshowable(output, '\n');
  const { document } = parseHTML(output);
  for (const { tagName } of Array.from(document.querySelectorAll(ACTIVE) as ArrayLike<Element>)) {
    problems.push(`an active element: ${tagName}`);
  }
  for (const node of nodesOf(document)) {
    if (node.nodeType === COMMENT && node.nodeValue?.includes('EVIL')) problems.push('a comment with EVIL');
    if (node.nodeType !== ELEMENT) continue;
    for (const { name, value } of Array.from((node as Element).attributes))
      problems.push(...inAttribute(name, value, addresses));
  }
  const text = (document.documentElement as { textContent: string }).textContent;
  problems.push(...unshowable(text, '\n\t').map((problem) => `shown: ${problem}`));
  for (const hostile of HOSTILE_STRINGS.html) {
    if (hostile.includes('<') && output.includes(hostile)) problems.push(`as it is: ${hostile}`);
  }
  return problems;
}

function inAttribute(name: string, value: string, addresses: RegExp): string[] {
  const problems = unshowable(value, '\n').map((problem) => `${name}: ${problem}`);
  if (/^on|autofocus|evil/i.test(name)) problems.push(`an attribute of somebody else's: ${name}`);
  const isAddress = /^(?:href|src|xlink:href|action|formaction|srcset|poster|data|background)$/.test(name);
  if (isAddress && !addresses.test(value)) problems.push(`${name} leads to ${value.slice(0, 40)}`);
  if (name === 'style' && /url\(|EVIL/.test(value)) problems.push(`a style with ${value.slice(0, 40)}`);
  return problems;
}
