// What this computer offers the desktop app, as it says when it is asked.
// Raising, hiding and starting are the desktop's own.
// Invariant: what was known stays until there is an answer; a failure is said and changes nothing.
import type { Desktop, DesktopState } from "../../platform/types";
import { asWireError } from "../../wire/fault";
import type { WireError } from "../../wire/generated";

export class Computer {
  readonly desktop: Desktop;
  state = $state.raw<DesktopState | null>(null);
  error = $state.raw<WireError | null>(null);

  constructor(desktop: Desktop) {
    this.desktop = desktop;
  }

  async load(): Promise<void> {
    try {
      this.state = await this.desktop.state();
      this.error = null;
    } catch (thrown) {
      this.error = asWireError(thrown);
    }
  }

  async startAtLogin(on: boolean): Promise<void> {
    await this.desktop.setStartAtLogin(on);
    await this.load();
  }
}
