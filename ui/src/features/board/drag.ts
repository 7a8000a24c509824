// Following the pointer while cards are carried across the board.
// What may be put where does not belong here; see carry.svelte.ts.
// Invariants: a press that does not move is a click and nothing else; a drag is never also a click; a finger scrolls.
import { unitKeyOf } from "../../state/board";
import type { Carry } from "./carry.svelte";

/** A hand is not quite still when it clicks. */
const SLACK = 5;
/** So close to the edge the board scrolls along. */
const EDGE = 56;
const PACE = 14;

/** An attachment for the element that holds the columns. */
export function dragging(carry: Carry, take: (key: string) => readonly string[]) {
  return (board: HTMLElement): (() => void) => {
    let from: { x: number; y: number; key: string; picked: boolean } | null = null;
    let pace = 0;
    let frame = 0;

    const scroll = () => {
      board.scrollLeft += pace;
      frame = pace === 0 ? 0 : requestAnimationFrame(scroll);
    };
    const follow = (event: PointerEvent) => {
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const column = under?.closest<HTMLElement>("[data-testid=column]");
      carry.hover(column?.dataset.key ?? null, { x: event.clientX, y: event.clientY });
      const { left, right } = board.getBoundingClientRect();
      pace = event.clientX < left + EDGE ? -PACE : event.clientX > right - EDGE ? PACE : 0;
      if (pace !== 0 && frame === 0) frame = requestAnimationFrame(scroll);
    };
    const down = (event: PointerEvent) => {
      from = null;
      if (
        event.button !== 0 ||
        event.pointerType === "touch" ||
        event.ctrlKey ||
        event.metaKey ||
        event.shiftKey
      )
        return;
      const card =
        event.target instanceof Element ? event.target.closest<HTMLElement>("[data-testid=card]") : null;
      const id = card?.dataset.id;
      if (id !== undefined) from = { x: event.clientX, y: event.clientY, key: unitKeyOf(id), picked: false };
    };
    const move = (event: PointerEvent) => {
      if (from === null) return;
      const dragged = carry.active && carry.by === "pointer";
      if (!dragged) {
        // Put back by Esc: the rest of the press is nothing.
        if (from.picked) return;
        if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < SLACK) return;
        from.picked = true;
        board.setPointerCapture(event.pointerId);
        carry.pick(take(from.key), "pointer");
      }
      follow(event);
    };
    const end = (drop: boolean) => {
      from = null;
      pace = 0;
      if (!carry.active || carry.by !== "pointer") return;
      if (drop) carry.drop();
      else carry.cancel();
      const swallow = (click: Event) => (click.preventDefault(), click.stopPropagation());
      window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
    };
    const up = () => end(true);
    const lost = () => end(false);

    board.addEventListener("pointerdown", down);
    board.addEventListener("pointermove", move);
    board.addEventListener("pointerup", up);
    board.addEventListener("pointercancel", lost);
    return () => {
      cancelAnimationFrame(frame);
      board.removeEventListener("pointerdown", down);
      board.removeEventListener("pointermove", move);
      board.removeEventListener("pointerup", up);
      board.removeEventListener("pointercancel", lost);
    };
  };
}
