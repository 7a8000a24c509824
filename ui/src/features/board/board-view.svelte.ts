// How the person looks at the board: the filter, which columns are open, and which card has the focus.
// What a card says and how a column scrolls do not belong here.
// Invariants: the focus is on a card that is shown, or on none; when its card moves or goes, the focus follows a card
// that is still shown, or goes to the neighbour that took its place, never to the top.
import { columnsOf, type BoardColumn } from "../../state/columns";
import { filterFor } from "../../state/filter";
import type { Placed } from "../../state/lanes";
import type { Preferences } from "../../state/preferences.svelte";
import type { Session } from "../../state/session.svelte";

interface Spot {
  column: string;
  index: number;
}

export class BoardView {
  readonly #session: Session;
  readonly #preferences: Preferences;
  readonly columns: BoardColumn[] = $derived.by(() =>
    columnsOf(this.#session.board.meta, this.#session.board.lanes.statuses(), this.#preferences.collapsed),
  );
  readonly open: BoardColumn[] = $derived(this.columns.filter((column) => !column.collapsed));
  text = $state("");
  /** The unit key of the card that has, or last had, the focus. */
  focused = $state<string | null>(null);
  /** Counts the moves by keyboard, so that columns reveal the card once a move and not at every update. */
  moves = $state(0);
  #refilled = $state(0);
  #spot: Spot | null = null;

  constructor(session: Session, preferences: Preferences) {
    this.#session = session;
    this.#preferences = preferences;
  }

  /** The shown cards of a column, in order. */
  cards(column: BoardColumn): readonly Placed[] {
    void this.#refilled;
    return this.#session.board.lanes.get(column.status)?.shown ?? [];
  }

  total(column: BoardColumn): number {
    return this.#session.board.lanes.get(column.status)?.total ?? 0;
  }

  get hidden(): number {
    void this.#refilled;
    return this.#session.board.lanes.hidden;
  }

  filter(text: string): void {
    this.text = text;
    this.refilter();
  }

  /** Applies the filter to a board that is new as a whole. */
  refilter(): void {
    this.#session.board.setFilter(filterFor(this.text, (status) => this.#session.statusName(status)));
    this.#refilled += 1;
    this.settle();
  }

  toggle(column: BoardColumn): void {
    this.#preferences.collapse(column.id, !column.collapsed);
    this.settle();
  }

  focus(key: string): void {
    this.focused = key;
    this.#spot = this.#find(key);
  }

  indexIn(column: BoardColumn, placed: Placed): number {
    return this.#session.board.lanes.get(column.status)?.indexOf(placed) ?? -1;
  }

  /** Brings the focus back onto a shown card after the board, the filter or the columns changed. */
  settle(): void {
    if (this.focused === null) return;
    const spot = this.#find(this.focused);
    if (spot !== null) {
      this.#spot = spot;
      return;
    }
    const neighbour = this.#near(this.#spot);
    this.focused = neighbour?.key ?? null;
    this.#spot = neighbour === undefined ? null : this.#find(neighbour.key);
  }

  step(by: number): void {
    const here = this.#here();
    if (here === null) return this.#enter();
    const list = this.cards(here.column);
    this.#go(list[Math.min(list.length - 1, Math.max(0, here.index + by))]);
  }

  /** To the nearest column in that direction that has cards, at about the same height. */
  cross(by: 1 | -1): void {
    const here = this.#here();
    if (here === null) return this.#enter();
    for (let at = this.open.indexOf(here.column) + by; at >= 0 && at < this.open.length; at += by) {
      const list = this.cards(this.open[at] as BoardColumn);
      if (list.length > 0) return this.#go(list[Math.min(list.length - 1, here.index)]);
    }
  }

  edge(last: boolean): void {
    const here = this.#here();
    if (here === null) return this.#enter();
    this.#go(this.cards(here.column).at(last ? -1 : 0));
  }

  #enter(): void {
    for (const column of this.open) {
      const [first] = this.cards(column);
      if (first !== undefined) return this.#go(first);
    }
  }

  #go(card: Placed | undefined): void {
    if (card === undefined) return;
    this.focus(card.key);
    this.moves += 1;
  }

  #here(): { column: BoardColumn; index: number } | null {
    const spot = this.focused === null ? null : this.#find(this.focused);
    const column = this.open.find((candidate) => candidate.id === spot?.column);
    return spot === null || column === undefined ? null : { column, index: spot.index };
  }

  #find(key: string): Spot | null {
    const placed = this.#session.board.card(key);
    const column = this.open.find((candidate) => candidate.status === placed?.card.status);
    if (placed === undefined || column === undefined) return null;
    const index = this.indexIn(column, placed);
    return index < 0 ? null : { column: column.id, index };
  }

  #near(spot: Spot | null): Placed | undefined {
    const column = this.open.find((candidate) => candidate.id === spot?.column);
    const list = column === undefined ? [] : this.cards(column);
    if (spot !== null && list.length > 0) return list[Math.min(list.length - 1, spot.index)];
    return this.open.flatMap((candidate) => this.cards(candidate).slice(0, 1))[0];
  }
}
