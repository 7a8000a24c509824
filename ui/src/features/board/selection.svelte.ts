// Which cards are selected, for doing one thing to all of them.
// Invariant: only cards that are on the board count; what is selected stays so when it moves.
import { SvelteSet } from "svelte/reactivity";
import type { Placed } from "../../state/lanes";
import type { Session } from "../../state/session.svelte";
import type { BoardView } from "./board-view.svelte";

export class Selection {
  readonly #session: Session;
  readonly #view: BoardView;
  readonly #keys = new SvelteSet<string>();
  readonly cards: Placed[] = $derived.by(() =>
    [...this.#keys].flatMap((key) => this.#session.board.card(key) ?? []),
  );

  constructor(session: Session, view: BoardView) {
    this.#session = session;
    this.#view = view;
  }

  get keys(): string[] {
    return this.cards.map((placed) => placed.key);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  toggle(key: string | null): void {
    if (key === null) return;
    if (!this.#keys.delete(key)) this.#keys.add(key);
  }

  /** Selects the focused card and the one after or before it, and goes there. */
  extend(by: 1 | -1): void {
    if (this.#view.focused !== null) this.#keys.add(this.#view.focused);
    this.#view.step(by);
    if (this.#view.focused !== null) this.#keys.add(this.#view.focused);
  }

  /** Selects what is between the focused card and this one, where both are in one column. */
  upTo(key: string): void {
    for (const column of this.#view.open) {
      const list = this.#view.cards(column).map((placed) => placed.key);
      const [from, to] = [list.indexOf(this.#view.focused ?? key), list.indexOf(key)];
      if (from < 0 || to < 0) continue;
      for (const one of list.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#keys.add(one);
      return;
    }
    this.#keys.add(key);
  }

  /** Every card that is shown in an open column. */
  all(): void {
    for (const column of this.#view.open) for (const { key } of this.#view.cards(column)) this.#keys.add(key);
  }

  clear(): void {
    this.#keys.clear();
  }
}
