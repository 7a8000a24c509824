// What lies on top of what, so that Esc closes the top layer only.
// Invariant: a layer leaves the stack when it closes for any reason; closing one never closes those below.
import type { Stop } from "../platform/types";

export class Layers {
  readonly #stack: { close: () => void }[] = [];

  /** Puts a layer on top; call what comes back when it is gone. */
  push(close: () => void): Stop {
    const layer = { close };
    this.#stack.push(layer);
    return () => {
      const at = this.#stack.indexOf(layer);
      if (at >= 0) this.#stack.splice(at, 1);
    };
  }

  closeTop(): boolean {
    const top = this.#stack.at(-1);
    top?.close();
    return top !== undefined;
  }
}
