// What is heard of an issue, and who is at work on it, as a card tells it.
// How marks look does not belong here.
// Invariants: every field that is heard is marked once, on the card where the card shows it, else on the card's key line;
// a card that is only heard, or heard deleted, is marked as a whole and not field by field.
import { agoToTheSecond, remaining } from "../shared/time";
import type { Card, Heard, HeardDetail, Lease } from "../wire/generated";

/** The fields that a card can show, where it has them. */
export type ShownField = "title" | "type" | "priority" | "labels" | "assignee" | "comments" | "dependencies";

/** `only` has no file; `deleted` has one and is heard to be gone; of `fields` some are heard otherwise than in the file. */
export type HeardKind = "only" | "deleted" | "fields";

export interface HeardMarks {
  kind: HeardKind;
  on: ReadonlySet<string>;
  /** What the mark on the key line says; null where there is none. */
  elsewhere: string | null;
}

/** An overlay over a file names what differs; without a file there is nothing to differ from. */
export function heardKind(heard: Heard): HeardKind {
  if (heard.deleted) return "deleted";
  return heard.fields.length === 0 ? "only" : "fields";
}

export function heardMarks(card: Card, priorityShown: boolean): HeardMarks | null {
  if (card.heard === null) return null;
  const kind = heardKind(card.heard);
  if (kind === "only") return { kind, on: new Set(), elsewhere: "Heard, there is no file yet" };
  if (kind === "deleted") return { kind, on: new Set(), elsewhere: "Heard deleted, the file is still here" };
  const shows: Readonly<Record<ShownField, boolean>> = {
    title: true,
    type: true,
    priority: priorityShown,
    labels: card.labels.length > 0,
    assignee: card.assignee !== null,
    comments: card.comments > 0,
    dependencies: card.blocked_by.length > 0,
  };
  const isShown = (field: string) => Object.hasOwn(shows, field) && shows[field as ShownField];
  const others = card.heard.fields.filter((field) => !isShown(field));
  return {
    kind,
    on: new Set(card.heard.fields.filter(isShown)),
    elsewhere: others.length === 0 ? null : `Heard: ${others.map(fieldName).join(", ")}`,
  };
}

/** "heard 12 s ago from codex-3". */
export function heardWords(heard: Heard | HeardDetail, now: number): string {
  const what = heard.deleted ? "heard deleted" : "heard";
  const from = heard.from === null ? "" : ` from ${heard.from}`;
  return `${what} ${agoToTheSecond(heard.at, now)}${from}`;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ["created_at", "created"],
  ["closed_at", "closed"],
  ["updated_at", "updated"],
  ["custom", "custom fields"],
]);

/** A field as a person calls it. Its name comes from a stranger and may be any word. */
export function fieldName(field: string): string {
  return NAMES.get(field) ?? field.replaceAll("_", " ");
}

/** Whether the lease has run out. One without a readable end has. */
export function isExpired(lease: Lease, now: number): boolean {
  return remaining(lease.expires_at, now) === null;
}

/** What stands beside the holder: "12 min left", or that the time is over. */
export function leaseLeft(lease: Lease, now: number): string {
  const left = remaining(lease.expires_at, now);
  return left === null ? "expired" : `${left} left`;
}
