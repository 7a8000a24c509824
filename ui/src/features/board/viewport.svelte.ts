// The part of one column's list that is in sight, and keeping it still while cards come and go above it.
// Invariant: after an update the first card in sight is where it was, unless the list was at its top.
import type { Placed } from "../../state/lanes";
import { inSight, reveal, type Sight } from "../../shared/virtual";

export const CARD_HEIGHT = 98;
export const ROW = CARD_HEIGHT + 6;
/** A card that itself changes place is no anchor, so a few are remembered. */
const ANCHORS = 3;

export class Viewport {
  top = $state(0);
  height = $state(800);
  #element: HTMLElement | null = null;
  #anchors: { placed: Placed; index: number }[] = [];

  /** An attachment for the element that scrolls. */
  readonly attach = (element: HTMLElement): (() => void) => {
    this.#element = element;
    const measure = () => (this.height = element.clientHeight);
    const scrolled = () => (this.top = element.scrollTop);
    // Told before anything is painted, and for all columns at once: asking here would lay out the page once more.
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", scrolled);
      this.#element = null;
    };
  };

  sight(count: number): Sight {
    return inSight(this.top, this.height, ROW, count);
  }

  get firstWhole(): number {
    return Math.ceil(this.top / ROW);
  }

  reveal(index: number): void {
    // A move may come before the column has been measured.
    const height = this.#element?.clientHeight || this.height;
    this.#scrollTo(reveal(index, this.top, height, ROW, 6));
  }

  /** Notes which cards are first in sight, to find them again after an update. */
  remember(cards: readonly Placed[]): void {
    const first = this.firstWhole;
    this.#anchors = cards.slice(first, first + ANCHORS).map((placed, at) => ({ placed, index: first + at }));
  }

  /** Scrolls along with the first of the remembered cards that is still the same; `find` says where it is now. */
  keep(find: (placed: Placed) => number): void {
    if (this.top === 0) return;
    for (const { placed, index } of this.#anchors) {
      const now = find(placed);
      if (now < 0) continue;
      if (now !== index) this.#scrollTo(this.top + (now - index) * ROW);
      return;
    }
  }

  #scrollTo(top: number): void {
    if (this.#element === null || top === this.top) return;
    this.#element.scrollTop = top;
    this.top = this.#element.scrollTop;
  }
}
