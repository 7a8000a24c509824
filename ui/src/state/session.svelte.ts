// One run of the UI: the line to the core, the board it keeps, and which repository is open.
// How things are shown does not belong here. Everything the views read of the board goes through `board`, which is what
// makes them follow it: the board itself is plain TypeScript and knows nothing of Svelte.
// Invariants: a patch that does not fit is answered by asking for a full board, once; another repository starts from an
// empty board, so that nothing of the last one is shown under its name; an attempt that the person did not ask for
// disturbs neither the view of why the last one failed nor an opening that the person did ask for.
import type {
  Connection,
  DropEvent,
  Incoming,
  Link,
  Opening,
  Platform,
  RecentRepository,
  Stop,
} from "../platform/types";
import { asWireError, fault } from "../wire/fault";
import type { Card, Command, Done, Message, Notice, RepositoryInfo, WireError } from "../wire/generated";
import { Board } from "./board";
import { Clock } from "./clock.svelte";
import { Recent } from "./recent.svelte";
import type { UnitChange } from "./units";

const PROTOCOL = 1;

export class Session {
  readonly platform: Platform;
  readonly clock = new Clock();
  readonly recent = new Recent();
  link = $state.raw<Link>({ state: "connecting" });
  repository = $state.raw<RepositoryInfo | null>(null);
  opening = $state.raw<Opening | null>(null);
  /** Why the last attempt to open a repository failed. */
  refused = $state.raw<WireError | null>(null);
  recents = $state.raw<RecentRepository[]>([]);
  dropping = $state(false);
  #board = new Board();
  #version = $state(0);
  #liveVersion = $state(0);
  #connection: Connection | null = null;
  #asked = false;
  /** Openings that the person asked for and that have no answer yet. */
  #chosen = 0;
  #stops: Stop[] = [];
  readonly #followers = new Set<(changes: readonly UnitChange[]) => void>();
  readonly #noticed = new Set<(notice: Notice) => void>();

  constructor(platform: Platform) {
    this.platform = platform;
  }

  /** The board as it is now. Whoever reads it is told when it changes. */
  get board(): Board {
    void this.#version;
    return this.#board;
  }

  /** What only a running core knows. Whoever reads it is told when it changes, which is no news to readers of the board. */
  get live(): Pick<Board, "link" | "watch" | "trust" | "inbox" | "settings"> {
    void this.#liveVersion;
    return this.#board;
  }

  /** Tells one run of the core from the next, as far as that can be known. */
  get run(): string {
    return this.#board.watch?.since ?? "";
  }

  command(command: Command): Promise<Done> {
    return this.platform.command(command);
  }

  /** Shows a card as it is to be, before the core says so; null takes that back. */
  promise(key: string, changes: Partial<Card> | null): void {
    this.#board.promise(key, changes);
    this.#version += 1;
  }

  /** Tells of every unit that the core changes. */
  follow(listener: (changes: readonly UnitChange[]) => void): Stop {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  /** Tells of everything that is worth the person's attention. */
  onNotice(listener: (notice: Notice) => void): Stop {
    this.#noticed.add(listener);
    return () => this.#noticed.delete(listener);
  }

  statusName(status: string): string {
    return this.#board.meta?.columns.find((column) => column.key === status)?.name ?? status;
  }

  start(): void {
    this.#connection = this.platform.connect((incoming) => this.#arrived(incoming));
    const repositories = this.platform.repositories;
    if (repositories === null) return;
    this.#stops = [
      repositories.onOpening((opening) => this.#progressed(opening)),
      repositories.onDrop((event) => this.#dropped(event)),
    ];
    void this.#loadRecents();
  }

  stop(): void {
    this.#connection?.stop();
    this.#connection = null;
    for (const stop of this.#stops) stop();
    this.recent.clear();
  }

  /** Opens the repository at a path, or the one that the person picks. */
  async open(path: string | null): Promise<void> {
    const repositories = this.platform.repositories;
    if (repositories === null) return;
    this.refused = null;
    if (path !== null) this.opening = { path, done: 0, total: 0 };
    this.#chosen += 1;
    try {
      const opened = await (path === null ? repositories.pick() : repositories.open(path));
      if (opened !== null) this.#connection?.resync();
      else this.opening = null;
    } catch (thrown) {
      this.opening = null;
      this.refused = asWireError(thrown);
    } finally {
      this.#chosen -= 1;
    }
    void this.#loadRecents();
  }

  async #loadRecents(): Promise<void> {
    try {
      this.recents = (await this.platform.repositories?.recent()) ?? [];
    } catch {
      // A list that cannot be read is an empty list: opening a folder still works.
      this.recents = [];
    }
  }

  /** Events and answers come by different ways, so the last progress may arrive after the board itself. */
  #progressed(opening: Opening): void {
    const here = this.opening === null && this.#board.tag !== null && opening.path === this.repository?.path;
    const retried = this.link.state === "lost" && this.#chosen === 0;
    if (!here && !retried) this.opening = opening;
  }

  #dropped(event: DropEvent): void {
    this.dropping = event.kind === "over";
    if (event.kind === "dropped") void this.open(event.path);
  }

  #arrived(incoming: Incoming): void {
    if (incoming.kind === "message") this.#heard(incoming.message);
    else this.#linked(incoming.link);
  }

  #linked(link: Link): void {
    this.link = link;
    const over = link.state === "lost" || link.state === "idle";
    if (over && this.#chosen === 0) this.opening = null;
  }

  #heard(message: Message): void {
    if (message.type === "hello") this.#greeted(message);
    if (message.type === "notice") for (const listener of this.#noticed) listener(message);
    const outcome = this.#board.apply(message);
    if (outcome.kind === "resync") {
      if (!this.#asked) this.#connection?.resync();
      this.#asked = true;
    }
    if (outcome.kind !== "applied") return;
    if (message.type !== "board_delta") this.#liveVersion += 1;
    if (message.type === "live") return;
    if (message.type === "board_full") {
      this.#asked = false;
      this.opening = null;
    }
    this.#version += 1;
    for (const listener of this.#followers) listener(outcome.changes);
    if (outcome.news) this.recent.note(outcome.changes, (status) => this.statusName(status));
  }

  #greeted(hello: Extract<Message, { type: "hello" }>): void {
    this.clock.align(hello.server_time);
    if (hello.protocol !== PROTOCOL)
      this.refused = fault(
        "unavailable",
        "This page and the core are of different versions.",
        "Reload the page.",
      );
    if (hello.repository.path !== this.repository?.path) {
      this.#board = new Board();
      this.recent.clear();
      this.#version += 1;
      this.#liveVersion += 1;
    }
    this.repository = hello.repository;
  }
}
