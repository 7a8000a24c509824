// Ages and times in words. The present is always passed in.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, in the fewest words: "just now", "4 min ago", "3 h ago", "2 days ago", "5 weeks ago", "2 years ago". */
export function ago(then: string | null, now: number): string {
  const at = then === null ? Number.NaN : Date.parse(then);
  if (Number.isNaN(at)) return "at an unknown time";
  const gone = now - at;
  if (gone < MINUTE) return "just now";
  if (gone < HOUR) return `${Math.floor(gone / MINUTE)} min ago`;
  if (gone < DAY) return `${Math.floor(gone / HOUR)} h ago`;
  if (gone < 14 * DAY) return plural(Math.floor(gone / DAY), "day");
  if (gone < 60 * DAY) return plural(Math.floor(gone / (7 * DAY)), "week");
  if (gone < 730 * DAY) return plural(Math.floor(gone / (30.44 * DAY)), "month");
  return plural(Math.floor(gone / (365.25 * DAY)), "year");
}

/** The same, counted in seconds below a minute: "12 s ago". */
export function agoToTheSecond(then: string | null, now: number): string {
  const gone = now - Date.parse(then ?? "");
  return gone >= SECOND && gone < MINUTE ? `${Math.floor(gone / SECOND)} s ago` : ago(then, now);
}

/** How long until then, in the fewest words: "42 s", "12 min", "3 h", "2 days"; null once it has passed or is no time. */
export function remaining(until: string, now: number): string | null {
  const left = Date.parse(until) - now;
  if (Number.isNaN(left) || left <= 0) return null;
  if (left < MINUTE) return `${Math.ceil(left / SECOND)} s`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} min`;
  if (left < 2 * DAY) return `${Math.floor(left / HOUR)} h`;
  return `${Math.floor(left / DAY)} days`;
}

/** How long something took: "under 1 ms", "12 ms", "1.4 s", "3 min". */
export function span(ms: number): string {
  if (ms < 1) return "under 1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  return `${Math.round(ms / HOUR)} h`;
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/** Minutes and seconds, as a stopwatch shows them: "0:42", "1:03:20". */
export function stopwatch(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(all % 60).padStart(2, "0");
  const minutes = Math.floor(all / 60) % 60;
  const hours = Math.floor(all / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** The whole time in the person's own words, or the spelling of the file where it is none. */
export function fullTime(then: string | null): string {
  const at = then === null ? Number.NaN : Date.parse(then);
  return Number.isNaN(at) ? (then ?? "unknown") : FULL.format(at);
}
