// The present, for ages that are shown. It ticks only while something shows it.
// Invariant: `now` is the core's time, so that ages are right where the browser runs on another machine.
import { createSubscriber } from "svelte/reactivity";

function ticker(every: number): () => void {
  return createSubscriber((update) => {
    const timer = setInterval(update, every);
    return () => clearInterval(timer);
  });
}

export class Clock {
  #ahead = 0;
  readonly #slow = ticker(15_000);
  readonly #fast = ticker(1000);

  /** Takes over the core's time, where it differs by more than a message's way explains. */
  align(serverTime: string): void {
    const ahead = Date.parse(serverTime) - Date.now();
    this.#ahead = Math.abs(ahead) > 2000 ? ahead : 0;
  }

  /** Good to a quarter of a minute. */
  get now(): number {
    this.#slow();
    return Date.now() + this.#ahead;
  }

  /** This machine's time, good to a second. */
  get second(): number {
    this.#fast();
    return Date.now();
  }
}
