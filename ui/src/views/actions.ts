// Every action there is at the moment, and the keys it has.
// Only wiring: what an action does lives with the state it changes.
import type { BoardView } from "../features/board/board-view.svelte";
import type { Action } from "../shared/action";
import type { Layers } from "../state/layers";

export interface Deeds {
  open(key: string): void;
  filter(): void;
  help(): void;
}

export function windowActions(view: BoardView, layers: Layers, deeds: Deeds): Action[] {
  const onBoard = { group: "Board", scope: "board" } as const;
  const anywhere = { group: "Window", scope: "window" } as const;
  const open = () => (view.focused === null ? view.step(0) : deeds.open(view.focused));
  return [
    { id: "down", title: "Next card", keys: ["j", "ArrowDown"], run: () => view.step(1), ...onBoard },
    { id: "up", title: "Previous card", keys: ["k", "ArrowUp"], run: () => view.step(-1), ...onBoard },
    {
      id: "left",
      title: "Column to the left",
      keys: ["h", "ArrowLeft"],
      run: () => view.cross(-1),
      ...onBoard,
    },
    {
      id: "right",
      title: "Column to the right",
      keys: ["l", "ArrowRight"],
      run: () => view.cross(1),
      ...onBoard,
    },
    {
      id: "first",
      title: "First card of the column",
      keys: ["Home"],
      run: () => view.edge(false),
      ...onBoard,
    },
    { id: "last", title: "Last card of the column", keys: ["End"], run: () => view.edge(true), ...onBoard },
    { id: "open", title: "Open the card", keys: ["Enter"], run: open, ...onBoard },
    { id: "filter", title: "Filter the board", keys: ["/"], run: deeds.filter, ...anywhere },
    {
      id: "close",
      title: "Close what is on top",
      keys: ["Escape"],
      run: () => layers.closeTop(),
      ...anywhere,
    },
    { id: "help", title: "Show the keys", keys: ["?"], run: deeds.help, ...anywhere },
  ];
}
