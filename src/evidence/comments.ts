/**
 * The words of an evidence capture. Whatever came from a packet or names a file goes out through `terminalText`. A comment that begins
 * with `Cited for Q…:` stands on frames that a finding of that article cites, and on no other: filters go by it.
 */
import { terminalText } from '../report/escape.ts';
import { TOOL } from '../report/tool.ts';
import { formatCount, formatPlural } from '../report/units.ts';
import type { FramePart, WantedFrame } from './selection.ts';

/** Comments of one frame; a frame that more findings cite says how many more. */
const MAX_PARTS = 16;
/** Source files the section names. */
const MAX_SOURCES = 50;

/** shb_userappl. */
export const APPLICATION = `${TOOL.name} ${TOOL.version}`;

/** Where a frame stands in the files the user gave, in the form the reports have. */
export interface OriginalPlace {
  readonly file: string;
  readonly number: number;
  /** True where several files were given: frames are then cited as `file#frame`. */
  readonly isOneOfSeveral: boolean;
}

function placeWords({ file, number, isOneOfSeveral }: OriginalPlace): string {
  return isOneOfSeveral ? `${terminalText(file)}#${number}` : `frame ${number} of ${terminalText(file)}`;
}

function partWords({ finding, roles }: FramePart): string {
  const { article, title, kind, tier, subject } = finding;
  const certainty = kind === 'notice' ? `notice, ${tier}` : tier;
  return `Cited for ${article}: ${terminalText(title)} (${certainty}): ${terminalText(roles.join(' and '))}. Subject: ${terminalText(subject)}.`;
}

/**
 * One comment per finding that cites the frame, each to be understood by itself, and beyond so many one per article; one for a frame
 * of the context.
 */
export function frameComments(wanted: WantedFrame, place: OriginalPlace, hasTime: boolean): string[] {
  const original = `Original: ${placeWords(place)}.`;
  const comments =
    wanted.distance === 0
      ? citedComments(wanted.cited.parts, original)
      : [`${contextWords(wanted)} ${original}`];
  if (!hasTime) comments.push('This frame has no time in the original; the time shown means nothing.');
  return comments;
}

function citedComments(parts: readonly FramePart[], original: string): string[] {
  const comments = parts.slice(0, MAX_PARTS).map((part) => `${partWords(part)} ${original}`);
  const more = new Map<string, number>();
  for (const { finding } of parts.slice(MAX_PARTS))
    more.set(finding.article, (more.get(finding.article) ?? 0) + 1);
  for (const [article, count] of more) {
    const findings = formatPlural(count, 'more finding', 'more findings');
    comments.push(`Cited for ${article}: ${findings} of this article. ${original}`);
  }
  return comments;
}

/** Both numbers are those of the same file. */
function contextWords({ cited, distance }: WantedFrame): string {
  const frames = formatPlural(Math.abs(distance), 'frame', 'frames');
  return `Context: ${frames} ${distance < 0 ? 'before' : 'after'} frame ${cited.citation.number}, which is cited.`;
}

/** A comment that the source itself has on a frame. */
export function sourceComment(text: string): string {
  return `Comment in the original: ${terminalText(text)}`;
}

export interface SectionFacts {
  /** The files the frames come from, as the user gave them. */
  readonly sources: readonly string[];
  readonly findings: number;
  readonly citedFrames: number;
  readonly context: number;
  readonly isAltered: boolean;
}

/** What the file as a whole is, one line a fact. */
export function sectionComment(facts: SectionFacts): string {
  const { sources, findings, citedFrames, context, isAltered } = facts;
  const frames = `${formatPlural(citedFrames, 'frame', 'frames')} cited by ${formatPlural(findings, 'finding', 'findings')}`;
  const around =
    context === 0 ? '' : `, with up to ${formatPlural(context, 'frame', 'frames')} before and after each`;
  const named = sources.slice(0, MAX_SOURCES).map((path) => terminalText(path));
  if (sources.length > named.length) named.push(`${formatCount(sources.length - named.length)} more files`);
  const lines = [
    `Evidence written by ${APPLICATION}: ${citedFrames === 0 ? 'no finding cites a frame' : `${frames}${around}`}.`,
    `${sources.length === 1 ? 'Source' : 'Sources, as one timeline'}: ${named.join(', ')}.`,
    isAltered
      ? 'Frames and names are altered: the capture was redacted.'
      : 'The frames are as they were captured; nothing in them was changed.',
    'The comment of each frame says what it proves and its original number.',
  ];
  return lines.join('\n');
}
