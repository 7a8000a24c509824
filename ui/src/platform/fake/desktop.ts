// What only the desktop app can do, on the sample: everything is there, and what is told is kept for whoever asks.
// The switch `crash` leaves a report of a crash.
import type { CrashReport, Desktop, DesktopState, Part, Update } from "../types";

const part = (state: Part["state"], message: string, hint: string | null = null): Part => ({
  state,
  message,
  hint,
});

export class SampleDesktop implements Desktop {
  readonly looked: (readonly string[])[] = [];
  report: CrashReport | null;
  view: string | null = null;
  #login = false;
  #showInbox: () => void = () => undefined;

  constructor(switches: URLSearchParams, now: number) {
    const at = new Date(now - 3_600_000).toISOString();
    this.report = switches.has("crash")
      ? { at, text: `panicked at src/link.rs:12\nthread main\nversion 0.1.0` }
      : null;
  }

  /** As if somebody had chosen the inbox in the tray. */
  wantInbox(): void {
    this.view = "inbox";
    this.#showInbox();
  }

  async state(): Promise<DesktopState> {
    return {
      notifications: part("ready", "banners are shown by dunst 1.9"),
      tray: part(
        "missing",
        "no tray was found",
        "install a StatusNotifier host; GNOME needs an extension for it",
      ),
      keyring: part("unknown", "nothing was asked of the keyring yet"),
      start_at_login: this.#login,
      updates: false,
      version: "0.1.0",
      logs: "/home/ada/.local/share/hearsay/logs",
    };
  }

  async setStartAtLogin(on: boolean): Promise<void> {
    this.#login = on;
  }

  makeDocument = async (place: "repository" | "desktop") =>
    place === "desktop" ? "/home/ada/Desktop/hearsay.kanbus" : "/home/ada/src/hearsay/hearsay.kanbus";

  testNotification = async () => ({ state: "clicked", message: "The click took 2 s.", hint: null }) as const;

  diagnostics = async () => "hearsay 0.1.0\nlink: listening\nissues: 60";

  crashReport = async () => this.report;

  async dismissCrashReport(): Promise<void> {
    this.report = null;
  }

  openLogs = async () => undefined;
  checkForUpdate = async (): Promise<Update> => ({ state: "off" });
  installUpdate = async () => undefined;

  async looking(cards: readonly string[]): Promise<void> {
    this.looked.push(cards);
  }

  /** Like the core: what is wanted is shown once. */
  async viewToShow(): Promise<string | null> {
    const view = this.view;
    this.view = null;
    return view;
  }

  onShowInbox(listener: () => void): () => void {
    this.#showInbox = listener;
    return () => undefined;
  }
}
