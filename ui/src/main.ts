// The start of the UI: picks the host, follows the theme, shows the window. It decides nothing else.
import { mount } from "svelte";
import { choosePlatform } from "./platform/choose";
import "./shared/tokens.css";
import "./shared/base.css";
import { Drafts } from "./state/drafts.svelte";
import { Preferences } from "./state/preferences.svelte";
import { Session } from "./state/session.svelte";
import { followTheme } from "./views/theme.svelte";
import Window from "./views/Window.svelte";

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const preferences = new Preferences(storage());
followTheme(preferences, window);
const target = document.getElementById("app");
if (target !== null) {
  const session = new Session(await choosePlatform(window));
  mount(Window, { target, props: { session, preferences, drafts: new Drafts(storage()) } });
}
