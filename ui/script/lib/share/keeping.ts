// Receipts that a person chose to keep in this browser. They are as open as the browser is.

export interface Kept {
  words: string;
  title: string;
  agency: string;
  request: string;
}

const key = "porchlight.receipts";

export function keptWords(): Kept[] {
  try {
    const all = JSON.parse(localStorage.getItem(key) ?? "[]") as Kept[];
    return Array.isArray(all) ? all : [];
  } catch {
    return []; // this browser keeps nothing
  }
}

export function keepWords(k: Kept, keep: boolean): void {
  const others = keptWords().filter((other) => other.words !== k.words);
  try {
    const all = keep ? [...others, k] : others;
    if (all.length > 0) localStorage.setItem(key, JSON.stringify(all));
    else localStorage.removeItem(key);
  } catch {
    // this browser keeps nothing
  }
}
