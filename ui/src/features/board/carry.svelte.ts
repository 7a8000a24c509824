// Cards on their way to another column, by pointer or by keys: what is carried, where it may be put, where it is now.
// How it looks, and how the pointer is followed, does not belong here.
// Invariants: a card is put down only where its workflow lets it go; Esc, and a card that goes away meanwhile, leave
// everything as it was; every step by keys is said.
import { columnsOf } from "../../state/columns";
import { commonMoves, legalMoves } from "../../state/moves";
import type { Placed } from "../../state/lanes";
import type { Session } from "../../state/session.svelte";

/** What a column is to the cards that are carried. */
export type Standing = "none" | "own" | "legal" | "barred";

export class Carry {
  readonly #session: Session;
  readonly #put: (keys: readonly string[], status: string) => void;
  /** Unit keys of what is carried; empty while nothing is. */
  keys = $state.raw<readonly string[]>([]);
  by = $state<"pointer" | "keys">("keys");
  /** The status that it is over. */
  over = $state<string | null>(null);
  /** Where the pointer is, for what follows it. */
  at = $state.raw<{ x: number; y: number }>({ x: 0, y: 0 });
  said = $state("");
  readonly cards: Placed[] = $derived.by(() =>
    this.keys.flatMap((key) => this.#session.board.card(key) ?? []),
  );
  readonly targets: string[] = $derived.by(() => {
    const own = this.#own;
    return commonMoves(
      this.#session.board.meta,
      this.cards.map((placed) => placed.card),
    ).filter((status) => status !== own);
  });

  constructor(session: Session, put: (keys: readonly string[], status: string) => void) {
    this.#session = session;
    this.#put = put;
  }

  get active(): boolean {
    return this.keys.length > 0;
  }

  standing(status: string | null): Standing {
    if (!this.active) return "none";
    if (this.#own !== null && status === this.#own) return "own";
    return status !== null && this.targets.includes(status) ? "legal" : "barred";
  }

  /** What the move is called, or why there is none. */
  words(status: string | null): string {
    const [first] = this.cards;
    if (first === undefined || status === null) return "";
    const name = this.#session.statusName(status);
    if (this.standing(status) === "own") return "Here it is now";
    const { meta } = this.#session.board;
    if (this.standing(status) === "legal") {
      const labels = this.cards.map(
        ({ card }) => legalMoves(meta, card).find((move) => move.status === status)?.label ?? null,
      );
      const [label] = labels;
      return label !== null && label !== undefined && labels.every((other) => other === label)
        ? `${label}: to ${name}`
        : `To ${name}`;
    }
    if (this.cards.length > 1) return `Not all of them may go to ${name}`;
    const from = first.card.status === null ? "no status" : this.#session.statusName(first.card.status);
    return `The workflow of ${first.card.type ?? "this type"} has no way from ${from} to ${name}`;
  }

  pick(keys: readonly string[], by: "pointer" | "keys"): void {
    this.keys = keys;
    this.by = by;
    this.over = this.#own;
    if (by === "pointer") return;
    const names = this.targets.map((status) => this.#session.statusName(status));
    const what = this.cards.length === 1 ? (this.cards[0]?.card.key ?? "") : `${this.cards.length} issues`;
    this.said =
      names.length === 0
        ? `${what} has nowhere to go`
        : `${what} picked up. It may go to ${names.join(", ")}. Arrows choose, Enter puts it down, Esc puts it back.`;
    if (names.length === 0) this.keys = [];
  }

  /** To the next legal column in that direction, or back home. */
  walk(by: 1 | -1): void {
    const { meta, lanes } = this.#session.board;
    const order = columnsOf(meta, lanes.statuses(), {}).map((column) => column.status);
    for (let at = order.indexOf(this.over) + by; at >= 0 && at < order.length; at += by) {
      const status = order[at] ?? null;
      const standing = this.standing(status);
      if (standing === "barred" || status === null) continue;
      this.over = status;
      this.said = this.words(status);
      return;
    }
  }

  hover(status: string | null, at: { x: number; y: number }): void {
    this.over = status;
    this.at = at;
  }

  drop(): void {
    const { keys, over } = this;
    const legal = over !== null && this.standing(over) === "legal";
    this.said = legal ? `Put down in ${this.#session.statusName(over)}` : "Put back";
    this.#end();
    if (legal) this.#put(keys, over);
  }

  cancel(): void {
    if (this.active) this.said = "Put back";
    this.#end();
  }

  /** Takes a key press while something is carried. Answers whether it was meant for that. */
  press(key: string): boolean {
    if (!this.active) return false;
    if (key === "Escape") this.cancel();
    else if (this.by === "pointer") return false;
    else if (key === "Enter" || key === " ") this.drop();
    else if (key === "ArrowLeft" || key === "h") this.walk(-1);
    else if (key === "ArrowRight" || key === "l") this.walk(1);
    else return /^(Arrow|[a-zA-Z]$)/.test(key);
    return true;
  }

  /** Lets go when what is carried is gone. */
  settle(): void {
    if (this.active && this.cards.length === 0) this.cancel();
  }

  #end(): void {
    this.keys = [];
    this.over = null;
  }

  /** The status that all of it has. */
  get #own(): string | null {
    const [first, ...rest] = this.cards;
    const status = first?.card.status ?? null;
    return rest.every(({ card }) => card.status === status) ? status : null;
  }
}
