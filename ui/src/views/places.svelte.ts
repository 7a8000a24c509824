// The places of the window beside the board, and what goes on in all of them: the inbox, the settings, the theme that is
// kept, what is said of news, and the title.
// What a place looks like, and what the core makes of a choice, do not belong here.
// Invariants: a place never takes the focus unless a key asked for it; the open issue is marked as read once for each time
// that it is opened; the theme that is kept wins over what this window remembers, where it can be read.
import { tick, untrack } from "svelte";
import { Crash } from "../features/crash/crash.svelte";
import { InboxView } from "../features/inbox/inbox-view.svelte";
import type { Inspector } from "../features/issue/inspector.svelte";
import { Computer } from "../features/settings/computer.svelte";
import { SettingsView } from "../features/settings/settings-view.svelte";
import { unitKeyOf } from "../state/board";
import { aboutCard, followInbox, Inbox } from "../state/inbox.svelte";
import type { Preferences, Theme } from "../state/preferences.svelte";
import type { Session } from "../state/session.svelte";
import { Choices } from "../state/settings.svelte";
import type { Item, Line, Notice } from "../wire/generated";
import { focusPlace } from "./focus";
import { inSight } from "./looking.svelte";

export type Place = "inbox" | "board" | "settings";

/** Where the inspector covers the place that the person goes to. */
const NARROW = 760;

export class Places {
  readonly #session: Session;
  readonly #inspector: Inspector;
  readonly #preferences: Preferences;
  readonly inbox: Inbox;
  readonly view: InboxView;
  readonly choices: Choices;
  readonly settings: SettingsView;
  readonly crash: Crash;
  readonly computer: Computer | null;
  now = $state<Place>("board");
  /** What needs the person and is not in sight. */
  toast = $state.raw<Line | null>(null);
  /** What a screen reader says of news. */
  said = $state("");

  constructor(
    session: Session,
    inspector: Inspector,
    preferences: Preferences,
    open: (key: string, byKeyboard: boolean) => void,
  ) {
    const { desktop } = session.platform;
    this.#session = session;
    this.#inspector = inspector;
    this.#preferences = preferences;
    this.inbox = new Inbox(session);
    this.view = new InboxView(this.inbox, (card, byKeyboard) => open(unitKeyOf(card), byKeyboard));
    this.choices = new Choices(session);
    this.settings = new SettingsView(session.platform, this.choices);
    this.crash = new Crash(desktop);
    this.computer = desktop === null ? null : new Computer(desktop);
  }

  go(place: Place, byKeyboard: boolean): void {
    this.now = place;
    if (window.innerWidth <= NARROW) this.#inspector.close();
    if (byKeyboard) void tick().then(() => focusPlace(place));
  }

  useRepository(): void {
    this.inbox.useRepository();
    this.toast = null;
    this.now = "board";
  }

  get theme(): Theme {
    return this.#preferences.theme;
  }

  setTheme(theme: Theme): void {
    if (this.choices.unit === null || this.choices.unit.trouble !== null) this.#preferences.theme = theme;
    else void this.choices.change({ appearance: { theme } }, "appearance/theme");
  }

  /** How the open issue stands in the inbox; null where there is no inbox. */
  get standing(): Pick<Item, "watched" | "muted"> | null {
    const card = this.#inspector.last?.card;
    if (this.inbox.unit === null || card === undefined) return null;
    const item = this.inbox.itemOf(aboutCard(card));
    return { watched: item?.watched ?? false, muted: item?.muted ?? false };
  }

  /** Watches or mutes the issue of a card, or no longer. Answers what to say of it. */
  async turn(what: "watch" | "mute", key: string): Promise<string | null> {
    const card = this.#session.board.card(key)?.card;
    if (card === undefined || this.inbox.unit === null) return null;
    const about = aboutCard(card);
    await this.inbox.load();
    const item = this.inbox.itemOf(about);
    const on = !(what === "watch" ? item?.watched : item?.muted);
    if (!(await this.inbox[what](about, on))) return this.inbox.refused?.message ?? null;
    await this.inbox.load();
    if (what === "watch") return on ? `Watching ${card.key}` : `No longer watching ${card.key}`;
    return on ? `Muted ${card.key}: no banner of it` : `Banners of ${card.key} again`;
  }

  heard({ class: rank, hushed, line }: Notice): void {
    if (rank !== "interrupt" || (hushed !== null && hushed !== "seen")) return;
    this.said = [line.said, line.detail].filter((words) => words !== "").join(": ");
    if (hushed === null && (line.card === null || !inSight().includes(line.card))) this.toast = line;
  }

  /** The issue that is open in the inspector has been opened just now. */
  opened(key: string | null): void {
    const card = key === null ? undefined : this.#session.board.card(key)?.card;
    if (card === undefined || this.inbox.unit === null) return;
    if (this.toast?.card !== null && unitKeyOf(this.toast?.card ?? "") === key) this.toast = null;
    void this.inbox.opened(aboutCard(card));
  }

  get title(): string {
    const repository = this.#session.repository?.name;
    if (repository === undefined) return "Hearsay";
    const { unread } = this.inbox;
    const card = this.#inspector.key === null ? null : (this.#inspector.last?.card ?? null);
    const words = card === null ? `${repository} — Hearsay` : `${card.key} ${card.title} — ${repository}`;
    return unread > 0 ? `(${unread}) ${words}` : words;
  }
}

/** For as long as the component lives that calls it while it is made. */
export function usePlaces(
  places: Places,
  session: Session,
  inspector: Inspector,
  preferences: Preferences,
): void {
  followInbox(places.inbox, () =>
    places.now === "inbox" ? "list" : inspector.key === null ? null : "issue",
  );
  $effect(() => session.onNotice((notice) => places.heard(notice)));
  $effect(() => {
    void places.crash.look();
  });
  const theme = $derived(
    places.choices.unit?.trouble === null ? (places.choices.value?.appearance.theme ?? null) : null,
  );
  $effect.pre(() => {
    if (theme !== null && theme !== untrack(() => preferences.theme)) preferences.theme = theme;
  });
  $effect(() => {
    const { key } = inspector;
    untrack(() => places.opened(key));
  });
  $effect(() => {
    document.title = places.title;
  });
}
