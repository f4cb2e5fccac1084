import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromUtf8 } from "../lib/bytes.ts";
import { Basemap } from "../lib/find/basemap.ts";
import { cellOf, cellsAround } from "../lib/find/cells.ts";
import { noChoices } from "../lib/find/choices.ts";
import { distanceTo, parsePoint, squareMiles } from "../lib/find/geo.ts";
import type { Area, Point } from "../lib/find/geo.ts";
import type { Item } from "../lib/find/item.ts";
import { matches } from "../lib/find/match.ts";
import type { Filter } from "../lib/find/match.ts";
import { moment, span } from "../lib/find/when.ts";
import { View } from "../lib/find/view.ts";
import { Texts } from "../lib/texts.ts";
import { same } from "./lib/seal.ts";

interface Vectors {
  cells: { point: Point; home: string; tokens: string[] }[];
  distances: { area: Area; point: Point; metres: number }[];
  areas: { area: Area; sq_mi: number; streets: string[] }[];
  times: { zone: string; from: string; to: string; lang: string; span: string; moment: string }[];
  basemap: string;
  texts: Record<string, Record<string, string[]>>;
}

const v = JSON.parse(fromUtf8(readFileSync(process.env["VECTORS"] ?? ""))) as Vectors;
const town = Basemap.parse(v.basemap);

test("cells are those of Go", () => {
  if (v.cells.length < 1000) throw new Error(`only ${v.cells.length} places`);
  for (const { point, home, tokens } of v.cells) same(JSON.stringify(point), [cellOf(point), cellsAround(point)], [home, tokens]);
});

test("distances and sizes are those of Go", () => {
  for (const { area, point, metres } of v.distances) {
    const got = distanceTo(area, point);
    if (Math.abs(got - metres) > Math.max(0.5, metres * 0.005)) throw new Error(`${JSON.stringify(point)}: ${got} m, want ${metres}`);
  }
  for (const { area, sq_mi } of v.areas) {
    if (Math.abs(squareMiles(area) - sq_mi) > sq_mi * 1e-4) throw new Error(`${squareMiles(area)} square miles, want ${sq_mi}`);
  }
});

test("streets and times are written as the server writes them", () => {
  for (const { area, streets } of v.areas) same("streets", town.streetsIn(area), streets);
  for (const t of v.times) {
    const texts = new Texts(v.texts[t.lang] ?? {}, t.lang);
    same("span", span(t, t.zone, texts), t.span);
    same("moment", moment(t.to, t.zone, texts), t.moment);
  }
});

test("numbers are written as the server writes them", () => {
  const [en, es] = [new Texts({}, "en"), new Texts({}, "es")];
  const all = [0, 1, 0.05, 1234, 1234567.891, -1234.5].map((n) => [en.number(n), es.number(n)]);
  same("numbers", all, [["0", "0"], ["1", "1"], ["0.05", "0.05"], ["1,234", "1234"], ["1,234,567.89", "1\u00a0234\u00a0567.89"], ["-1,234.5", "-1234.5"]]);
});

test("places that somebody types", () => {
  const near = (text: string, lat: number, lon: number) => {
    const p = parsePoint(text) ?? town.find(text)?.point;
    if (!p || Math.abs(p.lat - lat) > 0.003 || Math.abs(p.lon - lon) > 0.003) throw new Error(`${text} is ${JSON.stringify(p)}`);
  };
  near("44.3, -87.0", 44.3, -87);
  near("44.3° N 87° W", 44.3, -87);
  near(" 44.3;-87 ", 44.3, -87);
  for (const text of ["", "44.3", "91, 0", "12, 181", "no such street", "Oak Street & no such street"]) same(text, parsePoint(text) ?? town.find(text), undefined);
  const at = town.find("oak STREET y 5th avenue")?.point;
  same("either word", town.find("Oak Str / 5th Ave")?.point, at);
  near("oak street & 5th avenue", at?.lat ?? 0, at?.lon ?? 0);
});

test("what is shown, and in which order", () => {
  const now = new Date("2026-11-24T12:00:00Z");
  const item = (id: string, east: number, agency: string, offence: string, to: string): Item => {
    const area: Area = { type: "Polygon", coordinates: [[[east, 44], [east + 0.01, 44], [east + 0.01, 44.01], [east, 44.01], [east, 44]]] };
    return { id, publishedAt: to, document: { agency, offence, area, window: { from: to, to } } } as unknown as Item;
  };
  const all = [item("a", -87, "police", "220", "2026-11-20T00:00:00Z"), item("b", -87.05, "fire", "200", "2026-11-23T00:00:00Z"), item("c", -86, "police", "290", "2026-11-24T00:00:00Z")];
  const any: Filter = { place: null, within: 0, days: 0, offence: "" };
  const ids = (f: Partial<Filter>, c = {}) => matches(all, { ...any, ...f }, { ...noChoices(), ...c }, now).map((m) => m.item.id).join("");
  same("newest first", ids({}), "cba");
  same("nearest first", ids({ place: { lat: 44.005, lon: -86.995 } }), "abc");
  same("within", ids({ place: { lat: 44.005, lon: -86.995 }, within: 5 }), "ab");
  same("days", ids({ days: 3 }), "cb");
  same("offence", ids({ offence: "200" }), "b");
  same("left out", ids({}, { agencies: ["fire"], offences: ["290"] }), "a");
  same("none", ids({}, { none: true }), "");
});

test("a map's view goes there and back", () => {
  const view = View.about([], [{ lat: 44.28, lon: -87.03 }, { lat: 44.32, lon: -86.97 }], 0.1) as View;
  const moved = view.moved({ x: 30, y: -20 }, 1.5, { x: 100, y: 80 });
  const p = { x: 120, y: 60 };
  const was = view.at(p);
  const now = moved.xy([was.lon, was.lat]);
  const want = { x: 100 + 30 + 20 * 1.5, y: 80 - 20 - 20 * 1.5 };
  if (Math.hypot(now.x - want.x, now.y - want.y) > 0.05) throw new Error(`${JSON.stringify(now)}, want ${JSON.stringify(want)}`);
});
