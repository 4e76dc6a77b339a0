/** Characters that no output shows as they are, and lines that no output has. */

/**
 * By code points, first and last: controls, soft hyphen, joiners, fillers, bidirectional controls, separators, variation
 * selectors, byte order mark, annotations, noncharacters, tags, halves of pairs.
 */
// biome-ignore format: a table
const NEVER_SHOWN: ReadonlyArray<readonly [first: number, last: number]> = [
  [0x00, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x034f, 0x034f], [0x061c, 0x061c], [0x115f, 0x1160], [0x17b4, 0x17b5],
  [0x180b, 0x180f], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164], [0xd800, 0xdfff],
  [0xfdd0, 0xfdef], [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb], [0xfffe, 0xffff],
  [0x1fffe, 0x1ffff], [0xe0000, 0xe0fff],
];

/** Which of them are in a text, named; `allowed` are those of the layout. */
export function unshowable(text: string, allowed: string): string[] {
  const found: string[] = [];
  for (const character of new Set(text)) {
    const code = character.codePointAt(0) ?? 0;
    if (allowed.includes(character)) continue;
    if (NEVER_SHOWN.some(([first, last]) => code >= first && code <= last))
      found.push(`U+${code.toString(16).padStart(4, '0')} as it is`);
  }
  return found;
}

/**
 * What a person reads line by line: nothing invisible, and no line of somebody else's. The report's headings and outcome begin
 * at the margin; what is set in belongs to the line above it.
 */
export function textProblems(output: string): string[] {
  return [
    ...unshowable(output, '\n'),
    ...output
      .split('\n')
      .filter((line) => line.startsWith('FORGED'))
      .map((line) => `a forged line: ${line}`),
  ];
}
