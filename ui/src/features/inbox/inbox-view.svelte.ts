// How the person goes through the inbox: what is in which group, which item is selected, and what a key does to it.
// What an item looks like does not belong here.
// Invariants: an item that is read while it is selected stays where it is until the person goes on; when the selected item
// goes, the one that took its place is selected, never the first; the inbox is never asked about what nobody selected.
import { tick } from "svelte";
import type { Item, Mark } from "../../wire/generated";
import { aboutKey, newest, type Inbox } from "../../state/inbox.svelte";

export type GroupId = "interrupt" | "unread" | "later" | "read" | "done";

export interface Group {
  id: GroupId;
  title: string;
  items: Item[];
}

const TITLES: Readonly<Record<GroupId, string>> = {
  interrupt: "Needs you",
  unread: "Unread",
  later: "Snoozed",
  read: "Read",
  done: "Done",
};
/** How many are in the document at first, and how many more each time. */
const PAGE = 150;

export function groupOf({ state, class: rank }: Item): GroupId {
  if (state.is === "unread") return rank === "interrupt" ? "interrupt" : "unread";
  return state.is === "snoozed" ? "later" : state.is;
}

export class InboxView {
  readonly inbox: Inbox;
  readonly #open: (card: string, byKeyboard: boolean) => void;
  showDone = $state(false);
  selected = $state<string | null>(null);
  /** Counts the moves by keyboard. */
  moves = $state(0);
  limit = $state(PAGE);
  /** The item whose time to come back is being chosen. */
  snoozing = $state<string | null>(null);
  #held = $state.raw<{ key: string; group: GroupId; index: number } | null>(null);
  #last = 0;
  readonly #all: Group[] = $derived.by(() => {
    const groups = (Object.keys(TITLES) as GroupId[]).map((id): Group => ({
      id,
      title: TITLES[id],
      items: [],
    }));
    const group = (id: GroupId) => groups.find((one) => one.id === id) as Group;
    const held = this.#held;
    let kept: Item | null = null;
    for (const item of this.inbox.items ?? [])
      if (held?.key === aboutKey(item.about) && item.state.is === "read") kept = item;
      else group(groupOf(item)).items.push(item);
    if (kept !== null && held !== null) {
      const { items } = group(held.group);
      items.splice(Math.min(held.index, items.length), 0, kept);
    }
    return groups;
  });
  readonly groups: Group[] = $derived(
    this.#all.filter(({ id, items }) => items.length > 0 && (id !== "done" || this.showDone)),
  );
  readonly rows: string[] = $derived(
    this.groups.flatMap(({ items }) => items.map((item) => aboutKey(item.about))),
  );

  constructor(inbox: Inbox, open: (card: string, byKeyboard: boolean) => void) {
    this.inbox = inbox;
    this.#open = open;
  }

  get doneCount(): number {
    return this.#all.find(({ id }) => id === "done")?.items.length ?? 0;
  }

  get item(): Item | undefined {
    return (this.inbox.items ?? []).find((item) => aboutKey(item.about) === this.selected);
  }

  /** The groups as far as they are in the document. */
  get shown(): Group[] {
    let left = this.limit;
    return this.groups.flatMap((group) => {
      const items = group.items.slice(0, Math.max(0, left));
      left -= items.length;
      return items.length === 0 ? [] : [{ ...group, items }];
    });
  }

  more(): void {
    this.limit += PAGE;
  }

  select(key: string): void {
    if (this.selected !== key) this.snoozing = null;
    this.selected = key;
    this.#last = Math.max(0, this.rows.indexOf(key));
    if (this.#held?.key === key) return;
    for (const { id, items } of this.groups) {
      const index = items.findIndex((item) => aboutKey(item.about) === key);
      if (index >= 0) this.#held = { key, group: id, index };
    }
  }

  /** Selects something that is shown, after the list has changed. */
  settle(): void {
    const { selected, rows } = this;
    if (selected === null) return;
    const at = rows.indexOf(selected);
    if (at >= 0) this.#last = at;
    else if (this.inbox.items !== null) this.#take(rows[Math.min(this.#last, rows.length - 1)] ?? null);
  }

  step(by: number): void {
    const at = this.selected === null ? -1 : this.rows.indexOf(this.selected);
    this.#go(at < 0 ? 0 : at + by);
  }

  edge(last: boolean): void {
    this.#go(last ? this.rows.length - 1 : 0);
  }

  open(byKeyboard: boolean): void {
    const { item } = this;
    const card = item === undefined ? null : (newest(item)?.card ?? null);
    if (card !== null) this.#open(card, byKeyboard);
    if (item?.state.is === "unread") void this.inbox.mark(item.about, { is: "read" });
  }

  /** The person goes on to the next, which is selected before the core has answered. */
  done(): void {
    this.#markAndGoOn({ is: "done" });
  }

  async snooze(until: Date): Promise<void> {
    this.snoozing = null;
    // The menu gives the focus back to its item before the person goes on.
    await tick();
    this.#markAndGoOn({ is: "snoozed", until: until.toISOString() });
  }

  unread(): void {
    const { item } = this;
    this.#held = null;
    if (item !== undefined) void this.inbox.mark(item.about, { is: "unread" });
  }

  watch(): void {
    const { item } = this;
    if (item !== undefined && item.about !== "many") void this.inbox.watch(item.about, !item.watched);
  }

  mute(): void {
    const { item } = this;
    if (item !== undefined && item.about !== "many") void this.inbox.mute(item.about, !item.muted);
  }

  #markAndGoOn(to: Mark): void {
    const { item, selected, rows } = this;
    if (item === undefined || selected === null) return;
    void this.inbox.mark(item.about, to);
    const at = rows.indexOf(selected);
    const next = rows[at + 1] ?? rows[at - 1];
    if (next === undefined || to.is === item.state.is) return;
    this.select(next);
    this.moves += 1;
  }

  #go(index: number): void {
    const { rows } = this;
    if (rows.length === 0) return;
    const at = Math.min(rows.length - 1, Math.max(0, index));
    while (at >= this.limit) this.more();
    this.select(rows[at] as string);
    this.moves += 1;
  }

  #take(key: string | null): void {
    this.selected = null;
    this.#held = null;
    if (key !== null) this.select(key);
  }
}
