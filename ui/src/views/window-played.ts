// The whole window on the sample core, as tests play it: mounted, pressed, and waited for until it is still.
// What a test looks for does not belong here.
import { flushSync, mount } from "svelte";
import type { Platform } from "../platform/types";
import type { Drafts } from "../state/drafts.svelte";
import { Preferences } from "../state/preferences.svelte";
import { Session } from "../state/session.svelte";
import Window from "./Window.svelte";

/** The time on the sample core. */
export const NOW = Date.parse("2026-01-02T03:04:05Z");

/** What a page of a test lacks of a browser's. */
export function furnish(): void {
  globalThis.ResizeObserver ??= class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  Element.prototype.scrollIntoView ??= () => undefined;
}

export async function settled(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    flushSync();
    await Promise.resolve();
    await new Promise((done) => setTimeout(done));
  }
}

/** Presses a key where the focus is. */
export async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  await settled();
}

/** An empty page with the window in it. */
export async function played(platform: Platform, drafts: Drafts): Promise<Record<string, unknown>> {
  document.body.innerHTML = "";
  const props = { session: new Session(platform), preferences: new Preferences(null), drafts };
  const app = mount(Window, { target: document.body, props });
  await settled();
  return app;
}
