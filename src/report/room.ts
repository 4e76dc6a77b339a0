/** How a report stays a file that can be mailed and opened, whatever the capture: details first, then rows, then a count. */
import type { ReportFinding } from './schema.ts';

/** Most bytes of a report for reading. */
export const MAX_REPORT_BYTES = 2_000_000;
/** Most findings that are shown in full. */
export const MAX_DETAILED_FINDINGS = 200;
/** Kept free of details for the rows of the findings that follow. */
const ROOM_FOR_ROWS = 200_000;

/** Bytes that are left. */
export class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes the room of these texts, or none if they do not fit beside `reserved` bytes. */
  take(texts: readonly string[], reserved = 0): boolean {
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (bytes + reserved > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** The texts that fit, from the first on. */
  fill<Item>(items: readonly Item[], textOf: (item: Item, index: number) => string): string[] {
    const texts: string[] = [];
    for (const [index, item] of items.entries()) {
      const text = textOf(item, index);
      if (!this.take([text])) break;
      texts.push(text);
    }
    return texts;
  }
}

/** Findings by how much of them a report shows. */
export interface SharedRoom {
  /** The parts of each finding that is shown in full. */
  readonly details: ReadonlyArray<readonly string[]>;
  readonly rows: readonly string[];
  /** Findings that are not shown at all. */
  readonly leftOut: number;
}

/** Makes the parts of a finding that is shown in full; `numbers` gives the places of all those, by key. */
type Detail = (
  finding: ReportFinding,
  number: number,
  numbers: ReadonlyMap<string, number>,
) => readonly string[];

/** Shares `bytes` out among findings in their order; `row` makes the row of one that is shown in short. */
export function shareRoom(
  findings: readonly ReportFinding[],
  bytes: number,
  detail: Detail,
  row: (finding: ReportFinding) => string,
): SharedRoom {
  let most = Math.min(findings.length, MAX_DETAILED_FINDINGS);
  for (;;) {
    const room = new Room(bytes);
    const details = fillDetails(findings.slice(0, most), room, detail, findings.length);
    if (details.length === most) {
      const rows = room.fill(findings.slice(most), row);
      return { details, rows, leftOut: findings.length - most - rows.length };
    }
    // Once more, so that nothing points to what is not shown; without those references the same ones fit.
    most = details.length;
  }
}

function fillDetails(
  findings: readonly ReportFinding[],
  room: Room,
  detail: Detail,
  total: number,
): Array<readonly string[]> {
  const numbers = new Map(findings.map(({ key }, index) => [key, index + 1]));
  const details: Array<readonly string[]> = [];
  for (const [index, finding] of findings.entries()) {
    const parts = detail(finding, index + 1, numbers);
    if (!room.take(parts, index + 1 === total ? 0 : ROOM_FOR_ROWS)) break;
    details.push(parts);
  }
  return details;
}
