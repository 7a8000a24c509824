// The present, for ages that are shown. It ticks only while something shows it and the page is to be seen.
// Invariant: `now` and `present` are the core's time, so that ages are right where the browser runs on another machine.
import { createSubscriber } from "svelte/reactivity";

/** An age below this is told in seconds, with some room for what is only just above. */
const TOLD_IN_SECONDS = 90_000;

/** One timer however many show the time; a page that nobody sees keeps none. */
function ticker(every: number): () => void {
  return createSubscriber((update) => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const follow = () => {
      clearInterval(timer);
      if (document.hidden) return;
      timer = setInterval(update, every);
      update();
    };
    document.addEventListener("visibilitychange", follow);
    if (!document.hidden) timer = setInterval(update, every);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", follow);
    };
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

  /** Good to a second. */
  get present(): number {
    this.#fast();
    return Date.now() + this.#ahead;
  }

  /** This machine's time, good to a second. */
  get second(): number {
    this.#fast();
    return Date.now();
  }

  /** The present, as exact as it takes to say how far away `then` is. */
  around(then: number): number {
    const away = Math.abs(Date.now() + this.#ahead - then);
    return away < TOLD_IN_SECONDS ? this.present : this.now;
  }
}
