// The board as the core ships it: a map of keyed units and the tag of the whole.
// What the units mean (columns, ranks, problems) does not belong here; see board.ts.
// Invariants: after `apply` the map is a board that the core once held, with that board's tag; a patch that does not
// start from this tag changes nothing and asks for a full board; a unit whose content did not change keeps its identity.
import type { Message, Tag, Unit } from "../wire/generated";

/** One unit's way from before to after; null where it did not exist. */
export interface UnitChange {
  key: string;
  before: Unit | null;
  after: Unit | null;
}

export interface Applied {
  /** False for the first board, which is what was there and not what happened. */
  news: boolean;
  changes: UnitChange[];
}

export type BoardMessage = Extract<Message, { type: "board_full" | "board_delta" }>;

export class Units {
  readonly map = new Map<string, Unit>();
  tag: Tag | null = null;

  apply(message: BoardMessage): Applied | "resync" {
    return message.type === "board_full" ? this.#replace(message) : this.#patch(message);
  }

  #replace(message: Extract<BoardMessage, { type: "board_full" }>): Applied {
    const news = this.tag !== null;
    const changes: UnitChange[] = [];
    for (const key of [...this.map.keys()]) if (!Object.hasOwn(message.board, key)) this.#del(key, changes);
    for (const key of Object.keys(message.board)) this.#set(key, message.board[key] as Unit, changes);
    this.tag = message.to;
    return { news, changes };
  }

  #patch(message: Extract<BoardMessage, { type: "board_delta" }>): Applied | "resync" {
    if (this.tag === null || message.from !== this.tag) return "resync";
    const changes: UnitChange[] = [];
    for (const key of message.del) this.#del(key, changes);
    for (const key of Object.keys(message.set)) this.#set(key, message.set[key] as Unit, changes);
    this.tag = message.to;
    return { news: true, changes };
  }

  #set(key: string, after: Unit, changes: UnitChange[]): void {
    const before = this.map.get(key) ?? null;
    if (before !== null && sameJson(before, after)) return;
    this.map.set(key, after);
    changes.push({ key, before, after });
  }

  #del(key: string, changes: UnitChange[]): void {
    const before = this.map.get(key);
    if (before === undefined) return;
    this.map.delete(key);
    changes.push({ key, before, after: null });
  }
}

/** Whether two parsed JSON values say the same, whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]));
}
