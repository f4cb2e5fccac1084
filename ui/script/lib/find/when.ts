// Days and times as the pages write them (ui/text/format.go): in the request's own time zone, English or Spanish.

import type { Texts } from "../texts.ts";

interface Parts {
  year: number;
  month: number; // from 0
  day: number;
  weekday: number; // from Sunday
  hour: number;
  minute: string;
  zone: string;
}

const nbsp = "\u00a0";

function partsOf(time: string, zone: string): Parts {
  const read = (timeZone: string) =>
    new Intl.DateTimeFormat("en-US", {
      timeZone, year: "numeric", month: "numeric", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    }).formatToParts(new Date(time));
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = read(zone);
  } catch {
    parts = read("UTC"); // a zone that this browser does not know
  }
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(of("weekday"));
  return { year: Number(of("year")), month: Number(of("month")) - 1, day: Number(of("day")), weekday, hour: Number(of("hour")), minute: of("minute"), zone: of("timeZoneName") };
}

function date(p: Parts, texts: Texts): string {
  const month = texts.list("date.months")[p.month] ?? "";
  return texts.lang === "es" ? `${p.day} de ${month} de ${p.year}` : `${month} ${p.day}, ${p.year}`;
}

function day(p: Parts, texts: Texts): string {
  const weekday = texts.list("date.weekdays")[p.weekday] ?? "";
  return texts.lang === "es" ? `${weekday} ${date(p, texts)}` : `${weekday}, ${date(p, texts)}`;
}

function clock(p: Parts, texts: Texts): string {
  if (texts.lang === "es") return `${String(p.hour).padStart(2, "0")}:${p.minute}`;
  return `${p.hour % 12 || 12}:${p.minute}${nbsp}${p.hour < 12 ? "a.m." : "p.m."}`;
}

/** A day and a time with the zone's abbreviation. */
export function moment(time: string, zone: string, texts: Texts): string {
  const p = partsOf(time, zone);
  return `${date(p, texts)}, ${clock(p, texts)}${nbsp}${p.zone}`;
}

/** A window, as a line of its own. */
export function span(window: { from: string; to: string }, zone: string, texts: Texts): string {
  const a = partsOf(window.from, zone);
  const b = partsOf(window.to, zone);
  const first = day(a, texts).replace(/^./u, (letter) => letter.toUpperCase());
  const spanish = texts.lang === "es";
  if (a.year === b.year && a.month === b.month && a.day === b.day && a.zone === b.zone) {
    return `${first}, ${clock(a, texts)}${spanish ? " a " : " to "}${clock(b, texts)}${nbsp}${b.zone}`;
  }
  const other = a.zone === b.zone ? "" : nbsp + a.zone;
  return `${first}, ${clock(a, texts)}${other}${spanish ? " hasta el " : " to "}${day(b, texts)}, ${clock(b, texts)}${nbsp}${b.zone}`;
}
