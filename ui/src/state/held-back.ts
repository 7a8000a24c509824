// Which cards have something of the person's that was to be written and could not be, because Git is in the middle of
// something, and what that is.
// Writing does not belong here, nor asking whether to write anyway.
// Invariant: nothing is held back by what Git has ended.
import { issueKey } from "./board";
import type { Drafts } from "./drafts.svelte";
import type { Session } from "./session.svelte";
import type { Writes } from "./writes.svelte";

export interface Held {
  /** In a word: "rebase". */
  by: string;
  /** In a sentence: "a rebase is under way". */
  reason: string;
}

export class HeldBack {
  readonly #session: Session;
  readonly #drafts: Drafts;
  readonly #writes: Writes;

  constructor(session: Session, drafts: Drafts, writes: Writes) {
    this.#session = session;
    this.#drafts = drafts;
    this.#writes = writes;
    session.follow((changes) => {
      for (const { before, after } of changes)
        if (
          before?.kind === "git" &&
          before.operation !== null &&
          !(after?.kind === "git" && after.operation)
        )
          drafts.release();
    });
  }

  /** What keeps something of the card from being written; null where nothing does. */
  of(key: string): Held | null {
    const issue = issueKey(key);
    if (!this.#drafts.allWaiting(issue).some(([, draft]) => draft.held === true)) return null;
    const operation = this.#session.board.git?.operation ?? null;
    if (operation !== null) {
      const by = operation.replaceAll("_", "-");
      return { by, reason: `${article(by)} ${by} is under way` };
    }
    // Git's index was taken, which is no operation, or word of the operation is not here yet.
    const refused = [...this.#writes.refusals.values()].find(
      ({ error, attempt }) => error.code === "git_busy" && attempt?.issue === issue,
    );
    return refused === undefined ? null : { by: "Git", reason: refused.error.message };
  }
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? "an" : "a";
}
