// The coarse cells of a large exchange's feed (http://s2geometry.io): which cell holds a place and which touch it, as
// internal/geo.CellsAround has them. Computed here, so that fetching them tells the cell and no more.

import type { Point } from "./geo.ts";

/** The level of the feed's cells, of some 80 km. */
export const feedLevel = 7;

const leaves = 2 ** 30; // on each side of a face
const size = 2 ** (30 - feedLevel); // of a cell, in leaves

// How the Hilbert curve runs through four squares in each of its four orientations (S2's tables).
const positions = [[0, 1, 3, 2], [0, 3, 1, 2], [2, 3, 1, 0], [2, 1, 3, 0]];
const orientations = [1, 0, 0, 3];

interface Place {
  face: number;
  i: number;
  j: number;
}

/** The tokens of the cell that holds a point and of those that touch it, sorted. */
export function cellsAround(p: Point): string[] {
  const { face, i, j } = leafOf(p);
  const floor = (n: number) => Math.floor(n / size) * size;
  const out = new Set<string>();
  for (const di of [-size, 0, size]) for (const dj of [-size, 0, size]) out.add(token(wrapped(face, floor(i) + di, floor(j) + dj)));
  return [...out].sort();
}

/** The token of the cell that holds a point. */
export const cellOf = (p: Point): string => token(leafOf(p));

function leafOf(p: Point): Place {
  const lat = (p.lat * Math.PI) / 180;
  const lon = (p.lon * Math.PI) / 180;
  const { face, u, v } = project(Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat));
  const leaf = (w: number) => clamp(Math.floor(leaves * (w >= 0 ? 0.5 * Math.sqrt(1 + 3 * w) : 1 - 0.5 * Math.sqrt(1 - 3 * w))));
  return { face, i: leaf(u), j: leaf(v) };
}

const clamp = (n: number): number => Math.max(0, Math.min(leaves - 1, n));

/** The face of the cube that a direction goes through, and where. */
function project(x: number, y: number, z: number): { face: number; u: number; v: number } {
  const [ax, ay, az] = [Math.abs(x), Math.abs(y), Math.abs(z)];
  const axis = ax > ay ? (ax > az ? 0 : 2) : ay > az ? 1 : 2;
  const face = axis + ([x, y, z][axis] as number < 0 ? 3 : 0);
  const [u, v] = [[y / x, z / x], [-x / y, z / y], [-x / z, -y / z], [z / x, y / x], [z / y, -x / y], [-y / z, -x / z]][face] as [number, number];
  return { face, u, v };
}

/** A square just outside its face lies on the next. */
function wrapped(face: number, i: number, j: number): Place {
  if (i >= 0 && i < leaves && j >= 0 && j < leaves) return { face, i, j };
  const limit = 1 + 2 ** -52;
  const side = (n: number) => Math.max(-limit, Math.min(limit, (2 * Math.max(-1, Math.min(leaves, n)) + 1 - leaves) / leaves));
  const [x, y, z] = direction(face, side(i), side(j));
  const other = project(x, y, z);
  const leaf = (w: number) => clamp(Math.floor(leaves * 0.5 * (w + 1)));
  return { face: other.face, i: leaf(other.u), j: leaf(other.v) };
}

function direction(face: number, u: number, v: number): [number, number, number] {
  return [[1, u, v], [-u, 1, v], [-u, -v, 1], [-1, -v, -u], [v, -1, -u], [v, u, -1]][face] as [number, number, number];
}

/** The cell's name: face, the way along the curve and a closing bit, in hexadecimal. */
function token({ face, i, j }: Place): string {
  let id = face;
  let orientation = face & 1;
  for (let k = 29; k > 29 - feedLevel; k--) {
    const square = (Math.floor(i / 2 ** k) % 2) * 2 + (Math.floor(j / 2 ** k) % 2);
    const position = positions[orientation]?.[square] as number;
    id = id * 4 + position;
    orientation ^= orientations[position] as number;
  }
  return ((id * 2 + 1) * 4).toString(16).padStart(5, "0");
}
