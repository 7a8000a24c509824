// The desktop host: the bridge's events and commands.
// Invariants: the subscription brings the channel along that its messages come by, and what arrives before the first board
// is kept until that is delivered, so no patch falls into the gap; when the bridge says that it lagged, the subscription
// is renewed the same way; a path of the command line that does not hold a repository is told once, because asking again
// every few seconds does not make it one.
import { Channel, invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { getCurrentWebviewWindow } from "@tauri-apps/api/webviewWindow";
import { asWireError } from "../../wire/fault";
import type {
  Done,
  ErrorCode,
  EventPage,
  InboxList,
  IssueDetail,
  Message,
  RepositoryInfo,
  Trial,
  WireError,
} from "../../wire/generated";
import type {
  Connection,
  CrashReport,
  Desktop,
  DesktopState,
  Incoming,
  NotificationTest,
  Update,
  Opening,
  OpeningQuestion,
  Platform,
  RecentRepository,
  Repositories,
  Stop,
} from "../types";

const RETRY = 3000;
/** Why a repository is not opened for as long as the person names no other. */
const FINAL: readonly ErrorCode[] = ["not_found", "invalid"];

type Bridged = Message | { type: "resync" };

async function ask<T>(name: string, parameters: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(name, parameters);
  } catch (thrown) {
    throw asWireError(thrown);
  }
}

/** Turns the promise of a stop into a stop that may be called before it is there. */
function stopper(pending: Promise<Stop>): Stop {
  return () => void pending.then((stop) => stop());
}

type Listener = (incoming: Incoming) => void;

class Feed implements Connection {
  #listener: Listener;
  /** What came before anybody listened. */
  readonly #early: Incoming[] = [];
  readonly #listening: Promise<Stop>;
  #listens = false;
  #buffer: Message[] | null = [];
  #round = 0;
  #since: number | null = null;
  #stopped = false;

  constructor() {
    this.#listener = (incoming) => this.#early.push(incoming);
    this.#listener({ kind: "link", link: { state: "connecting" } });
    this.#listening = getCurrentWebviewWindow().listen("look_again", () => this.resync());
    void this.#listening.then(() => (this.#listens = true));
    void this.#subscribe();
  }

  follow(listener: Listener): this {
    this.#listener = listener;
    for (const incoming of this.#early.splice(0)) listener(incoming);
    return this;
  }

  resync(): void {
    void this.#subscribe();
  }

  stop(): void {
    this.#stopped = true;
    stopper(this.#listening)();
  }

  #arrived(message: Bridged): void {
    if (message.type === "resync") this.resync();
    else if (this.#buffer !== null) this.#buffer.push(message);
    else this.#listener({ kind: "message", message });
  }

  async #subscribe(): Promise<void> {
    const round = ++this.#round;
    this.#buffer = [];
    const passed = () => this.#stopped || round !== this.#round;
    const page = new Channel<Bridged>((message) => {
      if (!passed()) this.#arrived(message);
    });
    const listened = this.#listens;
    try {
      const first = await ask<Message[] | null>("subscribe", { page });
      if (passed()) return;
      if (first !== null) return this.#deliver(first);
      if (listened) return this.#idle();
      // What somebody asked for before we listened has to be asked for here.
      await this.#listening;
      if (!passed()) this.resync();
    } catch (thrown) {
      const error = asWireError(thrown);
      if (!passed()) this.#lost(error, !FINAL.includes(error.code));
    }
  }

  #lost(error: WireError, again: boolean): void {
    this.#since ??= Date.now();
    this.#listener({ kind: "link", link: { state: "lost", since: this.#since, error } });
    if (!again) return;
    const round = this.#round;
    setTimeout(() => {
      if (!this.#stopped && round === this.#round) this.resync();
    }, RETRY);
  }

  #idle(): void {
    this.#buffer = null;
    this.#since = null;
    this.#listener({ kind: "link", link: { state: "idle" } });
  }

  /** Hands on the full board and what was heard after it; patches from before it are already in it. */
  #deliver(first: Message[]): void {
    const full = first.find((message) => message.type === "board_full");
    const later = this.#buffer ?? [];
    const next = later.findIndex((message) => message.type === "board_delta" && message.from === full?.to);
    const held = later.filter((message, at) => message.type !== "board_delta" || (next >= 0 && at >= next));
    this.#buffer = null;
    this.#since = null;
    this.#listener({ kind: "link", link: { state: "live" } });
    for (const message of [...first, ...held]) this.#listener({ kind: "message", message });
  }
}

const repositories: Repositories = {
  recent: () => ask<RecentRepository[]>("recent_repositories"),
  open: (path) => ask<RepositoryInfo | null>("open_repository", { path }),
  question: () => ask<OpeningQuestion | null>("opening_question"),
  decline: () => ask<undefined>("decline_opening"),
  issueToShow: () => ask<string | null>("issue_to_show"),
  onShowIssue: (listener) => stopper(getCurrentWebviewWindow().listen("show_issue", () => listener())),
  pick: () => ask<RepositoryInfo | null>("pick_repository"),
  onOpening: (listener) =>
    stopper(getCurrentWebviewWindow().listen<Opening>("opening", (event) => listener(event.payload))),
  onDrop: (listener) =>
    stopper(
      getCurrentWebview().onDragDropEvent(({ payload }) => {
        if (payload.type === "leave") listener({ kind: "left" });
        else if (payload.type === "enter") listener({ kind: "over" });
        else if (payload.type === "drop") {
          const [path] = payload.paths;
          listener(path === undefined ? { kind: "left" } : { kind: "dropped", path });
        }
      }),
    ),
};

const desktop: Desktop = {
  state: () => ask<DesktopState>("desktop_state"),
  setStartAtLogin: (on) => ask<undefined>("set_start_at_login", { on }),
  makeDocument: (place) => ask<string>("make_document", { place }),
  testNotification: () => ask<NotificationTest>("test_notification"),
  diagnostics: () => ask<string>("diagnostics"),
  crashReport: () => ask<CrashReport | null>("crash_report"),
  dismissCrashReport: () => ask<undefined>("dismiss_crash_report"),
  openLogs: () => ask<undefined>("open_logs"),
  checkForUpdate: () => ask<Update>("check_for_update"),
  installUpdate: () => ask<undefined>("install_update"),
  looking: (cards) => ask<undefined>("looking", { cards }),
  viewToShow: () => ask<string | null>("view_to_show"),
  onShowInbox: (listener) => stopper(getCurrentWebviewWindow().listen("show_inbox", () => listener())),
};

export function tauriPlatform(): Platform {
  // Asked for at once: the board is on its way while the views are still being loaded.
  let begun: Feed | null = new Feed();
  const connect = (listener: Listener): Connection => {
    const feed = begun ?? new Feed();
    begun = null;
    return feed.follow(listener);
  };
  return {
    kind: "tauri",
    repositories,
    desktop,
    connect,
    issue: (key) => ask<IssueDetail>("issue_detail", { key }),
    events: (key, before) => ask<EventPage>("issue_events", { key, before }),
    openExternal: (url) => ask<undefined>("open_external", { url }),
    render: (text) => ask<string>("render", { text }),
    command: (command) => ask<Done>("command", { command }),
    inbox: () => ask<InboxList>("inbox"),
    tryRules: (rules) => ask<Trial>("try_rules", { rules }),
  };
}
