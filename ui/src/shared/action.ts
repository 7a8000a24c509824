// What a person can do, with the keys for it: one registry feeds the keyboard and the help sheet.
// What the actions do belongs to the views that register them.
// Invariant: a single letter never acts while the person types, and never where the focus is outside the board.

export interface Action {
  id: string;
  title: string;
  group: string;
  /** As `KeyboardEvent.key` spells them, `Mod+` before those with Ctrl or ⌘; shown in this order. */
  keys: readonly string[];
  /** Board actions act only while the focus is on the board or nowhere. */
  scope: "window" | "board";
  run(): void;
}

const TYPING = "input, textarea, select, [contenteditable=true]";
const NATIVE_ENTER = "button, a[href], summary, [role=separator]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

function isOnBoard(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return true;
  return target === target.ownerDocument.body || target.closest("[data-board]") !== null;
}

/** The action that a key press asks for, if any. */
export function actionFor(actions: readonly Action[], event: KeyboardEvent): Action | null {
  if (event.defaultPrevented || event.isComposing || event.altKey) return null;
  if (event.key !== "Escape" && isTyping(event.target)) return null;
  const native = event.target instanceof Element && event.target.closest(NATIVE_ENTER) !== null;
  if (event.key === "Enter" && native) return null;
  const name = event.ctrlKey || event.metaKey ? `Mod+${event.key.toLowerCase()}` : event.key;
  const action = actions.find((candidate) => candidate.keys.includes(name));
  if (action === undefined) return null;
  return action.scope === "window" || isOnBoard(event.target) ? action : null;
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};

export function keyName(key: string): string {
  if (key.startsWith("Mod+")) return `Ctrl ${keyName(key.slice(4))}`;
  if (/^[A-Z]$/.test(key)) return `⇧ ${key}`;
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
