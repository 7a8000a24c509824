// An issue's history in sentences: what each of Kanbus's event types says to a person.
// Who and when are shown beside the sentence and do not belong in it.
// Invariant: nothing is lost: a type that is not known, or a payload of another shape, is shown as it is in the file.
import { fullTime } from "../../shared/time";
import type { Board } from "../../state/board";
import type { EventEntry } from "../../wire/generated";

export interface Names {
  status(key: string): string;
  priority(value: number): string;
  issue(id: string): string;
}

/** What things are called on this board. */
export function namesOf(board: Board): Names {
  const { meta } = board;
  return {
    status: (key) => meta?.columns.find((column) => column.key === key)?.name ?? key,
    priority: (value) => meta?.priorities.find((priority) => priority.value === value)?.name ?? String(value),
    issue: (id) => board.byId(id)?.card.key ?? id,
  };
}

export interface Line {
  text: string;
  /** Field by field, where the event says so. */
  changes: { field: string; from: string; to: string }[];
  /** The payload as it is, where no sentence says it all. */
  raw: string | null;
}

type Payload = Readonly<Record<string, unknown>>;
type Teller = (payload: Payload, names: Names) => string | null;

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const quoted = (value: unknown): string => (text(value) === null ? "" : ` “${String(value)}”`);

function commented(verb: string): Teller {
  return ({ comment_author }) => {
    const author = text(comment_author);
    return author === null ? `${verb} a comment` : `${verb} a comment by ${author}`;
  };
}

function depended(verb: string, preposition: string): Teller {
  return ({ dependency_type, target_id }, names) => {
    const target = text(target_id);
    if (target === null) return null;
    const kind = text(dependency_type)?.replaceAll("-", " ") ?? "dependency";
    return `${verb} “${kind}” ${preposition} ${names.issue(target)}`;
  };
}

function leased(verb: string): Teller {
  return ({ owner }) => {
    const who = text(owner);
    return who === null ? verb : `${verb} for ${who}`;
  };
}

function routed(subject: string): Teller {
  return (payload) => {
    const state =
      text(payload.state) ?? text(payload.status) ?? text(payload.outcome) ?? text(payload.action);
    return state === null ? null : `${subject}: ${state.replaceAll("_", " ")}`;
  };
}

const TELLERS: Readonly<Record<string, Teller>> = {
  issue_created: ({ title }) => `created the issue${quoted(title)}`,
  issue_deleted: ({ title }) => `deleted the issue${quoted(title)}`,
  state_transition: ({ from_status, to_status }, names) => {
    const from = text(from_status);
    const to = text(to_status);
    if (to === null) return null;
    return from === null
      ? `moved to ${names.status(to)}`
      : `moved from ${names.status(from)} to ${names.status(to)}`;
  },
  comment_added: () => "commented",
  comment_updated: commented("edited"),
  comment_deleted: commented("deleted"),
  dependency_added: depended("added", "to"),
  dependency_removed: depended("removed", "to"),
  issue_localized: () => "made the issue local to this machine",
  issue_promoted: () => "shared the issue, which was local",
  "coordination.claim": leased("took the lease"),
  "coordination.renew": leased("renewed the lease"),
  "coordination.release": leased("gave the lease back"),
  "coordination.result_published": () => "published a result",
  "router.control": routed("router control"),
  "router.attempt": routed("attempt"),
  "router.result": routed("result of the attempt"),
  "router.forge": routed("pull request"),
  "router.conversation": routed("conversation"),
};

export function line(entry: EventEntry, names: Names): Line {
  const payload = isRecord(entry.payload) ? entry.payload : {};
  if (entry.event_type === "field_updated") {
    const changes = fieldChanges(payload, names);
    if (changes.length > 0)
      return { text: `changed ${listed(changes.map(({ field }) => field))}`, changes, raw: null };
  }
  const tell = Object.hasOwn(TELLERS, entry.event_type) ? TELLERS[entry.event_type] : undefined;
  const sentence = tell?.(payload, names) ?? null;
  if (sentence !== null) return { text: sentence, changes: [], raw: null };
  return { text: entry.event_type, changes: [], raw: JSON.stringify(entry.payload, null, 1) };
}

function isRecord(value: unknown): value is Payload {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldChanges(payload: Payload, names: Names): Line["changes"] {
  if (!isRecord(payload.changes)) return [];
  return Object.entries(payload.changes).flatMap(([field, change]) =>
    isRecord(change)
      ? [{ field, from: shown(field, change.from, names), to: shown(field, change.to, names) }]
      : [],
  );
}

/** More of one value than this nobody reads beside another; the whole is in the file. */
const MOST_LETTERS = 600;

/** A field's value in words, whatever it is. */
export function valueWords(field: string, value: unknown, names: Names): string {
  const words = valueOf(field, value, names);
  return words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS)}…` : words;
}

function valueOf(field: string, value: unknown, names: Names): string {
  if (field === "status" && typeof value === "string") return names.status(value);
  if (field.endsWith("_at") && typeof value === "string") return fullTime(value);
  if (field === "agent" && isRecord(value)) {
    const known = [value.name, value.platform, value.model].map(text).filter((word) => word !== null);
    if (known.length > 0) return known.join(", ");
  }
  if (field === "dependencies" && Array.isArray(value) && value.length > 0)
    return value.map((entry) => dependencyWords(entry, names)).join(", ");
  return shown(field, value, names);
}

/** Whom an issue's dependencies name, by kind. */
export function linkTargets(dependencies: unknown): { blockers: string[]; relations: string[] } {
  const entries = Array.isArray(dependencies) ? dependencies.filter(isRecord) : [];
  const of = (kind: string) => [
    ...new Set(entries.flatMap((entry) => (entry.type === kind ? (text(entry.target) ?? []) : []))),
  ];
  return { blockers: of("blocked-by"), relations: of("relates-to") };
}

function dependencyWords(entry: unknown, names: Names): string {
  if (!isRecord(entry)) return JSON.stringify(entry);
  const target = text(entry.target);
  if (target === null) return JSON.stringify(entry);
  return `${text(entry.type)?.replaceAll("-", " ") ?? "dependency"} ${names.issue(target)}`;
}

function shown(field: string, value: unknown, names: Names): string {
  if (value === null || value === undefined || value === "") return "none";
  if (field === "priority" && typeof value === "number") return names.priority(value);
  if (field === "parent" && typeof value === "string") return names.issue(value);
  if (Array.isArray(value))
    return value.length === 0
      ? "none"
      : value.map((entry) => (typeof entry === "object" ? JSON.stringify(entry) : String(entry))).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function listed(words: readonly string[]): string {
  const plain = words.map((word) => word.replaceAll("_", " "));
  return plain.length < 2 ? plain.join("") : `${plain.slice(0, -1).join(", ")} and ${plain.at(-1)}`;
}
