// What no banner is wanted of, and when, in words and as what is kept.
// Whether a banner is raised is the core's to say.
import type { Day, Kind, Mute, Muted, Span } from "../wire/generated";
import type { Board } from "./board";
import { clockTime } from "./snooze";

export type MuteKind = "agent" | "kind" | "epic" | "repository";

export const KINDS: Readonly<Record<Kind, string>> = {
  awaiting_reply: "An agent waits for a reply",
  blocked: "Something watched is blocked",
  conflict: "Conflicts with a draft",
  unreadable: "Files that cannot be read",
  created: "New issues",
  moved: "Moves",
  assigned: "Assignments",
  priority: "Priorities",
  commented: "Comments",
  mentioned: "Mentions",
  dependency: "Dependencies",
  deleted: "Deletions",
  edited: "Edits of fields",
  leased: "Leases",
};

export const DAYS: readonly [Day, string, string][] = [
  ["mon", "Mon", "Monday"],
  ["tue", "Tue", "Tuesday"],
  ["wed", "Wed", "Wednesday"],
  ["thu", "Thu", "Thursday"],
  ["fri", "Fri", "Friday"],
  ["sat", "Sat", "Saturday"],
  ["sun", "Sun", "Sunday"],
];

/** What most people mean by quiet hours. */
export const NIGHT: Span = { days: DAYS.map(([day]) => day), from: "22:00", to: "08:00" };

/** What is muted: its kind, and its name where it has one. */
export function muteWords(of: Muted, board: Board): [kind: string, name: string] {
  if ("agent" in of) return ["Agent", of.agent];
  if ("kind" in of) return ["Kind", KINDS[of.kind] ?? String(of.kind)];
  if ("repository" in of) return ["Repository", of.repository];
  const card = board.byId("epic" in of ? of.epic : of.issue.id)?.card;
  const id = "epic" in of ? of.epic : of.issue.id;
  return ["epic" in of ? "Epic" : "Issue", card === undefined ? id : `${card.key} ${card.title}`];
}

export function muteUntil({ until }: Mute, now: number): string {
  return until === undefined ? "" : `until ${clockTime(until, now)}`;
}

export function mutedOf(kind: MuteKind, value: string): Muted {
  switch (kind) {
    case "agent":
      return { agent: value };
    case "kind":
      return { kind: value as Kind };
    case "epic":
      return { epic: value };
    case "repository":
      return { repository: value };
  }
}

export function withDay(span: Span, day: Day, on: boolean): Span {
  const days = DAYS.map(([one]) => one).filter((one) => (one === day ? on : span.days.includes(one)));
  return { ...span, days };
}

/** Whether a text is a time of day as the core reads it. */
export function isMinute(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}
