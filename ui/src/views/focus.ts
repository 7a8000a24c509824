// The two places of the window to which the focus goes by itself: the open issue and the board.
// When it goes there belongs to whoever opens and closes them.
import { issueKey } from "../state/board";

export function focusIssue(): void {
  (document.getElementById("issue-title") ?? document.getElementById("issue-panel"))?.focus();
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
