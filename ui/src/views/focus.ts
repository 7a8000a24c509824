// Where in the window the focus goes by itself: the open issue, the board, the other places.
// When it goes there belongs to whoever opens and closes them.
import { issueKey } from "../state/board";

export function focusIssue(): void {
  (document.getElementById("issue-title") ?? document.getElementById("issue-panel"))?.focus();
}

/** To what a place begins with, or to what the person was at there. */
export function focusPlace(place: "inbox" | "board" | "settings", card: string | null = null): void {
  if (place === "board") return focusBoard(card);
  const selector =
    place === "inbox"
      ? ["[data-here] [data-testid=inbox-item]", "[data-testid=inbox-item][tabindex='0']", "[data-inbox] h2"]
      : ["#settings-title"];
  const found = selector.flatMap((one) => document.querySelector<HTMLElement>(one) ?? [])[0];
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "nearest" });
}

/** To the card with that unit key, or the first one that can have it. */
export function focusBoard(key: string | null): void {
  const id = key === null ? null : CSS.escape(issueKey(key));
  const board = document.querySelector("[data-board]");
  const card = id === null ? null : board?.querySelector<HTMLElement>(`[data-testid=card][data-id="${id}"]`);
  const target = card ?? board?.querySelector<HTMLElement>("[data-testid=card][tabindex='0']");
  if (target) target.focus({ preventScroll: true });
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}
