/** Which frames of which file are written: the cited ones, each with what it proves, and the frames around them. */
import type { FindingKind, FrameCitation, Tier } from '../engine/result.ts';

/** A finding as far as its evidence needs it; the words are those of the report. */
export interface EvidenceFinding {
  readonly article: string;
  readonly title: string;
  readonly kind: FindingKind;
  readonly tier: Tier;
  readonly subject: string;
  readonly frames: readonly FrameCitation[];
}

/** What a frame is in one finding. */
export interface FramePart {
  readonly finding: EvidenceFinding;
  /** Usually one; a frame can prove two things in the same finding. */
  readonly roles: string[];
}

/** A frame that is cited, whoever cites it. */
export interface CitedFrame {
  /** Where and when it stood when it was cited. */
  readonly citation: FrameCitation;
  readonly parts: FramePart[];
}

/** Why a frame is written. */
export interface WantedFrame {
  /** The cited frame: this one, or the nearest one where this is context. */
  readonly cited: CitedFrame;
  /** Frames between them: 0 for a cited frame, negative for context before it. */
  readonly distance: number;
}

/** The frames of one file, asked for in the order of their numbers. */
export class FileSelection {
  readonly #frames: readonly CitedFrame[];
  readonly #context: number;
  /** First cited frame that is not before the number asked for last. */
  #next = 0;
  /** No number below is wanted, so that nothing has to be looked up for most frames of a capture. */
  #quietBefore = 0;

  constructor(frames: readonly CitedFrame[], context: number) {
    this.#frames = frames.toSorted((a, b) => a.citation.number - b.citation.number);
    this.#context = context;
  }

  get cited(): readonly CitedFrame[] {
    return this.#frames;
  }

  /** Number of the last frame that can be wanted. */
  get last(): number {
    return (this.#frames.at(-1)?.citation.number ?? 0) + this.#context;
  }

  /** `number` must not be less than the one before. */
  find(number: number): WantedFrame | null {
    if (number < this.#quietBefore) return null;
    const frames = this.#frames;
    while ((frames[this.#next]?.citation.number ?? Infinity) < number) this.#next++;
    const before = frames[this.#next - 1];
    const after = frames[this.#next];
    const toBefore = before === undefined ? Infinity : number - before.citation.number;
    const toAfter = after === undefined ? Infinity : after.citation.number - number;
    if (Math.min(toBefore, toAfter) > this.#context) {
      this.#quietBefore = (after?.citation.number ?? Infinity) - this.#context;
      return null;
    }
    if (after !== undefined && toAfter <= toBefore) return { cited: after, distance: 0 - toAfter };
    return before === undefined ? null : { cited: before, distance: toBefore };
  }
}

/** Sorts what the findings cite by file. The key is the position of the file among those given. */
export function selectFrames(
  findings: readonly EvidenceFinding[],
  context: number,
): Map<number, FileSelection> {
  const files = new Map<number, Map<number, CitedFrame>>();
  for (const finding of findings) {
    for (const citation of finding.frames) {
      const frames = files.get(citation.file) ?? new Map<number, CitedFrame>();
      files.set(citation.file, frames);
      const frame = frames.get(citation.number) ?? { citation, parts: [] };
      frames.set(citation.number, frame);
      const part = frame.parts.at(-1);
      if (part === undefined || part.finding !== finding)
        frame.parts.push({ finding, roles: [citation.role] });
      else if (!part.roles.includes(citation.role)) part.roles.push(citation.role);
    }
  }
  return new Map(
    [...files].map(([file, frames]) => [file, new FileSelection([...frames.values()], context)]),
  );
}
