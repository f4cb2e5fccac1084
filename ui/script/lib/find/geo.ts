// Places on the earth, as far as a reader's own place needs them: is it inside an area, how far is it, how large is the area.
// The twin of internal/geo, right to half a percent up to 50 km.

/** A position as GeoJSON writes it: longitude, latitude, in degrees. */
export type Position = [number, number];

export interface Point {
  lat: number;
  lon: number;
}

/** A GeoJSON polygon: the outline and its holes, each closed. */
export interface Area {
  type: string;
  coordinates: Position[][];
}

export const metresPerMile = 1609.344;
const squareMile = 2_589_988.110336; // square metres
const semiMajor = 6_378_137; // WGS84
const ecc2 = (2 - 1 / 298.257223563) / 298.257223563;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** How many metres a degree of longitude and one of latitude measure at a latitude. */
export function scaleAt(lat: number): { east: number; north: number } {
  const w = 1 - ecc2 * Math.sin(radians(lat)) ** 2;
  return { east: (radians(1) * semiMajor * Math.cos(radians(lat))) / Math.sqrt(w), north: (radians(1) * semiMajor * (1 - ecc2)) / w ** 1.5 };
}

/** Degrees of longitude the short way round. */
const turn = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;

/** Whether a point lies in the area: the even-odd rule over straight edges in longitude and latitude (RFC 7946, 3.1.1). */
export function contains(area: Area, p: Point): boolean {
  let inside = false;
  for (const ring of area.coordinates) {
    for (let i = 1; i < ring.length; i++) {
      const [x0, y0] = ring[i - 1] as Position;
      const [x1, y1] = ring[i] as Position;
      if (y0 > p.lat !== y1 > p.lat && turn(p.lon - x0) < (turn(x1 - x0) * (p.lat - y0)) / (y1 - y0)) inside = !inside;
    }
  }
  return inside;
}

/** The shortest way from a point to the area in metres; nought inside. */
export function distanceTo(area: Area, p: Point): number {
  if (contains(area, p)) return 0;
  let best = Infinity;
  for (const ring of area.coordinates) {
    for (let i = 1; i < ring.length; i++) best = Math.min(best, toEdge(p, ring[i - 1] as Position, ring[i] as Position));
  }
  return best;
}

/** The distance to an edge, on the plane that touches the earth half way. */
function toEdge(p: Point, from: Position, to: Position): number {
  const { east, north } = scaleAt((p.lat + from[1]) / 2);
  const x0 = turn(from[0] - p.lon) * east;
  const y0 = (from[1] - p.lat) * north;
  const dx = turn(to[0] - from[0]) * east;
  const dy = (to[1] - from[1]) * north;
  const length = dx * dx + dy * dy;
  const t = length > 0 ? Math.max(0, Math.min(1, -(x0 * dx + y0 * dy) / length)) : 0;
  return Math.hypot(x0 + t * dx, y0 + t * dy);
}

/** The area in square miles. */
export function squareMiles(area: Area): number {
  let sum = 0;
  area.coordinates.forEach((ring, hole) => {
    const part = Math.abs(shoelace(ring));
    sum += hole === 0 ? part : -part;
  });
  return sum / squareMile;
}

function shoelace(ring: Position[]): number {
  const [lon, lat] = ring[0] ?? [0, 0];
  const { east, north } = scaleAt((Math.min(...ring.map((p) => p[1])) + Math.max(...ring.map((p) => p[1]))) / 2);
  const flat = ring.map(([x, y]) => ({ x: turn(x - lon) * east, y: (y - lat) * north }));
  let sum = 0;
  for (let i = 1; i < flat.length; i++) {
    const a = flat[i - 1] as { x: number; y: number };
    const b = flat[i] as { x: number; y: number };
    sum += a.x * b.y - b.x * a.y;
  }
  return sum / 2;
}

/** Reads "latitude, longitude" in degrees; undefined if the text is something else or lies nowhere. */
export function parsePoint(text: string): Point | undefined {
  const match = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*°?\s*([NSns])?\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*([EWOewo])?\s*$/.exec(text);
  if (!match) return undefined;
  const lat = Number(match[1]) * (/s/i.test(match[2] ?? "") ? -1 : 1);
  const lon = Number(match[3]) * (/[wo]/i.test(match[4] ?? "") ? -1 : 1);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}
