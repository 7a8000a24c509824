// What a person can do, with the keys for it: one registry feeds the keyboard, the help sheet and the settings.
// What the actions do belongs to the views that register them.
// Invariants: a single letter never acts while the person types, and never where the focus is outside of what it acts on;
// keys that the person chose stand in for the usual ones everywhere.

/** Where an action acts: anywhere, or while the focus is on that or nowhere. */
export type Scope = "window" | "board" | "inbox" | "issue";

export interface Action {
  id: string;
  title: string;
  group: string;
  /**
   * As `KeyboardEvent.key` spells them, `Mod+` before those with Ctrl or ⌘ and `Mod+Shift+` with Shift as well; two keys one
   * after the other stand apart by a blank; shown in this order.
   */
  keys: readonly string[];
  scope: Scope;
  /** Its keys are not the person's to choose. */
  fixed?: boolean;
  run(): void;
}

const TYPING = "input, textarea, select, [contenteditable=true]";
/** What takes no text may stand under a key of the window. */
const UNTYPED = "input[type=checkbox], input[type=radio]";
const NATIVE_ENTER = "button, a[href], summary, [role=separator]";
const PLACES: Readonly<Record<Exclude<Scope, "window">, string>> = {
  board: "[data-board]",
  inbox: "[data-inbox]",
  issue: "[data-board], [data-inbox], [data-testid=inspector]",
};
/** How long the second of two keys is waited for. */
export const PATIENCE = 1500;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null && !target.matches(UNTYPED);
}

function isThere(scope: Scope, target: EventTarget | null): boolean {
  if (scope === "window" || !(target instanceof Element)) return true;
  return target === target.ownerDocument.body || target.closest(PLACES[scope]) !== null;
}

/** What a key press is called in `Action.keys`; null where it is none of its own. */
export function pressed(event: KeyboardEvent): string | null {
  if (["Shift", "Control", "Meta", "Alt", "AltGraph", "Dead"].includes(event.key)) return null;
  if (!event.ctrlKey && !event.metaKey) return event.key;
  const letter = event.key.toLowerCase();
  return event.shiftKey && /^[a-z]$/.test(letter) ? `Mod+Shift+${letter}` : `Mod+${letter}`;
}

/** The action that a key press asks for after `before`, if any. */
export function actionFor(actions: readonly Action[], event: KeyboardEvent, before = ""): Action | null {
  const name = meant(event);
  if (name === null) return null;
  const action = actions.find(
    ({ keys, scope }) => keys.includes(before + name) && isThere(scope, event.target),
  );
  const native = event.target instanceof Element && event.target.closest(NATIVE_ENTER) !== null;
  return name === "Enter" && native ? null : (action ?? null);
}

function meant(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.isComposing || event.altKey) return null;
  return event.key !== "Escape" && isTyping(event.target) ? null : pressed(event);
}

/** Reads presses one after the other, so that two keys can mean one thing. */
export class Keys {
  readonly #now: () => number;
  #before = "";
  #at = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The action that the press asks for; `waiting` where it is the first of two keys. */
  read(actions: readonly Action[], event: KeyboardEvent): Action | "waiting" | null {
    const name = meant(event);
    if (name === null) return null;
    const before = this.#now() - this.#at > PATIENCE ? "" : this.#before;
    this.#before = "";
    const second = before === "" ? null : actionFor(actions, event, before);
    if (second !== null) return second;
    const first = actionFor(actions, event);
    if (first !== null) return first;
    const begins = actions.some(
      ({ keys, scope }) => keys.some((key) => key.startsWith(`${name} `)) && isThere(scope, event.target),
    );
    if (!begins || name === " ") return null;
    this.#before = `${name} `;
    this.#at = this.#now();
    return "waiting";
  }
}

/** The actions with the keys that the person chose. */
export function bound(
  actions: readonly Action[],
  chosen: Readonly<Record<string, readonly string[]>>,
): Action[] {
  return actions.map((action) => {
    const keys = action.fixed || !Object.hasOwn(chosen, action.id) ? undefined : chosen[action.id];
    return keys === undefined ? action : { ...action, keys };
  });
}

/** The first other action that would answer to `key` in the same place. */
export function inTheWay(actions: readonly Action[], of: Action, key: string): Action | null {
  const meets = (one: Scope, other: Scope) =>
    one === other || [one, other].some((scope) => scope === "window" || scope === "issue");
  const clashes = (other: string) =>
    other === key || other.startsWith(`${key} `) || key.startsWith(`${other} `);
  return (
    actions.find(
      ({ id, scope, keys }) => id !== of.id && meets(scope, of.scope) && keys.some((other) => clashes(other)),
    ) ?? null
  );
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};

function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac/.test(navigator.platform ?? "");
}

export function keyName(key: string): string {
  if (key.length > 1 && key.includes(" ")) return key.split(" ").map(keyName).join(" then ");
  if (key.startsWith("Mod+Shift+")) return `${isMac() ? "⌘" : "Ctrl"} ⇧ ${keyName(key.slice(10))}`;
  if (key.startsWith("Mod+")) return `${isMac() ? "⌘" : "Ctrl"} ${keyName(key.slice(4))}`;
  if (/^[A-Z]$/.test(key)) return `⇧ ${key}`;
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
