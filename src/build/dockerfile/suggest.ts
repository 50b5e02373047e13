/** Number of edits that turn one text into the other: a character more, less or other, or two neighbours swapped. */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? beforeLast[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, last[j]! + 1, row[j - 1]! + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}

const LONGEST = 64;

/** The candidates most like `word`, best first, at most `count`; those that differ too much are left out. */
export function nearest(word: string, candidates: Iterable<string>, count = 1): readonly string[] {
  if (word.length > LONGEST) return [];
  const limit = Math.max(1, Math.floor(word.length / 3));
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const name of candidates) {
    if (Math.abs(name.length - word.length) > limit) continue;
    const score = distance(word.toLowerCase(), name.toLowerCase());
    if (score <= limit) scored.push({ name, score });
  }
  return scored
    .sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}

/** " (did you mean X?)", or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>, count = 1): string {
  const names = nearest(word, candidates, count);
  return names.length === 0 ? "" : ` (did you mean ${names.join(" or ")}?)`;
}
