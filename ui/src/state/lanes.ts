// The cards of the board by status, each list in rank order, with and without those a filter hides.
// Which lists are shown as columns, and how, does not belong here.
// Invariants: a list is always sorted by (rank, unit key), bytewise; placing or taking a card costs a binary search and
// one splice; only a new filter and a new board walk all cards.
import { compareBytes } from "../shared/order";
import type { Card } from "../wire/generated";

/** A card and the key under which the board holds it. Replaced, never mutated, when the card changes. */
export interface Placed {
  readonly key: string;
  readonly card: Card;
}

/** Statuses as the files spell them; null is a card without one. */
export type LaneKey = string | null;
export type Filter = (card: Card) => boolean;

function order(a: Placed, b: Placed): number {
  return compareBytes(a.card.rank, b.card.rank) || compareBytes(a.key, b.key);
}

/** The index at which `item` is, or would be, in the sorted list. */
function position(list: readonly Placed[], item: Placed): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(list[middle] as Placed, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Lane {
  readonly shown: Placed[] = [];
  total = 0;

  indexOf(item: Placed): number {
    const at = position(this.shown, item);
    return this.shown[at]?.key === item.key ? at : -1;
  }
}

export class Lanes {
  readonly #lanes = new Map<LaneKey, Lane>();
  #filter: Filter | null = null;
  total = 0;
  hidden = 0;

  get(status: LaneKey): Lane | undefined {
    return this.#lanes.get(status);
  }

  /** The statuses that have cards, hidden ones included. */
  *statuses(): Iterable<LaneKey> {
    for (const [status, lane] of this.#lanes) if (lane.total > 0) yield status;
  }

  place(item: Placed): void {
    const lane = this.#lane(item.card.status);
    lane.total += 1;
    this.total += 1;
    if (this.#filter === null || this.#filter(item.card))
      lane.shown.splice(position(lane.shown, item), 0, item);
    else this.hidden += 1;
  }

  take(item: Placed): void {
    const lane = this.#lane(item.card.status);
    lane.total -= 1;
    this.total -= 1;
    const at = lane.indexOf(item);
    if (at >= 0) lane.shown.splice(at, 1);
    else this.hidden -= 1;
  }

  /** Applies a filter to all cards, or none. */
  refilter(filter: Filter | null, all: Iterable<Placed>): void {
    if (filter === null && this.#filter === null) return;
    this.#filter = filter;
    this.fill(all);
  }

  /** Holds these cards and no others. */
  fill(all: Iterable<Placed>): void {
    const filter = this.#filter;
    this.#lanes.clear();
    this.total = 0;
    this.hidden = 0;
    for (const item of all) {
      const lane = this.#lane(item.card.status);
      lane.total += 1;
      this.total += 1;
      if (filter === null || filter(item.card)) lane.shown.push(item);
      else this.hidden += 1;
    }
    for (const lane of this.#lanes.values()) lane.shown.sort(order);
  }

  #lane(status: LaneKey): Lane {
    let lane = this.#lanes.get(status);
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes.set(status, lane);
    }
    return lane;
  }
}
