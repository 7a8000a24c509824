// The board with its indexes: what the views read. Plain TypeScript, so that it is tested without a browser.
// View state (focus, scroll, what is collapsed) and anything of Svelte do not belong here.
// Invariants: the units and the tag are exactly what the core sent (units.ts); every index follows from the units and from
// what the person was promised of a card before the core has said so; the cost of a patch follows the patch, never the size of the board.
import { compareBytes } from "../shared/order";
import type {
  Card,
  GitState,
  InboxUnit,
  Link,
  LiveUnit,
  Message,
  Meta,
  Problem,
  SettingsUnit,
  Trust,
  Unit,
  Watch,
} from "../wire/generated";
import { Lanes, type Filter, type Placed } from "./lanes";
import { Units, type Applied, type UnitChange } from "./units";

export type Outcome =
  { kind: "applied"; news: boolean; changes: UnitChange[] } | { kind: "resync" } | { kind: "ignored" };

const PREFIX = "card:";

/** What the API calls the issue of a card: its unit key without the kind. */
export function issueKey(unitKey: string): string {
  return unitKey.startsWith(PREFIX) ? unitKey.slice(PREFIX.length) : unitKey;
}

export function unitKeyOf(issue: string): string {
  return PREFIX + issue;
}

export class Board {
  readonly #units = new Units();
  readonly #live = new Map<string, LiveUnit>();
  readonly #cards = new Map<string, Placed>();
  readonly #promised = new Map<string, Partial<Card>>();
  readonly #problems = new Map<string, Problem>();
  readonly #children = new Map<string, Set<string>>();
  readonly #byId = new Map<string, Set<string>>();
  readonly lanes = new Lanes();
  /** Cards that only this working tree has so far: written, shared, and not committed. */
  uncommitted = 0;

  get tag(): string | null {
    return this.#units.tag;
  }

  get meta(): Meta | null {
    const unit = this.#units.map.get("meta");
    return unit?.kind === "meta" ? unit : null;
  }

  get git(): GitState | null {
    const unit = this.#units.map.get("git");
    return unit?.kind === "git" ? unit : null;
  }

  get watch(): Watch | null {
    const unit = this.#live.get("watch");
    return unit?.kind === "watch" ? unit : null;
  }

  get link(): Link | null {
    const unit = this.#live.get("link");
    return unit?.kind === "link" ? unit : null;
  }

  get trust(): Trust | null {
    const unit = this.#live.get("trust");
    return unit?.kind === "trust" ? unit : null;
  }

  get inbox(): InboxUnit | null {
    const unit = this.#live.get("inbox");
    return unit?.kind === "inbox" ? unit : null;
  }

  get settings(): SettingsUnit | null {
    const unit = this.#live.get("settings");
    return unit?.kind === "settings" ? unit : null;
  }

  get size(): number {
    return this.#cards.size;
  }

  /** Errors first, then by path. */
  get problems(): [string, Problem][] {
    const rank = (problem: Problem) => (problem.severity === "error" ? 0 : 1);
    return [...this.#problems].sort(
      ([, a], [, b]) => rank(a) - rank(b) || compareBytes(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0),
    );
  }

  card(unitKey: string): Placed | undefined {
    return this.#cards.get(unitKey);
  }

  cards(): Iterable<Placed> {
    return this.#cards.values();
  }

  /** The card of a full id, as parents and dependencies name it. An id that several projects have resolves to the first. */
  byId(id: string): Placed | undefined {
    const keys = this.#byId.get(id);
    if (keys === undefined) return undefined;
    const plain = unitKeyOf(id);
    return this.#cards.get(keys.has(plain) ? plain : ([...keys].sort(compareBytes)[0] ?? plain));
  }

  childrenOf(id: string): Placed[] {
    const keys = [...(this.#children.get(id) ?? [])];
    return keys
      .flatMap((key) => this.#cards.get(key) ?? [])
      .sort((a, b) => compareBytes(a.card.key, b.card.key));
  }

  apply(message: Message): Outcome {
    switch (message.type) {
      case "board_full":
        this.#live.clear();
        for (const [key, unit] of Object.entries(message.live)) this.#live.set(key, unit);
        return this.#replaced(this.#units.apply(message));
      case "board_delta":
        return this.#applied(this.#units.apply(message));
      case "live":
        for (const key of message.del) this.#live.delete(key);
        for (const [key, unit] of Object.entries(message.set)) this.#live.set(key, unit);
        return { kind: "applied", news: true, changes: [] };
      default:
        // Messages that say nothing about the board, and those of a newer core.
        return { kind: "ignored" };
    }
  }

  /** Shows a card with these changes until they are taken back by null. What the core says of it still arrives. */
  promise(key: string, changes: Partial<Card> | null): void {
    const unit = this.#units.map.get(key) ?? null;
    this.#leave(this.#forget(key, unit));
    if (changes === null) this.#promised.delete(key);
    else this.#promised.set(key, changes);
    this.#enter(this.#learn(key, unit));
  }

  /** A card as the core sent it last. */
  sent(key: string): Card | undefined {
    const unit = this.#units.map.get(key);
    return unit?.kind === "card" ? unit : undefined;
  }

  setFilter(filter: Filter | null): void {
    this.lanes.refilter(filter, this.#cards.values());
  }

  #applied(result: Applied | "resync"): Outcome {
    if (result === "resync") return { kind: "resync" };
    for (const { key, before, after } of result.changes) {
      this.#leave(this.#forget(key, before));
      this.#enter(this.#learn(key, after));
    }
    return { kind: "applied", ...result };
  }

  /** The same for a board as a whole, whose lanes are sorted once instead of card by card. */
  #replaced(result: Applied | "resync"): Outcome {
    if (result === "resync") return { kind: "resync" };
    for (const { key, before, after } of result.changes) {
      this.#forget(key, before);
      this.#learn(key, after);
    }
    if (result.changes.length > 0) this.lanes.fill(this.#cards.values());
    return { kind: "applied", ...result };
  }

  #leave(placed: Placed | undefined): void {
    if (placed !== undefined) this.lanes.take(placed);
  }

  #enter(placed: Placed | undefined): void {
    if (placed !== undefined) this.lanes.place(placed);
  }

  /** Takes a unit out of every index but the lanes. Answers the card that it was. */
  #forget(key: string, unit: Unit | null): Placed | undefined {
    if (unit?.kind === "problem") this.#problems.delete(key);
    const placed = unit?.kind === "card" ? this.#cards.get(key) : undefined;
    if (placed === undefined) return undefined;
    this.#cards.delete(key);
    drop(this.#byId, placed.card.id, key);
    if (placed.card.parent !== null) drop(this.#children, placed.card.parent, key);
    if (isUncommitted(placed.card)) this.uncommitted -= 1;
    return placed;
  }

  /** Takes a unit into every index but the lanes. Answers the card that it is. */
  #learn(key: string, unit: Unit | null): Placed | undefined {
    if (unit?.kind === "problem") this.#problems.set(key, unit);
    if (unit?.kind !== "card") return undefined;
    const promised = this.#promised.get(key);
    const card = promised === undefined ? unit : { ...unit, ...promised };
    const placed = { key, card };
    this.#cards.set(key, placed);
    add(this.#byId, card.id, key);
    if (card.parent !== null) add(this.#children, card.parent, key);
    if (isUncommitted(card)) this.uncommitted += 1;
    return placed;
  }
}

export function isUncommitted(card: Card): boolean {
  return card.stage === "written" && card.source === "shared";
}

function add(index: Map<string, Set<string>>, of: string, key: string): void {
  const keys = index.get(of);
  if (keys === undefined) index.set(of, new Set([key]));
  else keys.add(key);
}

function drop(index: Map<string, Set<string>>, of: string, key: string): void {
  const keys = index.get(of);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(of);
}
