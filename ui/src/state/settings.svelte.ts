// What the person has chosen, as the core keeps it, and changing it.
// How a choice looks, and what it means, do not belong here.
// Invariants: what is shown is what is kept with what is on its way to it on top; changes are sent one after the other, each
// as small as it is, so that none undoes another; a refusal stands by what was changed until that is tried again.
import { SvelteMap } from "svelte/reactivity";
import { asWireError } from "../wire/fault";
import type { Settings, SettingsUnit, WireError } from "../wire/generated";
import { sameJson } from "./units";
import type { Session } from "./session.svelte";

/** A JSON merge patch: null brings back what is usual. */
export type Patch = Record<string, unknown>;

/** How long what was saved is shown ahead of word of it from the core. */
const LONGEST = 2000;
const HOUR = 3_600_000;

export class Choices {
  readonly #session: Session;
  /** Why something was not changed, by the place where that is said. */
  readonly failures = new SvelteMap<string, WireError>();
  /** Where something was saved last, and how often anything was. */
  saved = $state.raw<{ place: string; times: number }>({ place: "", times: 0 });
  #ahead = $state.raw<readonly Patch[]>([]);
  #queue: Promise<unknown> = Promise.resolve();
  readonly unit: SettingsUnit | null = $derived.by(() => this.#session.live.settings);
  readonly value: Settings | null = $derived.by(() => {
    if (this.unit === null) return null;
    return this.#ahead.reduce<Settings>((value, patch) => merged(value, patch), this.unit.settings);
  });
  readonly #pausedUntil: number = $derived.by(() => {
    const unit = this.#session.live.inbox?.paused_until ?? null;
    return Date.parse(this.value?.notifications.paused_until ?? unit ?? "");
  });

  constructor(session: Session) {
    this.#session = session;
  }

  /** Until when no banner is raised, in milliseconds; null where they are. */
  get paused(): number | null {
    return this.#pausedUntil > this.#session.clock.now ? this.#pausedUntil : null;
  }

  /** Answers whether it was saved. */
  async change(set: Patch, place: string): Promise<boolean> {
    this.#ahead = [...this.#ahead, set];
    const drop = () => (this.#ahead = this.#ahead.filter((patch) => patch !== set));
    // Those before it were sent before it: one that outlived it would undo it on the screen.
    const settle = () => (this.#ahead = this.#ahead.slice(this.#ahead.indexOf(set) + 1));
    const sent = this.#queue.then(() => this.#session.command({ type: "change_settings", set }));
    this.#queue = sent.catch(() => undefined);
    try {
      await sent;
    } catch (thrown) {
      drop();
      this.failures.set(place, asWireError(thrown));
      return false;
    }
    this.#done(place);
    const kept = this.unit?.settings;
    if (kept !== undefined && sameJson(merged(kept, set), kept)) settle();
    else setTimeout(settle, LONGEST);
    return true;
  }

  /** Puts a file away that cannot be read, and begins with what is usual. */
  async restore(place: string): Promise<void> {
    try {
      await this.#session.command({ type: "restore_settings" });
      this.#done(place);
    } catch (thrown) {
      this.failures.set(place, asWireError(thrown));
    }
  }

  /** No banner for an hour, or banners again. Answers what to say of it. */
  async togglePause(place: string): Promise<string> {
    const until = this.paused === null ? new Date(this.#session.clock.now + HOUR).toISOString() : null;
    const done = await this.change({ notifications: { paused_until: until } }, place);
    if (!done) return this.failures.get(place)?.message ?? "";
    return until === null ? "Notifications are back" : "Notifications are paused for an hour";
  }

  #done(place: string): void {
    this.failures.delete(place);
    this.saved = { place, times: this.saved.times + 1 };
  }
}

/** `value` with a patch on top. What is usual is the core's to know, so a part that is brought back stays until it says so. */
function merged<T>(value: T, patch: Patch): T {
  const result = { ...value } as Record<string, unknown>;
  for (const [key, change] of Object.entries(patch)) {
    const now = result[key];
    if (isPlain(change)) result[key] = merged(isPlain(now) ? now : {}, change);
    else if (change !== null || now === null || typeof now === "string") result[key] = change;
    else if (Array.isArray(now)) Reflect.deleteProperty(result, key);
  }
  return result as T;
}

function isPlain(value: unknown): value is Patch {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
