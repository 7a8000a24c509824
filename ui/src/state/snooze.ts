// Until when something can be put off, by the clock on the wall.

export interface Later {
  id: "hour" | "evening" | "tomorrow" | "week";
  label: string;
  at: Date;
}

const EVENING = 18;
const MORNING = 9;
const HOUR = 3_600_000;
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" });

/** What there is to choose from. An evening that has begun is none to wait for. */
export function laters(now: number): Later[] {
  const today = new Date(now);
  const at = (days: number, hour: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hour);
  const toMonday = (8 - today.getDay()) % 7 || 7;
  const evening = at(0, EVENING);
  const all: Later[] = [
    { id: "hour", label: "In an hour", at: new Date(now + HOUR) },
    { id: "evening", label: "This evening", at: evening },
    { id: "tomorrow", label: "Tomorrow", at: at(1, MORNING) },
    { id: "week", label: "Next week", at: at(toMonday, MORNING) },
  ];
  return all.filter(({ id }) => id !== "evening" || evening.getTime() - now > HOUR);
}

/** "15:04" today, "Mon 9:00" later. */
export function clockTime(at: number | string, now: number): string {
  const time = new Date(at);
  const today = time.toDateString() === new Date(now).toDateString();
  return Number.isNaN(time.getTime()) ? "an unknown time" : (today ? CLOCK : DAY).format(time);
}
