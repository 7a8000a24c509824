// The start of the UI: picks the host, follows the theme, shows the window. It decides nothing else.
import { mount } from "svelte";
import { choosePlatform } from "./platform/choose";
import "./shared/tokens.css";
import "./shared/base.css";
import { Drafts } from "./state/drafts.svelte";
import { Preferences } from "./state/preferences.svelte";
import { Session } from "./state/session.svelte";
import { Steps } from "./state/steps";
import { followTheme } from "./views/theme.svelte";
import Window from "./views/Window.svelte";

/** What a person forbids their browser to keep is not kept. */
function storage(kind: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

const preferences = new Preferences(storage("localStorage"));
followTheme(preferences, window);
const target = document.getElementById("app");
if (target !== null) {
  const session = new Session(await choosePlatform(window));
  const drafts = new Drafts(storage("localStorage"));
  const steps = new Steps(storage("sessionStorage"));
  mount(Window, { target, props: { session, preferences, drafts, steps } });
}
