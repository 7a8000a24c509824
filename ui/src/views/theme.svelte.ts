// Painting the page in the theme that the person chose, or in the system's.
// Which colours a theme has is in shared/tokens.css. `?theme=` in the address wins, for screenshots.
import type { Preferences, Theme } from "../state/preferences.svelte";

export function followTheme(preferences: Preferences, window: Window): void {
  const asked = new URLSearchParams(window.location.search).get("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = (theme: Theme) => {
    const resolved = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    const root = window.document.documentElement;
    if (root.dataset.theme === resolved) return;
    root.dataset.repainting = "";
    root.dataset.theme = resolved;
    // Asking for a size makes the browser take over the new colours now, while nothing may fade.
    void window.document.body.offsetHeight;
    delete root.dataset.repainting;
  };
  if (asked === "light" || asked === "dark") return paint(asked);
  dark.addEventListener("change", () => paint(preferences.theme));
  $effect.root(() => {
    $effect.pre(() => paint(preferences.theme));
  });
  paint(preferences.theme);
}
