// Every action there is at the moment, and the keys it has.
// Only wiring: what an action does lives with the state it changes.
import type { BoardView } from "../features/board/board-view.svelte";
import type { Desk } from "../features/board/desk";
import type { InboxView } from "../features/inbox/inbox-view.svelte";
import type { Action } from "../shared/action";
import type { Layers } from "../state/layers";

export interface Deeds {
  open(key: string): void;
  /** Opens a field of the card for editing, or of what is selected where that has it. */
  edit(field: string): void;
  create(): void;
  filter(): void;
  help(): void;
  go(place: "inbox" | "board" | "settings"): void;
  /** Watches or mutes the open issue, or the focused card. */
  turn(what: "watch" | "mute"): void;
  /** No banner for an hour, or banners again. */
  pause(): void;
}

/** What is changed, and what can be done to the focused card at once. */
interface Shop extends Desk {
  /** Moves the card to the legal status beside its own. */
  shift(by: 1 | -1): void;
  /** Raises the choice where the card has two versions of something. */
  choose(): void;
}

/** Their keys stay as they are. */
function fixed(actions: readonly Action[]): Action[] {
  return actions.map((action) => ({ ...action, fixed: true }));
}

type Row = [id: string, title: string, keys: string[], run: () => void];

function grouped(group: string, scope: Action["scope"], rows: readonly Row[]): Action[] {
  return rows.map(([id, title, keys, run]) => ({ id, title, keys, run, group, scope }));
}

function inboxActions(inbox: InboxView): Action[] {
  const snooze = () => (inbox.snoozing = inbox.item === undefined ? null : inbox.selected);
  return grouped("Inbox", "inbox", [
    ["inbox-next", "Next item", ["j", "ArrowDown"], () => inbox.step(1)],
    ["inbox-previous", "Previous item", ["k", "ArrowUp"], () => inbox.step(-1)],
    ["inbox-first", "First item", ["Home"], () => inbox.edge(false)],
    ["inbox-last", "Last item", ["End"], () => inbox.edge(true)],
    ["inbox-open", "Open the issue", ["Enter"], () => inbox.open(true)],
    ["inbox-done", "Done", ["1"], () => inbox.done()],
    ["inbox-watch", "Watch, or no longer", ["2"], () => inbox.watch()],
    ["inbox-mute", "Mute, or no longer", ["3"], () => inbox.mute()],
    ["inbox-unread", "Unread again", ["u"], () => inbox.unread()],
    ["inbox-snooze", "Snooze", ["z"], snooze],
  ]);
}

export function windowActions(
  view: BoardView,
  shop: Shop,
  layers: Layers,
  inbox: InboxView,
  deeds: Deeds,
): Action[] {
  const { carry, selection, writes } = shop;
  const open = () => (view.focused === null ? view.step(0) : deeds.open(view.focused));
  const lift = () => {
    const { focused } = view;
    if (focused !== null) carry.pick(selection.has(focused) ? selection.keys : [focused], "keys");
  };
  return [
    ...grouped("Board", "board", [
      ["down", "Next card", ["j", "ArrowDown"], () => view.step(1)],
      ["up", "Previous card", ["k", "ArrowUp"], () => view.step(-1)],
      ["left", "Column to the left", ["h", "ArrowLeft"], () => view.cross(-1)],
      ["right", "Column to the right", ["l", "ArrowRight"], () => view.cross(1)],
      ["first", "First card of the column", ["Home"], () => view.edge(false)],
      ["last", "Last card of the column", ["End"], () => view.edge(true)],
      ["open", "Open the card", ["Enter"], open],
    ]),
    ...grouped("Change", "board", [
      ["create", "New issue", ["c"], deeds.create],
      ["move", "Pick the card up, then arrows and Enter", ["m"], lift],
      ["back", "Previous legal status", ["H"], () => shop.shift(-1)],
      ["on", "Next legal status", ["L"], () => shop.shift(1)],
      ["title", "Edit the title", ["e"], () => deeds.edit("title")],
      ["status", "Status", ["s"], () => deeds.edit("status")],
      ["assignee", "Assignee", ["a"], () => deeds.edit("assignee")],
      ["priority", "Priority", ["p"], () => deeds.edit("priority")],
      ["labels", "Labels", ["t"], () => deeds.edit("labels")],
      ["reply", "Comment", ["r"], () => deeds.edit("comment")],
      ["versions", "Choose between two versions", ["v"], () => shop.choose()],
    ]),
    ...grouped("Select", "board", [
      ["select", "Select the card", ["x"], () => selection.toggle(view.focused)],
      ["extend-down", "Extend downwards", ["J"], () => selection.extend(1)],
      ["extend-up", "Extend upwards", ["K"], () => selection.extend(-1)],
      ["select-all", "Select all that are shown", ["Mod+a"], () => selection.all()],
    ]),
    ...grouped("Issue", "issue", [
      ["watch", "Watch the issue, or no longer", ["w"], () => deeds.turn("watch")],
      ["mute", "Mute the issue, or no longer", ["W"], () => deeds.turn("mute")],
    ]),
    ...inboxActions(inbox),
    ...grouped("Window", "window", [
      ["go-inbox", "Inbox", ["g i"], () => deeds.go("inbox")],
      ["go-board", "Board", ["g b"], () => deeds.go("board")],
      ["go-settings", "Settings", ["Mod+,", "g ,"], () => deeds.go("settings")],
      ["pause", "Pause notifications for an hour, or resume", ["Mod+Shift+n"], deeds.pause],
      ["undo", "Undo", ["Mod+z"], () => void writes.undo()],
      ["filter", "Filter the board", ["/"], deeds.filter],
      ["help", "Show the keys", ["?"], deeds.help],
    ]),
    ...fixed(
      grouped("Window", "window", [["close", "Close what is on top", ["Escape"], () => layers.closeTop()]]),
    ),
  ];
}
