// The one door between the UI and whatever hosts it: desktop, browser, or a sample for tests.
// What arrives is passed on as it is; keeping the board, wording and retry policy of views do not belong here.
// Invariants: a listener gets whole wire messages in order; failures are wire errors; `repositories` is null where
// the host shows one repository only, `desktop` where it is no app of its own.
import type {
  Command,
  Done,
  EventPage,
  InboxList,
  IssueDetail,
  Message,
  RepositoryInfo,
  Trial,
  WireError,
} from "../wire/generated";

/** What is known of the line to the core. Times are milliseconds since the epoch. */
export type Link =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "lost"; since: number; error: WireError | null }
  /** The host runs, but no repository is open in it. */
  | { state: "idle" };

export type Incoming = { kind: "message"; message: Message } | { kind: "link"; link: Link };

export interface Connection {
  /** Asks for a full board, after a patch that did not fit. */
  resync(): void;
  stop(): void;
}

export interface Opening {
  path: string;
  done: number;
  total: number;
}

export interface RecentRepository {
  path: string;
  name: string;
  opened_at: string;
}

/** What the person is asked before a repository is opened for the first time because somebody else named it. */
export interface OpeningQuestion {
  path: string;
  /** The document that names it; null where a link does. */
  document: string | null;
}

export type Stop = () => void;

export interface Repositories {
  recent(): Promise<RecentRepository[]>;
  /** Null where another window shows it already, which then comes to the front. */
  open(path: string): Promise<RepositoryInfo | null>;
  /** What the person is to be asked while nothing is open here. */
  question(): Promise<OpeningQuestion | null>;
  decline(): Promise<void>;
  /** The key of the issue that whoever asked for the repository wants to see; asked once. */
  issueToShow(): Promise<string | null>;
  /** Tells that somebody wants to see an issue in the repository that is open here: it is to be asked for again. */
  onShowIssue(listener: () => void): Stop;
  /** Lets the person pick a folder and opens it; null when they cancel, or where another window shows it. */
  pick(): Promise<RepositoryInfo | null>;
  /** Progress of an opening, whoever asked for it. */
  onOpening(listener: (opening: Opening) => void): Stop;
  /** Folders that the person drops on the window. */
  onDrop(listener: (event: DropEvent) => void): Stop;
}

export type DropEvent = { kind: "over" } | { kind: "left" } | { kind: "dropped"; path: string };

/** Something that the system offers, or does not. */
export interface Part {
  state: "ready" | "missing" | "refused" | "unknown";
  message: string;
  hint: string | null;
}

export interface DesktopState {
  notifications: Part;
  tray: Part;
  keyring: Part;
  start_at_login: boolean;
  /** Whether this program looks for newer releases when it is asked to. */
  updates: boolean;
  version: string;
  /** The directory of the logs. */
  logs: string;
}

/** What became of a banner that was raised as a test. */
export interface NotificationTest {
  state: "clicked" | "shown" | "missing";
  message: string;
  hint: string | null;
}

export interface CrashReport {
  at: string;
  text: string;
}

/** Whether there is a newer release; `off` where this program does not look for any. */
export type Update = { state: "off" } | { state: "current" } | { state: "available"; version: string };

/** What only the desktop app can do. */
export interface Desktop {
  state(): Promise<DesktopState>;
  setStartAtLogin(on: boolean): Promise<void>;
  /** Puts a document that opens this repository somewhere, and answers with its path. */
  makeDocument(place: "repository" | "desktop"): Promise<string>;
  /** Answers when the banner was clicked, after a minute, or at once where there is none. */
  testNotification(): Promise<NotificationTest>;
  diagnostics(): Promise<string>;
  /** What is left of a run that ended unexpectedly. */
  crashReport(): Promise<CrashReport | null>;
  dismissCrashReport(): Promise<void>;
  openLogs(): Promise<void>;
  checkForUpdate(): Promise<Update>;
  /** Installs the newer release, and starts anew with it. */
  installUpdate(): Promise<void>;
  /** The keys of the issues that the person can see at the moment; none where the window is not in use. */
  looking(cards: readonly string[]): Promise<void>;
  /** The view that whoever asked for the window wants to see; asked once. */
  viewToShow(): Promise<string | null>;
  /** Tells that somebody wants to see another view: it is to be asked for again. */
  onShowInbox(listener: () => void): Stop;
}

export interface Platform {
  readonly kind: "tauri" | "http" | "fake";
  readonly repositories: Repositories | null;
  /** Null in a browser. */
  readonly desktop: Desktop | null;
  connect(listener: (incoming: Incoming) => void): Connection;
  issue(key: string): Promise<IssueDetail>;
  events(key: string, before: string): Promise<EventPage>;
  openExternal(url: string): Promise<void>;
  /** What Markdown will look like once it is written, as sanitised HTML. */
  render(text: string): Promise<string>;
  /** Asks the core to do what the person decided, and is answered with what came of it. The board follows by messages. */
  command(command: Command): Promise<Done>;
  inbox(): Promise<InboxList>;
  /** What rules would have made of the last day. */
  tryRules(rules: string): Promise<Trial>;
}
