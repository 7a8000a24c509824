// A host that is not there: a sample board for tests and for working on the UI without a core.
// Parameters: `n` cards, `live` for scripted changes (a number above 1 is the pause in milliseconds), `state` to hold the
// page in a state that is short-lived elsewhere (loading, empty, welcome, refused, opening, lost, error), `link` for a state
// of the live link and `trust` for a repository that asks (see gossip.ts), `heard` for everything that can be heard of cards.
// What makes writes fail on purpose is in writer.ts; the switches of the inbox are in attention.ts, those of the desktop in
// desktop.ts.
// Invariant: everything it sends is what a core could have sent, tags included.
import { isOwn } from "../../wire/commands";
import { fault } from "../../wire/fault";
import type { Card, Command, Done, IssueDetail, LiveUnit, Message, Unit } from "../../wire/generated";
import type { Connection, Incoming, OpeningQuestion, Platform, Repositories } from "../types";
import { PAGE, sampleDetail, sampleEvents } from "./detail";
import { SampleFiles, legalOf } from "./files";
import { sampleLive, withHearsay } from "./gossip";
import { SampleAttention } from "./attention";
import { SampleDesktop } from "./desktop";
import { META, REPOSITORY, sampleBoard } from "./sample";
import { step } from "./script";
import { SampleWriter } from "./writer";

export class FakeCore {
  board: Record<string, Unit>;
  live: Record<string, LiveUnit>;
  #tag = 1;
  readonly #now: () => number;
  #listener: ((incoming: Incoming) => void) | null = null;
  #steps = 0;
  readonly #files: SampleFiles;
  readonly writer: SampleWriter;
  readonly attention: SampleAttention;

  constructor(board: Record<string, Unit>, now: () => number = Date.now, switches = new URLSearchParams()) {
    this.board = board;
    this.#now = now;
    this.#files = new SampleFiles(() => this.board, now);
    this.writer = new SampleWriter(this, this.#files, switches, now);
    const since = new Date(now() - 240_000).toISOString();
    this.attention = new SampleAttention(board, (set) => this.say(set), now, switches);
    this.live = { watch: { kind: "watch", mode: "native", message: null, since }, ...this.attention.units };
  }

  get tag(): string {
    return `fake-${this.#tag}`;
  }

  connect(listener: (incoming: Incoming) => void): Connection {
    this.#listener = listener;
    listener({ kind: "link", link: { state: "live" } });
    this.#greet();
    return { resync: () => this.#greet(), stop: () => (this.#listener = null) };
  }

  send(message: Message): void {
    this.#listener?.({ kind: "message", message });
  }

  patch(set: Record<string, Unit>, del: string[] = []): void {
    const from = this.tag;
    this.#tag += 1;
    for (const key of del) Reflect.deleteProperty(this.board, key);
    Object.assign(this.board, set);
    this.send({ type: "board_delta", from, to: this.tag, set, del });
  }

  /** Changes what only a running core knows. */
  say(set: Record<string, LiveUnit>, del: string[] = []): void {
    for (const key of del) Reflect.deleteProperty(this.live, key);
    Object.assign(this.live, set);
    this.send({ type: "live", set, del });
  }

  async command(command: Command): Promise<Done> {
    if (!isOwn(command)) return this.writer.run(command);
    if (command.type !== "trust" && command.type !== "distrust") {
      this.attention.run(command);
      return {};
    }
    const trust = this.live.trust;
    if (trust?.kind !== "trust") throw fault("invalid", "the repository asks for nothing");
    const trusted = command.type === "trust";
    if (trusted && command.digest !== trust.digest)
      throw fault("conflict", "what the repository asks for has changed", "review it again");
    this.say({ trust: { ...trust, trusted } });
    if (trusted) this.writer.switches.delete("untrusted");
    return {};
  }

  detail(key: string): IssueDetail {
    const { card, rest } = this.#files.get(key);
    const cards = Object.values(this.board).filter((unit): unit is Card => unit.kind === "card");
    return sampleDetail(card, rest, legalOf(META, card, cards));
  }

  advance(): void {
    const { set, del } = step(this.board, this.#steps++, this.#now());
    this.patch(set, del);
  }

  card(key: string): Card {
    const unit = this.board[`card:${key}`];
    if (unit?.kind !== "card") throw fault("not_found", `There is no issue ${key}.`);
    return unit;
  }

  /** What every stream starts with, a renewed one as well. */
  #greet(): void {
    const server_time = new Date(this.#now()).toISOString();
    this.send({ type: "hello", protocol: 1, server_time, repository: { ...REPOSITORY } });
    this.send({ type: "board_full", to: this.tag, board: { ...this.board }, live: { ...this.live } });
  }
}

function platformOf(core: FakeCore, overrides: Partial<Platform> = {}): Platform {
  return {
    kind: "fake",
    repositories: null,
    desktop: null,
    connect: (listener) => core.connect(listener),
    issue: async (key) => core.detail(key),
    events: async (key, before) => {
      const at = Number(before);
      const events = sampleEvents(core.card(key));
      const next = at + PAGE < events.length ? String(at + PAGE) : null;
      return { events: events.slice(at, at + PAGE), events_next: next };
    },
    openExternal: async () => undefined,
    render: async (text) => paragraphs(text),
    command: (command) => core.command(command),
    inbox: async () => core.attention.list(),
    tryRules: async (rules) => core.attention.try(rules),
    ...overrides,
  };
}

/** No Markdown, but its words. */
function paragraphs(text: string): string {
  const plain = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return plain.replace(/[^\n](?:.|\n(?!\n))*/g, (words) => `<p>${words}</p>`);
}

const REFUSED = fault(
  "not_found",
  "no .kanbus.yml in /home/ada/src/dotfiles or above it",
  "open a directory with a .kanbus.yml, or make one with `kbs init`",
);

const QUESTION: OpeningQuestion = {
  path: "/home/ada/src/somebody-elses",
  document: "/home/ada/Downloads/board.kanbus",
};

function repositories(state: string | null): Repositories {
  const now = Date.now();
  const recents = ["hearsay", "kanbus", "dotfiles"].map((name, index) => ({
    name,
    path: `/home/ada/src/${name}`,
    opened_at: new Date(now - (index * 30 + 1) * 3_600_000).toISOString(),
  }));
  return {
    recent: async () => recents,
    open: (path) => (path.endsWith("dotfiles") ? Promise.reject(REFUSED) : Promise.resolve(REPOSITORY)),
    question: async () => (state === "asked" ? QUESTION : null),
    decline: async () => undefined,
    issueToShow: async () => null,
    onShowIssue: () => () => undefined,
    pick: async () => null,
    onOpening: (listener) => {
      if (state === "opening") listener({ path: REPOSITORY.path, done: 3120, total: 10_000 });
      return () => undefined;
    },
    onDrop: () => () => undefined,
  };
}

/** A connection that stays in one state of the link. */
function stuck(core: FakeCore, state: string): Platform["connect"] {
  const error = fault(
    "unauthorized",
    "This browser is not signed in.",
    "Open the address that hear serve printed.",
  );
  const nothing = { resync: () => undefined, stop: () => undefined };
  return (listener) => {
    if (state === "lost") {
      const connection = core.connect(listener);
      listener({ kind: "link", link: { state: "lost", since: Date.now() - 42_000, error: null } });
      return connection;
    }
    if (state === "welcome" || state === "asked") listener({ kind: "link", link: { state: "idle" } });
    else if (state === "refused")
      listener({ kind: "link", link: { state: "lost", since: Date.now(), error: REFUSED } });
    else if (state === "error") listener({ kind: "link", link: { state: "lost", since: Date.now(), error } });
    else listener({ kind: "link", link: { state: "connecting" } });
    return nothing;
  };
}

export function fakePlatform(parameters: URLSearchParams): Platform {
  const state = parameters.get("state");
  const sample =
    state === "empty" ? { meta: META } : sampleBoard(Number(parameters.get("n") ?? 60), Date.now());
  const board = parameters.has("heard") ? withHearsay(sample, Date.now()) : sample;
  if (parameters.has("busy") && board.git?.kind === "git") board.git = { ...board.git, operation: "rebase" };
  const core = new FakeCore(board, Date.now, parameters);
  Object.assign(core.live, sampleLive(parameters, Date.now()));
  const live = Number(parameters.get("live") ?? 0);
  if (live > 0) setInterval(() => core.advance(), live > 1 ? live : 2000);
  const closed = state === "welcome" || state === "refused" || state === "asked";
  const desktop = parameters.has("desktop") || closed || state === "opening";
  return platformOf(core, {
    repositories: desktop ? repositories(state) : null,
    desktop: desktop ? new SampleDesktop(parameters, Date.now()) : null,
    ...(state === null || state === "empty" ? {} : { connect: stuck(core, state) }),
  });
}

/** For tests: the platform together with the core that drives it. */
export function fakePair(
  n: number,
  now: () => number,
  desktop: SampleDesktop | null = null,
): { platform: Platform; core: FakeCore } {
  const core = new FakeCore(sampleBoard(n, now()), now);
  return { platform: platformOf(core, { desktop }), core };
}
