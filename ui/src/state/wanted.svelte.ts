// What somebody else wants this window to show: a repository that a document or a link names, an issue in it, the
// inbox.
// Opening does not belong here.
// Invariants: the person is asked only while nothing is open; an issue is shown once, when its board is there.
import type { Desktop, OpeningQuestion, Repositories, Stop } from "../platform/types";
import type { Session } from "./session.svelte";

export class Wanted {
  question = $state.raw<OpeningQuestion | null>(null);
  readonly #repositories: Repositories | null;
  readonly #desktop: Desktop | null;
  readonly #show: (issue: string) => void;
  readonly #showInbox: () => void;
  #board = false;

  constructor(
    repositories: Repositories | null,
    show: (issue: string) => void,
    desktop: Desktop | null = null,
    showInbox: () => void = () => undefined,
  ) {
    this.#repositories = repositories;
    this.#show = show;
    this.#desktop = desktop;
    this.#showInbox = showInbox;
  }

  /** Shows what is wanted from now on. Before there is a board it waits for that. */
  follow(): Stop {
    const look = () => {
      if (this.#board) void this.#look();
    };
    const stops = [this.#repositories?.onShowIssue(look), this.#desktop?.onShowInbox(look)];
    return () => {
      for (const stop of stops) stop?.();
    };
  }

  /** Nothing is open. */
  async idle(): Promise<void> {
    this.#board = false;
    this.question = (await this.#repositories?.question()) ?? null;
  }

  /** A board is there. */
  async opened(): Promise<void> {
    this.#board = true;
    this.question = null;
    await this.#look();
  }

  async #look(): Promise<void> {
    const view = this.#desktop?.viewToShow().catch(() => null);
    const issue = await this.#repositories?.issueToShow();
    if ((await view) === "inbox") this.#showInbox();
    if (issue !== null && issue !== undefined) this.#show(issue);
  }

  decline(): void {
    this.question = null;
    void this.#repositories?.decline();
  }
}

/** For as long as the component lives that calls it while it is made. */
export function useWanted(
  session: Session,
  show: (issue: string) => void,
  showInbox: () => void = () => undefined,
): Wanted {
  const { repositories, desktop } = session.platform;
  const wanted = new Wanted(repositories, show, desktop, showInbox);
  const shown = $derived(session.board.tag === null ? undefined : session.repository?.path);
  $effect(() => wanted.follow());
  $effect(() => {
    // Every time that it is said: a second link finds as little open as the first one did.
    const { link } = session;
    if (link.state === "idle") void wanted.idle();
  });
  $effect(() => {
    if (shown !== undefined) void wanted.opened();
  });
  return wanted;
}
