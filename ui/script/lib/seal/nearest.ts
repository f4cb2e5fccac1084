// The nearest words of a list (seal/nearest.go).

const maxTyped = 24;

/** The words with the smallest distance to a word, three at most. */
export function nearest(word: string, list: string[]): string[] {
  const typed = [...word].slice(0, maxTyped);
  const all = list.map((w) => ({ word: w, distance: distance(typed, [...w]) }));
  all.sort((a, b) => a.distance - b.distance);
  const best = all[0]?.distance ?? 0;
  return all
    .slice(0, 3)
    .filter((c) => c.distance <= best)
    .map((c) => c.word);
}

/** Letters to insert, delete, replace or swap with a neighbour (Damerau-Levenshtein in its restricted form). */
function distance(a: string[], b: string[]): number {
  let before: number[] = new Array(b.length + 1).fill(0);
  let prev: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const row: number[] = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const cost = a[i] === b[j] ? 0 : 1;
      row[j + 1] = Math.min(at(prev, j) + cost, at(prev, j + 1) + 1, at(row, j) + 1);
      if (i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j]) row[j + 1] = Math.min(at(row, j + 1), at(before, j - 1) + 1);
    }
    [before, prev] = [prev, row];
  }
  return at(prev, b.length);
}

const at = (row: number[], i: number): number => row[i] ?? 0;
