// The start of the UI: picks the host, follows the theme, shows the window. It decides nothing else.
// The host is picked while the views are loaded: it may take as long to bring the board.
import { choosePlatform } from "./platform/choose";
import "./shared/tokens.css";
import "./shared/base.css";
import { Preferences } from "./state/preferences.svelte";
import { followTheme } from "./views/theme.svelte";

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
  const [platform, { show }] = await Promise.all([choosePlatform(window), import("./views/show")]);
  show(target, platform, preferences, {
    lasting: storage("localStorage"),
    passing: storage("sessionStorage"),
  });
}
