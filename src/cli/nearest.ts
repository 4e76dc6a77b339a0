/** The valid spelling nearest to what was typed. */

/** A word is taken for a misspelling if at most this share of it is wrong; commander suggests by the same measure. */
const MAX_WRONG_SHARE = 0.4;

/** Insertions, deletions, substitutions and swaps of neighbours that lead from `a` to `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** The nearest candidate, whatever the case of its letters; null where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  // Nothing valid is that long, and the distance takes time in proportion to both lengths.
  if (word.length > 100) return null;
  let found: string | null = null;
  let lowest = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < lowest && distance <= Math.max(word.length, candidate.length) * MAX_WRONG_SHARE) {
      lowest = distance;
      found = candidate;
    }
  }
  return found;
}

/** `; did you mean X?`, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates);
  return found === null ? '' : `; did you mean ${found}?`;
}
