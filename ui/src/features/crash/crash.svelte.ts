// What is left of a run that ended unexpectedly, until the person has seen it.
// Invariant: it is asked for once, and only where there is a desktop; a failure to ask is no reason to disturb anybody.
import type { CrashReport, Desktop } from "../../platform/types";

export class Crash {
  readonly #desktop: Desktop | null;
  report = $state.raw<CrashReport | null>(null);
  shown = $state(false);

  constructor(desktop: Desktop | null) {
    this.#desktop = desktop;
  }

  async look(): Promise<void> {
    this.report = (await this.#desktop?.crashReport().catch(() => null)) ?? null;
  }

  dismiss(): void {
    this.report = null;
    this.shown = false;
    // What cannot be put away is offered again the next time.
    this.#desktop?.dismissCrashReport().catch(() => undefined);
  }
}
