// Which issue is open beside the board, and what is known of it.
// What the fields look like does not belong here.
// Invariants: an answer that arrives after another issue was opened is dropped; while an issue is read again what was
// shown stays; it is read again when its file, what is heard of it or its history changed, and not because of what only
// goes on around it; an issue whose card is gone keeps its last known detail and says that it is gone.
import type { Platform } from "../../platform/types";
import { issueKey } from "../../state/board";
import type { Placed } from "../../state/lanes";
import { sameJson } from "../../state/units";
import { asWireError } from "../../wire/fault";
import type { Card, Done, EventEntry, IssueDetail, WireError } from "../../wire/generated";

export class Inspector {
  readonly #platform: Platform;
  /** The unit key of the open issue. */
  key = $state<string | null>(null);
  tab = $state<"details" | "raw">("details");
  detail = $state.raw<IssueDetail | null>(null);
  error = $state.raw<WireError | null>(null);
  loading = $state(false);
  events = $state.raw<readonly EventEntry[]>([]);
  next = $state.raw<string | null>(null);
  paging = $state(false);
  /** The card as it was last seen, for when it is gone. */
  last = $state.raw<Placed | null>(null);
  gone = $state(false);
  trail = $state.raw<readonly string[]>([]);
  #asked = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  open(key: string): void {
    this.trail = [];
    this.#show(key);
  }

  /** Opens an issue that the open one names, with a way back. */
  follow(key: string): void {
    if (this.key === null || this.key === key) return this.#show(key);
    this.trail = [...this.trail, this.key];
    this.#show(key);
  }

  back(): void {
    const key = this.trail.at(-1);
    if (key === undefined) return;
    this.trail = this.trail.slice(0, -1);
    this.#show(key);
  }

  close(): void {
    this.#asked += 1;
    this.key = null;
    this.last = null;
    this.#clear();
  }

  /** Takes note of the open issue's card; reads the issue again when what it was read from changed. */
  watch(placed: Placed | undefined): void {
    if (this.key === null) return;
    this.gone = placed === undefined && this.last !== null;
    if (placed === undefined || placed === this.last) return;
    const before = this.last?.card;
    this.last = placed;
    if (before !== undefined && readsAgain(before, placed.card)) void this.#load();
  }

  async earlier(): Promise<void> {
    const { key, next } = this;
    if (key === null || next === null || this.paging) return;
    this.paging = true;
    try {
      const page = await this.#platform.events(issueKey(key), next);
      if (key !== this.key || next !== this.next) return;
      this.events = joined(this.events, page.events);
      this.next = page.events_next;
    } catch (thrown) {
      if (key === this.key) this.error = asWireError(thrown);
    } finally {
      this.paging = false;
    }
  }

  /** What a write of that issue was answered with, until the issue is read again. */
  took(key: string, done: Done): void {
    if (key !== this.key || this.detail === null || done.issue === undefined) return;
    this.detail = { ...this.detail, issue: done.issue, base: done.base ?? this.detail.base };
  }

  openExternal(url: string): void {
    this.#platform.openExternal(url).catch((thrown: unknown) => (this.error = asWireError(thrown)));
  }

  retry(): void {
    void this.#load();
  }

  #show(key: string): void {
    if (key === this.key) return;
    this.key = key;
    this.last = null;
    this.#clear();
    void this.#load();
  }

  #clear(): void {
    this.detail = null;
    this.error = null;
    this.events = [];
    this.next = null;
    this.gone = false;
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    const key = this.key;
    if (key === null) return;
    this.loading = true;
    try {
      const detail = await this.#platform.issue(issueKey(key));
      if (asked !== this.#asked) return;
      this.detail = detail;
      this.error = null;
      this.#takeFirstPage(detail);
    } catch (thrown) {
      if (asked === this.#asked) this.error = asWireError(thrown);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }

  /** Keeps the older pages that were fetched, as long as the new first page reaches down to them. */
  #takeFirstPage(detail: IssueDetail): void {
    const held = new Set(this.events.map((entry) => entry.event_id));
    const meets = detail.events.some((entry) => held.has(entry.event_id));
    if (!meets) this.next = detail.events_next;
    this.events = meets ? joined(detail.events, this.events) : detail.events;
  }
}

/** What a card says of its surroundings: none of it is in the issue's file, its history, or what is heard of it. */
const AROUND = new Set<keyof Card>(["lease", "rank", "children", "blocked_by", "notes"]);

/** Whether the whole issue may be another than when its card was `before`. */
export function readsAgain(before: Card, after: Card): boolean {
  const names = Object.keys(after) as (keyof Card)[];
  return names.some((name) => !AROUND.has(name) && !sameJson(before[name], after[name]));
}

function joined(newer: readonly EventEntry[], older: readonly EventEntry[]): EventEntry[] {
  const known = new Set(newer.map((entry) => entry.event_id));
  return [...newer, ...older.filter((entry) => !known.has(entry.event_id))];
}
