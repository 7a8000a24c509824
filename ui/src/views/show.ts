// The window in the page. What it consists of is made here, once for the life of the page.
import { mount } from "svelte";
import type { Platform } from "../platform/types";
import { Drafts } from "../state/drafts.svelte";
import type { Preferences } from "../state/preferences.svelte";
import { Session } from "../state/session.svelte";
import { Steps } from "../state/steps";
import Window from "./Window.svelte";

/** Where the page may keep things: until they are done with, and as long as it is there. Null where it may not. */
export interface Keeps {
  lasting: Storage | null;
  passing: Storage | null;
}

export function show(target: HTMLElement, platform: Platform, preferences: Preferences, keeps: Keeps): void {
  const session = new Session(platform);
  const drafts = new Drafts(keeps.lasting);
  const steps = new Steps(keeps.passing);
  mount(Window, { target, props: { session, preferences, drafts, steps } });
}
