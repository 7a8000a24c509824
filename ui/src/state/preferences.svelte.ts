// What the person set and finds again next time: theme, widths, which columns are open.
// Kept by the host's storage, for this person on this machine. Nothing of the repository's content belongs here.
// Invariant: what cannot be read or written is as if it had not been set; the UI never fails for it.

export type Theme = "system" | "light" | "dark";
export const INSPECTOR = { least: 360, most: 720, usual: 460 };

const THEMES: readonly Theme[] = ["system", "light", "dark"];

export class Preferences {
  readonly #storage: Storage | null;
  #theme = $state<Theme>("system");
  #inspector = $state(INSPECTOR.usual);
  #problemsOpen = $state(false);
  #collapsed = $state.raw<Readonly<Record<string, boolean>>>({});
  #repository = "";

  constructor(storage: Storage | null) {
    this.#storage = storage;
    const theme = this.#read("theme");
    this.#theme = THEMES.find((known) => known === theme) ?? "system";
    const width = Number(this.#read("inspector"));
    if (Number.isFinite(width) && width > 0) this.#inspector = within(width);
    this.#problemsOpen = this.#read("problems") === true;
  }

  get theme(): Theme {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    this.#write("theme", theme);
  }

  get inspector(): number {
    return this.#inspector;
  }
  set inspector(width: number) {
    this.#inspector = within(width);
    this.#write("inspector", this.#inspector);
  }

  get problemsOpen(): boolean {
    return this.#problemsOpen;
  }
  set problemsOpen(open: boolean) {
    this.#problemsOpen = open;
    this.#write("problems", open);
  }

  /** Columns that the person opened or closed, by key, in the repository given last. */
  get collapsed(): Readonly<Record<string, boolean>> {
    return this.#collapsed;
  }

  useRepository(path: string): void {
    this.#repository = path;
    const stored = this.#read(`collapsed:${path}`);
    const entries = typeof stored === "object" && stored !== null ? Object.entries(stored) : [];
    this.#collapsed = Object.fromEntries(entries.filter(([, value]) => typeof value === "boolean"));
  }

  collapse(column: string, collapsed: boolean): void {
    this.#collapsed = { ...this.#collapsed, [column]: collapsed };
    this.#write(`collapsed:${this.#repository}`, this.#collapsed);
  }

  #read(name: string): unknown {
    try {
      return JSON.parse(this.#storage?.getItem(`hearsay.${name}`) ?? "null");
    } catch {
      return null;
    }
  }

  #write(name: string, value: unknown): void {
    try {
      this.#storage?.setItem(`hearsay.${name}`, JSON.stringify(value));
    } catch {
      // Full or forbidden storage: the setting lasts until the window closes.
    }
  }
}

function within(width: number): number {
  return Math.round(Math.min(INSPECTOR.most, Math.max(INSPECTOR.least, width)));
}
