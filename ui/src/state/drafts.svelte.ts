// What the person has typed or chosen and that is not in a file yet. Kept by the host's storage, by repository, issue and
// field, so that it outlives a reload, another repository and a restart.
// Sending does not belong here.
// Invariants: a draft goes only when it was written as it is, or when the person throws it away; what it began with stays as
// it was then, however often it changes, until it is written; an answer touches the drafts of no other
// repository; storage that is full or forbidden costs the draft its next life and nothing else.
import { SvelteMap, SvelteSet } from "svelte/reactivity";
import { sameJson } from "./units";

export interface Draft {
  value: unknown;
  /** What the field was when the edit began. */
  was: unknown;
  /** The blob id of the file that the edit began with; null where there was none. */
  base: string | null;
  /** When it was touched last, in milliseconds since the epoch. */
  at: number;
  /** It was to be written, and Git was in the middle of something. */
  held?: boolean;
}

/** What was sent of a draft, and where the draft is, whatever repository is open when the answer comes. */
export interface Sent {
  key: string;
  value: unknown;
}

/** Stands for an issue that is not there yet. */
export const NEW = "";
const PREFIX = "hearsay.draft:";

export class Drafts {
  readonly #storage: Storage | null;
  readonly #now: () => number;
  readonly #held = new SvelteMap<string, Draft>();
  /** Drafts that are being written at the moment. */
  readonly #sending = new SvelteSet<string>();
  /** The fields that have a draft, by issue. */
  readonly #fields: ReadonlyMap<string, readonly string[]> = $derived.by(() => {
    const fields = new Map<string, string[]>();
    for (const key of this.#held.keys()) {
      const [, issue, field] = JSON.parse(key) as [string, string, string];
      fields.set(issue, [...(fields.get(issue) ?? []), field]);
    }
    return fields;
  });
  #repository = "";

  constructor(storage: Storage | null, now: () => number = Date.now) {
    this.#storage = storage;
    this.#now = now;
  }

  get repository(): string {
    return this.#repository;
  }

  useRepository(path: string): void {
    this.#repository = path;
    this.#held.clear();
    for (const key of this.#stored()) {
      const draft = this.#read(key);
      if (draft !== null) this.#held.set(key, draft);
    }
  }

  get(issue: string, field: string): Draft | undefined {
    return this.#held.get(this.#key(issue, field));
  }

  /** A draft that waits for the person, and is not just on its way. */
  waiting(issue: string, field: string): Draft | undefined {
    return this.isSending(issue, field) ? undefined : this.get(issue, field);
  }

  isSending(issue: string, field: string): boolean {
    return this.#sending.has(this.#key(issue, field));
  }

  /** Marks a draft as on its way for as long as `way` takes. */
  async sending<T>(issue: string, field: string, way: () => Promise<T>): Promise<T> {
    const key = this.#key(issue, field);
    this.#sending.add(key);
    try {
      return await way();
    } finally {
      this.#sending.delete(key);
      const draft = this.#held.get(key);
      if (draft !== undefined && sameJson(draft.value, draft.was)) this.#drop(key);
    }
  }

  /** A draft as it is now, to be sent. */
  toSend(issue: string, field: string): Sent {
    return { key: this.#key(issue, field), value: this.get(issue, field)?.value };
  }

  /**
   * It was written. What was typed since is kept, as a draft of what is in the file now. Answers whether there is no draft
   * any more in the repository that is open.
   */
  written({ key, value }: Sent, now: Pick<Draft, "was" | "base">): boolean {
    const draft = this.#isHere(key) ? this.#held.get(key) : this.#read(key);
    if (draft === undefined || draft === null) return false;
    if (sameJson(draft.value, value) || sameJson(draft.value, now.was)) return this.#drop(key);
    this.#keep(key, { value: draft.value, at: draft.at, ...now });
    return false;
  }

  /** The person gave up what was sent, but not what was typed since. Answers as `written` does. */
  givenUp({ key, value }: Sent): boolean {
    return this.#isHere(key) && sameJson(this.#held.get(key)?.value, value) && this.#drop(key);
  }

  /** Whether anything of an issue waits to be written. */
  waits(issue: string): boolean {
    return this.allWaiting(issue).length > 0;
  }

  /** What of an issue waits to be written, by field. */
  allWaiting(issue: string): [string, Draft][] {
    return (this.#fields.get(issue) ?? []).flatMap((field): [string, Draft][] => {
      const draft = this.waiting(issue, field);
      return draft === undefined ? [] : [[field, draft]];
    });
  }

  /** The issues of which there is a draft. */
  issues(): string[] {
    return [...this.#fields.keys()];
  }

  /** Git was in the middle of something when the draft was to be written. */
  hold(issue: string, field: string): void {
    const draft = this.get(issue, field);
    if (draft !== undefined) this.#keep(this.#key(issue, field), { ...draft, held: true });
  }

  /** Git is done: nothing is held back by it any more. */
  release(): void {
    for (const [key, { held, ...draft }] of this.#held) if (held === true) this.#keep(key, draft);
  }

  /**
   * Keeps `value`. What the edit began with counts only the first time; a text as it was before needs no draft, unless
   * another one is on its way to the file.
   */
  put(issue: string, field: string, value: unknown, began: Pick<Draft, "was" | "base">): void {
    const key = this.#key(issue, field);
    const { was, base } = this.#held.get(key) ?? began;
    if (sameJson(value, was) && !this.#sending.has(key)) return this.drop(issue, field);
    this.#keep(key, { value, was, base, at: this.#now() });
  }

  drop(issue: string, field: string): void {
    this.#drop(this.#key(issue, field));
  }

  /** Answers whether that was in the repository that is open. */
  #drop(key: string): boolean {
    this.#held.delete(key);
    try {
      this.#storage?.removeItem(PREFIX + key);
    } catch {
      // Forbidden storage holds no draft.
    }
    return this.#isHere(key);
  }

  #keep(key: string, draft: Draft): void {
    if (this.#isHere(key)) this.#held.set(key, draft);
    try {
      this.#storage?.setItem(PREFIX + key, JSON.stringify(draft));
    } catch {
      // Full or forbidden storage: the draft lasts until the window closes.
    }
  }

  #key(issue: string, field: string): string {
    return JSON.stringify([this.#repository, issue, field]);
  }

  #stored(): string[] {
    const found: string[] = [];
    try {
      for (let at = 0; at < (this.#storage?.length ?? 0); at++) {
        const name = this.#storage?.key(at) ?? "";
        if (name.startsWith(PREFIX)) found.push(name.slice(PREFIX.length));
      }
    } catch {
      // Forbidden storage holds no draft.
    }
    return found.filter((key) => this.#isHere(key));
  }

  #isHere(key: string): boolean {
    try {
      const parts = JSON.parse(key) as unknown;
      return Array.isArray(parts) && parts.length === 3 && parts[0] === this.#repository;
    } catch {
      return false;
    }
  }

  #read(key: string): Draft | null {
    try {
      const draft = JSON.parse(this.#storage?.getItem(PREFIX + key) ?? "null") as Partial<Draft> | null;
      if (draft === null || typeof draft !== "object" || !("value" in draft)) return null;
      const { value, was = null, base = null, at = 0, held } = draft;
      return { value, was, base, at, ...(held === true ? { held } : {}) };
    } catch {
      return null;
    }
  }
}
