// Wall clocks: what a camera's clock shows, read in the time zone of the request, and the times that cameras write into names
// of files (internal/media/window.go). A wall clock is written here as milliseconds since 1970, as though it were UTC.

export interface Reading {
  clock: number;
  at: number; // the moment, in milliseconds since 1970
  doubt: number; // by how much it may be off because the clocks were changed that night
}

const hour = 60 * 60 * 1000;

/** Reads a wall clock in a zone. In the night in which clocks go back an hour is shown twice, and the first is taken. */
export function readClock(clock: number, zone: string): Reading {
  const [before, after] = [offset(clock - 36 * hour, zone), offset(clock + 36 * hour, zone)]; // no zone is 24 hours from UTC
  const [first, second] = [clock - before, clock - after];
  const [isFirst, isSecond] = [offset(first, zone) === before, offset(second, zone) === after];
  if (isFirst === isSecond) return { clock, at: first, doubt: Math.abs(before - after) };
  return { clock, at: isSecond ? second : first, doubt: 0 };
}

/** By how much a zone's clocks were ahead of UTC at a moment. */
function offset(at: number, zone: string): number {
  const second = Math.floor(at / 1000) * 1000;
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(second);
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(n("year"), n("month") - 1, n("day"), n("hour"), n("minute"), n("second")) - second;
}

// Forms of times in names: that of nearly every camera, year to second with or without marks between; that of dash cameras
// which shorten the year; seconds or thousandths since 1970.
const nameForm = /(?:^|[^0-9])((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?:[-_. T]{0,3}| at )(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?:\D|\d{3}(?:\D|$)|$)/;
const shortNameForm = /^(\d\d)(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_\d{3}_[A-Z]{2}\./;
const epochNameForm = /(?:^|[-_])(1[5-9]\d{8})(?:\d{3})?[-_.]/;

/** The time in a file's name. Google's phones (PXL_) write UTC, everybody else the local time. */
export function nameTime(name: string, zone: string): Reading | undefined {
  if (name.startsWith("PXL_")) zone = "UTC";
  const long = nameForm.exec(name);
  const short = long ? null : shortNameForm.exec(name);
  const digits = (long ?? short)?.slice(1).map(Number);
  if (digits) {
    const [year, month, day, hours, minutes, seconds] = digits as [number, number, number, number, number, number];
    const clock = Date.UTC(short ? 2000 + year : year, month - 1, day, hours, minutes, seconds);
    const back = new Date(clock);
    const real = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hours < 24 && minutes < 60 && seconds < 60;
    if (real) return readClock(clock, zone);
  }
  const counted = epochNameForm.exec(name);
  if (!counted) return undefined;
  const at = Number(counted[1]) * 1000;
  return { clock: at + offset(at, zone), at, doubt: 0 };
}
