// What the person did and can take back, the newest last: for each the core's token and the words for it. Kept by the
// storage of the tab, by repository, so that a reload of the page forgets none of it.
// Taking back does not belong here (writes.svelte.ts), nor what a token stands for: only the core has that.
// Invariants: so many are kept, and the oldest goes first; what is being taken back is not offered meanwhile; storage that
// is full, forbidden or holds rubbish costs the steps their next life and nothing else.

export interface Step {
  token: string;
  /** What the person did: "Moved hsy-12 to Done". */
  said: string;
  /** The issue it is about, as the API calls it; empty for several. */
  issue: string;
  /** The run of the core that gave the token; another one knows it no more. */
  run: string;
}

const MOST = 100;
const PREFIX = "hearsay.steps:";

export class Steps {
  readonly #storage: Storage | null;
  #repository = "";
  #held: Step[] = [];
  readonly #away = new Set<string>();

  constructor(storage: Storage | null) {
    this.#storage = storage;
  }

  useRepository(path: string): void {
    this.#repository = path;
    this.#away.clear();
    this.#held = this.#read();
  }

  keep(step: Step): void {
    this.#hold([...this.#held, step].slice(-MOST));
  }

  /** The newest that nobody is taking back at the moment. */
  get next(): Step | undefined {
    return this.#held.findLast((step) => !this.#away.has(step.token));
  }

  /** Takes the step with that token to be taken back, or the next one; it is offered again after `back`. */
  take(token = this.next?.token): Step | undefined {
    const step = this.#held.find((known) => known.token === token && !this.#away.has(known.token));
    if (step !== undefined) this.#away.add(step.token);
    return step;
  }

  back(step: Step): void {
    this.#away.delete(step.token);
  }

  drop(step: Step): void {
    this.#away.delete(step.token);
    this.#hold(this.#held.filter((known) => known.token !== step.token));
  }

  /** Drops all that a run of the core has done which is over. */
  dropRun(run: string): void {
    this.#hold(this.#held.filter((known) => known.run !== run));
  }

  #hold(steps: Step[]): void {
    this.#held = steps;
    try {
      this.#storage?.setItem(PREFIX + this.#repository, JSON.stringify(steps));
    } catch {
      // Full or forbidden storage: what was done can be taken back until the page is left.
    }
  }

  #read(): Step[] {
    try {
      const stored: unknown = JSON.parse(this.#storage?.getItem(PREFIX + this.#repository) ?? "[]");
      return Array.isArray(stored) ? stored.filter(isStep).slice(-MOST) : [];
    } catch {
      return [];
    }
  }
}

function isStep(value: unknown): value is Step {
  if (typeof value !== "object" || value === null) return false;
  const step = value as Record<string, unknown>;
  return ["token", "said", "issue", "run"].every((name) => typeof step[name] === "string");
}
