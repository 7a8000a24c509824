// Which issues the person can see at the moment: told to the desktop, so that it raises no banner of them.
// What a banner is does not belong here.
// Invariants: nothing is in sight of a window that is not in use; the same is not told twice; a burst is told once.
import { tick } from "svelte";
import type { Desktop } from "../platform/types";
import { issueKey } from "../state/board";
import { sameJson } from "../state/units";

const LULL = 200;
const MOST = 200;
const OPEN = "[data-testid=inspector]";

export class Looking {
  readonly #desktop: Desktop | null;
  #told: readonly string[] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(desktop: Desktop | null) {
    this.#desktop = desktop;
  }

  /** Looks again once it is quiet. */
  readonly soon = (): void => {
    if (this.#desktop === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), LULL);
  };

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    await tick();
    const cards = inSight();
    if (this.#told !== null && sameJson(this.#told, cards)) return;
    this.#told = cards;
    // Where it cannot be told, a banner comes too many, which is no reason to disturb anybody.
    this.#desktop?.looking(cards).catch(() => (this.#told = null));
  }
}

/** Keys of the issues in sight, the open one first. */
export function inSight(): string[] {
  if (document.hidden || !document.hasFocus()) return [];
  const panel = document.querySelector<HTMLElement>(OPEN);
  const open = panel?.dataset.key;
  const cards = [...(open === undefined ? [] : [issueKey(open)]), ...onBoard(panel)];
  return [...new Set(cards)].slice(0, MOST);
}

function onBoard(panel: HTMLElement | null): string[] {
  const board = document.querySelector<HTMLElement>("[data-testid=board]");
  if (board === null || board.closest("[inert]") !== null) return [];
  const all = board.getBoundingClientRect();
  // Where the inspector lies above the board, what is under it is not seen.
  const right = Math.min(all.right, panel?.getBoundingClientRect().left ?? all.right);
  return [...board.querySelectorAll<HTMLElement>("[data-testid=card]")].flatMap((card) => {
    const { top, bottom, left, right: end } = card.getBoundingClientRect();
    const inside = bottom >= all.top && top <= all.bottom && end >= all.left && left <= right;
    return inside && card.dataset.id !== undefined ? [card.dataset.id] : [];
  });
}

/** For as long as the component lives that calls it while it is made; `changes` reads all that what is seen depends on. */
export function useLooking(desktop: Desktop | null, changes: () => unknown): Looking {
  const looking = new Looking(desktop);
  $effect(() => {
    changes();
    looking.soon();
  });
  $effect(() => {
    const at = ["focus", "blur", "resize"] as const;
    for (const name of at) window.addEventListener(name, looking.soon);
    document.addEventListener("scroll", looking.soon, { capture: true, passive: true });
    document.addEventListener("visibilitychange", looking.soon);
    return () => {
      looking.stop();
      for (const name of at) window.removeEventListener(name, looking.soon);
      document.removeEventListener("scroll", looking.soon, { capture: true });
      document.removeEventListener("visibilitychange", looking.soon);
    };
  });
  return looking;
}
