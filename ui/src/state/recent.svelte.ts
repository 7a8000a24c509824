// Which cards changed a moment ago, and in what: for the flash on the card and for the sentence a screen reader says.
// Invariants: the first board is no news; a change that only says how far it has come (stage, rank) is none either; an
// edit of the file in what no card shows is news, but nobody is told which field it was, because nobody here knows; what was
// heard and is then in the files is one change, told once;
// many changes at once are told as a number and do not flash.
import { SvelteMap } from "svelte/reactivity";
import type { Card } from "../wire/generated";
import { sameJson, type UnitChange } from "./units";

const FIELDS = [
  "title",
  "status",
  "priority",
  "assignee",
  "labels",
  "comments",
  "type",
  "parent",
  "blocked_by",
] as const;
export type Field = (typeof FIELDS)[number];
/** Besides fields: the whole card, something that the card does not show, or word that the issue is gone. */
export type Change = Field | "new" | "elsewhere" | "deleted";

interface Told {
  key: string;
  card: Card;
  /** Null where the card is gone. */
  fields: ReadonlySet<Change> | null;
}

const LASTS = 1600;
const MANY = 40;

export class Recent {
  readonly cards = new SvelteMap<string, ReadonlySet<Change>>();
  said = $state("");
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  note(changes: readonly UnitChange[], statusName: (status: string) => string): void {
    const told = changes.flatMap(({ key, before, after }): Told[] => {
      if (after?.kind !== "card") return before?.kind === "card" ? [{ key, card: before, fields: null }] : [];
      const fields = before?.kind === "card" ? changed(before, after) : new Set<Change>(["new"]);
      return fields.size === 0 ? [] : [{ key, card: after, fields }];
    });
    const [only] = told;
    if (only === undefined) return;
    this.said =
      told.length > 1 ? `${told.length} issues changed` : sentence(only.card, only.fields, statusName);
    if (told.length > MANY) return;
    for (const { key, fields } of told) if (fields !== null) this.#flash(key, fields);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.cards.clear();
    this.said = "";
  }

  #flash(key: string, fields: ReadonlySet<Change>): void {
    clearTimeout(this.#timers.get(key));
    this.cards.set(key, fields);
    this.#timers.set(
      key,
      setTimeout(() => {
        this.cards.delete(key);
        this.#timers.delete(key);
      }, LASTS),
    );
  }
}

export function changed(before: Card, after: Card): Set<Change> {
  const fields = new Set<Change>(FIELDS.filter((field) => !sameJson(before[field], after[field])));
  const heard = after.heard !== null && after.heard.at !== before.heard?.at;
  if (heard && after.heard?.deleted) fields.add("deleted");
  else if (fields.size === 0 && (heard || (before.heard === null && before.content !== after.content)))
    fields.add("elsewhere");
  return fields;
}

function sentence(
  card: Card,
  fields: ReadonlySet<string> | null,
  statusName: (status: string) => string,
): string {
  if (fields === null) return `${card.key} is gone`;
  const from = card.heard?.from ?? null;
  const heard = card.heard === null ? "" : from === null ? ", only heard" : `, heard from ${from}`;
  return happened(card, fields, statusName) + heard;
}

function happened(card: Card, fields: ReadonlySet<string>, statusName: (status: string) => string): string {
  if (fields.has("new")) return `${card.key} is new: ${card.title}`;
  if (fields.has("deleted")) return `${card.key} is deleted`;
  if (fields.has("status"))
    return `${card.key} moved to ${card.status === null ? "no status" : statusName(card.status)}`;
  if (fields.has("elsewhere")) return `${card.key} was edited`;
  return `${card.key} changed: ${[...fields].join(", ").replaceAll("_", " ")}`;
}
