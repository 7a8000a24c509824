// Which cards have a write under way for so long that it is worth a sign.
// Invariant: two writes of one card end by themselves; the sign stays until both have.
import { SvelteMap } from "svelte/reactivity";
import type { Stop } from "../platform/types";

/** What is done sooner needs no sign. */
const PATIENCE = 150;

export class UnderWay {
  readonly #writes = new SvelteMap<string, number>();

  has(key: string): boolean {
    return this.#writes.has(key);
  }

  /** A write of these cards begins; call what comes back when it is over. */
  begin(keys: readonly string[]): Stop {
    let shown = false;
    const timer = setTimeout(() => {
      shown = true;
      for (const key of keys) this.#count(key, 1);
    }, PATIENCE);
    return () => {
      clearTimeout(timer);
      if (shown) for (const key of keys) this.#count(key, -1);
      shown = false;
    };
  }

  clear(): void {
    this.#writes.clear();
  }

  #count(key: string, by: 1 | -1): void {
    const writes = (this.#writes.get(key) ?? 0) + by;
    if (writes > 0) this.#writes.set(key, writes);
    else this.#writes.delete(key);
  }
}
