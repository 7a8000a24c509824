// What happened since the person looked, issue by issue, and what they make of it.
// Which item is selected, and what an item looks like, do not belong here.
// Invariants: the list is asked for only while somebody shows it, once for all that changes in one breath, and never twice at
// a time; what was shown stays until the answer is there; an answer for another repository is dropped.
import { asWireError } from "../wire/fault";
import type { About, Card, InboxUnit, Item, Line, Mark, WireError } from "../wire/generated";
import type { Session } from "./session.svelte";

/** How closely the list is followed: it is shown, it is only asked what it says of the open issue, or nobody asks. */
export type Interest = "list" | "issue" | null;
const PAUSES: Readonly<Record<Exclude<Interest, null>, number>> = { list: 120, issue: 600 };

export function aboutKey(about: About): string {
  return about === "many" ? "many" : JSON.stringify([about.issue.project, about.issue.id]);
}

export function aboutCard({ project, id }: Pick<Card, "project" | "id">): About {
  return { issue: { project, id } };
}

/** The newest line: what an item is called by. */
export function newest(item: Item): Line | undefined {
  return item.lines.at(-1);
}

export class Inbox {
  readonly #session: Session;
  items = $state.raw<readonly Item[] | null>(null);
  /** Why there is no list. */
  error = $state.raw<WireError | null>(null);
  /** Why the last deed was not done. */
  refused = $state.raw<WireError | null>(null);
  readonly unit: InboxUnit | null = $derived.by(() => this.#session.live.inbox);
  readonly #byKey: ReadonlyMap<string, Item> = $derived(
    new Map((this.items ?? []).map((item) => [aboutKey(item.about), item])),
  );
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: Promise<void> | null = null;
  #again = false;
  #round = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Another repository: nothing of the last one is shown. */
  useRepository(): void {
    this.#round += 1;
    this.items = null;
    this.error = null;
    this.refused = null;
  }

  get unread(): number {
    return this.unit?.counts.items ?? 0;
  }

  itemOf(about: About): Item | undefined {
    return this.#byKey.get(aboutKey(about));
  }

  /** Asks soon; at once where there is nothing to show yet. */
  soon(interest: Exclude<Interest, null>): void {
    clearTimeout(this.#timer);
    if (this.items === null) void this.load();
    else this.#timer = setTimeout(() => void this.load(), PAUSES[interest]);
  }

  /** Asks now, or again once the answer that is under way is there. */
  load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#again = true;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const round = this.#round;
      try {
        const { items } = await this.#session.platform.inbox();
        if (round !== this.#round) this.#again = true;
        else this.items = items;
        this.error = null;
      } catch (thrown) {
        if (round === this.#round) this.error = asWireError(thrown);
      }
    }
  }

  mark(about: About, to: Mark): Promise<boolean> {
    return this.#send({ type: "inbox", about, to });
  }

  markAll(to: Mark): Promise<boolean> {
    return this.#send({ type: "inbox", to });
  }

  watch(about: About, on: boolean): Promise<boolean> {
    return this.#send({ type: "watch", about, on });
  }

  mute(about: About, on: boolean): Promise<boolean> {
    return this.#send({ type: "mute", about, on });
  }

  /** The person has opened an issue: what is unread of it is read. */
  async opened(about: About): Promise<void> {
    await this.load();
    if (this.itemOf(about)?.state.is === "unread") await this.mark(about, { is: "read" });
  }

  async #send(command: Parameters<Session["command"]>[0]): Promise<boolean> {
    this.refused = null;
    try {
      await this.#session.command(command);
      // An issue without news has no say in the counts, so that no word of it may come.
      if (this.items !== null) this.soon("list");
      return true;
    } catch (thrown) {
      this.refused = asWireError(thrown);
      return false;
    }
  }
}

/** Follows the inbox for as long as the component lives that calls it while it is made. */
export function followInbox(inbox: Inbox, interest: () => Interest): void {
  $effect(() => {
    const now = interest();
    if (inbox.unit !== null && now !== null) inbox.soon(now);
  });
}
