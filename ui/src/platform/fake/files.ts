// The sample's files: what a write does to them, by the rules that a person meets most, and what it is refused for.
// Only as much of Kanbus as tests and screenshots of the UI need; the rules themselves are the core's.
// Invariant: a command that is refused changes nothing.
import { fault } from "../../wire/fault";
import type { Card, Command, Legal, Meta, Sides, Unit, WireError } from "../../wire/generated";
import { sampleRest, type Rest } from "./detail";
import { contentOf } from "./sample";

export type SetFields = Extract<Command, { type: "set_fields" }>;

/** A file as it is: what its card says and the rest. */
export interface File {
  card: Card;
  rest: Rest;
}

export class SampleFiles {
  readonly #board: () => Record<string, Unit>;
  readonly #now: () => number;
  readonly #rests = new Map<string, Rest>();
  /** What the files said once, by blob id. */
  readonly #blobs = new Map<string, Record<string, unknown>>();

  constructor(board: () => Record<string, Unit>, now: () => number) {
    this.#board = board;
    this.#now = now;
  }

  get(id: string): File {
    const card = this.#board()[`card:${id}`];
    if (card?.kind !== "card") throw fault("not_found", `there is no issue \`${id}\``);
    let rest = this.#rests.get(id);
    if (rest === undefined) this.#rests.set(id, (rest = sampleRest(card)));
    this.#blobs.set(baseOf(card), fieldsOf({ card, rest }));
    return { card, rest };
  }

  /** Takes `rest` for the file's, and answers its card as it is then. */
  put(card: Card, rest: Rest): Card {
    this.#rests.set(card.id, rest);
    const content = contentOf(card.id, `${card.content}${JSON.stringify([card.title, rest])}`);
    const blocked_by = rest.dependencies.filter((one) => one.type === "blocked-by").map((one) => one.target);
    return {
      ...card,
      content,
      blocked_by,
      comments: rest.comments.length,
      stage: "written",
      heard: null,
      updated_at: new Date(this.#now()).toISOString(),
      by: { name: "ada", agent: null, trail: content },
    };
  }

  /** The fields that both sides changed, and those that only somebody else did. */
  merge(command: SetFields): { fields: Record<string, Sides>; merged: string[] } {
    const file = this.get(command.id);
    if ((command.base === undefined && command.was === undefined) || command.base === baseOf(file.card))
      return { fields: {}, merged: [] };
    const known = this.#blobs.get(command.base ?? "");
    const theirs = fieldsOf(file);
    const began = (field: string) =>
      command.was && field in command.was ? command.was[field] : known?.[field];
    const entries = Object.entries(command.set).flatMap(([field, mine]): [string, Sides][] => {
      const sides = { base: began(field) ?? null, theirs: theirs[field] ?? null, mine };
      const fought = !same(sides.base, sides.theirs) && !same(sides.theirs, mine);
      return fought ? [[field, sides]] : [];
    });
    const others = Object.keys(known ?? {}).filter((field) => !(field in command.set));
    return {
      fields: Object.fromEntries(entries),
      merged: others.filter((field) => !same(known?.[field], theirs[field])),
    };
  }
}

export function baseOf(card: Card): string {
  return card.content.padEnd(40, "0");
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function fieldsOf({ card, rest }: File): Record<string, unknown> {
  const { title, type, status, priority, assignee, parent, labels } = card;
  const custom = Object.fromEntries(
    Object.entries(rest.custom).map(([key, value]) => [`custom.${key}`, value]),
  );
  return {
    title,
    type,
    status,
    priority,
    assignee,
    parent,
    labels,
    description: rest.description,
    ...custom,
  };
}

/** The file with the fields and labels of `command`. */
export function withFields({ card, rest }: File, command: SetFields): File {
  const next: Record<string, unknown> = { ...card };
  const custom = { ...rest.custom };
  let { description } = rest;
  for (const [field, value] of Object.entries(command.set)) {
    if (field === "description") description = String(value);
    else if (field.startsWith("custom.")) custom[field.slice(7)] = value;
    else next[field] = typeof value === "string" ? value.trim() : value;
  }
  for (const [key, value] of Object.entries(custom)) if (value === null) Reflect.deleteProperty(custom, key);
  const { add = [], remove = [] } = command.labels ?? {};
  const labels = [...new Set([...card.labels, ...add])].filter((label) => !remove.includes(label));
  return { card: { ...(next as unknown as Card), labels }, rest: { ...rest, description, custom } };
}

/** Why a rule refuses these fields; null where none does. */
export function refusal(meta: Meta, { card }: File, command: SetFields): WireError | null {
  const { title, status } = command.set;
  if (typeof title === "string" && title.trim() === "")
    return fault("invalid", "the title is empty", "Give it one.");
  if (command.labels?.add.some((label) => label.includes(",")))
    return fault("invalid", "a label has no comma", "Add two labels instead.");
  if (typeof status !== "string" || status === card.status) return null;
  if (legalOf(meta, card).statuses.some((move) => move.status === status)) return null;
  return fault(
    "rule",
    `invalid transition from '${card.status}' to '${status}' for type '${card.type}'`,
    "The workflow in `.kanbus.yml` lists where it may go.",
  );
}

export function legalOf(meta: Meta, card: Card, cards: readonly Card[] = []): Legal {
  const [project] = meta.projects;
  const flow = project?.moves[card.type ?? ""] ?? project?.moves.default;
  const parents = cards.filter(
    (other) =>
      other.id !== card.id &&
      other.id !== card.parent &&
      project?.below[other.type ?? ""]?.includes(card.type ?? ""),
  );
  return {
    statuses: flow?.[card.status ?? ""] ?? [],
    types: meta.types.map((type) => type.key).filter((type) => type !== card.type),
    parents: parents.map((other) => other.id).sort(),
  };
}
