// Which issues have two versions: a draft of a field that somebody else has changed in the file since the draft was begun;
// and the way to the choice between them.
// How the versions are shown does not belong here, nor what a choice sends (merge.ts).
// Invariants: where the file has what the draft says, or still what it began with, there is one version; only issues with a
// draft whose file has changed are read for this, each version of a file once; asking for the choice writes nothing.
import { SvelteMap } from "svelte/reactivity";
import { asWireError, fault } from "../wire/fault";
import type { Card, Command, Sides } from "../wire/generated";
import { issueKey, unitKeyOf } from "./board";
import { NEW, type Draft, type Drafts } from "./drafts.svelte";
import { filedValue } from "./filed";
import { saidOf } from "./said";
import type { Session } from "./session.svelte";
import { sameJson } from "./units";
import { AT_FOOT, type Attempt, type Writes } from "./writes.svelte";

const COMMENT = "comment:";

export class Versions {
  readonly #session: Session;
  readonly #drafts: Drafts;
  readonly #writes: Writes;
  readonly #decided: (issue: string, fields: readonly string[]) => void;
  /** The documents that were read, by issue. */
  readonly #files = new SvelteMap<string, unknown>();
  /** Which version of the file was asked for, as the card names it. */
  readonly #asked = new Map<string, string>();
  /** The fields of which the core was told that there are two versions. */
  readonly #told = new Map<string, readonly string[]>();
  /** What a screen reader says when a second version appears. */
  said = $state("");

  /** `decided` is told when the person has chosen, and there is one version again. */
  constructor(
    session: Session,
    drafts: Drafts,
    writes: Writes,
    decided: (issue: string, fields: readonly string[]) => void = () => undefined,
  ) {
    this.#session = session;
    this.#drafts = drafts;
    this.#writes = writes;
    this.#decided = decided;
  }

  /** The fields of a card of which there are two versions. */
  of(key: string): string[] {
    const issue = issueKey(key);
    const card = this.#session.board.sent(key);
    const file = this.#files.get(issue);
    if (card === undefined || file === undefined) return [];
    return this.#drafts
      .allWaiting(issue)
      .filter(([field, draft]) => isSuspect(card, field, draft) && isFought(draft, filedValue(file, field)))
      .map(([field]) => field);
  }

  /** Reads what is not known yet of files that changed under a draft. To be called whenever the board or a draft changes. */
  look(): void {
    const issues = new Set(this.#drafts.issues());
    for (const issue of this.#asked.keys()) if (!issues.has(issue)) this.#forget(issue);
    for (const issue of issues) {
      const card = issue === NEW ? undefined : this.#session.board.sent(unitKeyOf(issue));
      if (card === undefined || this.#asked.get(issue) === card.content) continue;
      if (!this.#drafts.allWaiting(issue).some(([field, draft]) => isSuspect(card, field, draft))) continue;
      this.#asked.set(issue, card.content);
      void this.#read(issue, card);
    }
  }

  /** Raises the choice between the versions of a card. What is chosen is written, nothing else. */
  async choose(key: string): Promise<void> {
    const issue = issueKey(key);
    const { repository } = this.#drafts;
    try {
      const { issue: filed, base } = await this.#session.platform.issue(issue);
      if (repository !== this.#drafts.repository) return;
      const card = this.#session.board.sent(key);
      const fought = this.#drafts
        .allWaiting(issue)
        .filter(([field, draft]) => field !== "comment" && isFought(draft, filedValue(filed, field)));
      const [first] = fought;
      if (first === undefined || card === undefined) return;
      const together = first[0].startsWith(COMMENT)
        ? [first]
        : fought.filter(([field]) => !field.startsWith(COMMENT));
      this.#raise(issue, card, together, filed, base);
    } catch (thrown) {
      if (repository === this.#drafts.repository) this.#writes.refuse(AT_FOOT, asWireError(thrown));
    }
  }

  #raise(issue: string, card: Card, fought: [string, Draft][], filed: unknown, base: string | null): void {
    const names = fought.map(([field]) => field);
    const sent = fought.map(([field]) => ({ field, of: this.#drafts.toSend(issue, field) }));
    const over = (goes: (one: (typeof sent)[number]) => boolean) =>
      this.#decided(
        issue,
        sent.filter(goes).map(({ field }) => field),
      );
    const fields = Object.fromEntries(
      fought.map(([field, draft]): [string, Sides] => [
        field.replace(COMMENT, "comments."),
        { base: draft.was, theirs: filedValue(filed, field), mine: draft.value },
      ]),
    );
    const [first] = fought as [[string, Draft]];
    const attempt: Attempt = {
      command: commandOf(issue, fought),
      said: first[0].startsWith(COMMENT)
        ? `Edited a comment on ${card.key}`
        : names.length === 1
          ? saidOf(this.#session.board.meta, card, first[0], first[1].value)
          : `Changed ${card.key}`,
      issue,
      place: AT_FOOT,
      done: ({ issue: file, base: now = null }) =>
        over(({ field, of }) => {
          const was = file === undefined ? of.value : filedValue(file, field);
          return this.#drafts.written(of, { was, base: now });
        }),
      dropped: () => over(({ of }) => this.#drafts.givenUp(of)),
      refused: (code) => {
        if (code === "git_busy") for (const field of names) this.#drafts.hold(issue, field);
      },
    };
    const error = fault("conflict", `${card.key} has changed since you began`);
    this.#writes.conflict = { error: { ...error, fields, ...(base === null ? {} : { base }) }, attempt };
  }

  async #read(issue: string, { content, key }: Card): Promise<void> {
    try {
      const detail = await this.#session.platform.issue(issue);
      const before = this.of(unitKeyOf(issue)).length;
      if (this.#asked.get(issue) === content) this.#files.set(issue, detail.issue);
      if (before === 0 && this.of(unitKeyOf(issue)).length > 0)
        this.said = `${key} has 2 versions: your draft, and what somebody else wrote`;
      this.#tell(issue);
    } catch {
      // What cannot be read says so when it is opened; until it is read the next time there is the draft alone.
      if (this.#asked.get(issue) === content) this.#asked.delete(issue);
    }
  }

  /** The core is told of each conflict once, because what concerns the person's draft concerns nobody as much as them. */
  #tell(issue: string): void {
    const fields = this.of(unitKeyOf(issue));
    const told = this.#told.get(issue) ?? [];
    this.#told.set(issue, fields);
    if (fields.every((field) => told.includes(field))) return;
    // The choice is offered on the card all the same.
    this.#session
      .command({ type: "draft_conflict", id: issue, fields })
      .catch(() => this.#told.delete(issue));
  }

  #forget(issue: string): void {
    this.#told.delete(issue);
    this.#asked.delete(issue);
    this.#files.delete(issue);
  }
}

/** Whether the file may say something else of the field than when the draft was begun. */
function isSuspect(card: Card, field: string, draft: Draft): boolean {
  return field !== "comment" && (draft.base === null || !draft.base.startsWith(card.content));
}

function isFought(draft: Draft, filed: unknown): boolean {
  return !sameJson(draft.was ?? null, filed) && !sameJson(draft.value ?? null, filed);
}

function commandOf(issue: string, fought: readonly [string, Draft][]): Command {
  const [first] = fought as [[string, Draft]];
  if (first[0].startsWith(COMMENT))
    return {
      type: "edit_comment",
      id: issue,
      comment: first[0].slice(COMMENT.length),
      text: String(first[1].value),
      was: String(first[1].was),
    };
  return {
    type: "set_fields",
    id: issue,
    set: Object.fromEntries(fought.map(([field, { value }]) => [field, value])),
    was: Object.fromEntries(fought.map(([field, { was }]) => [field, was])),
  };
}
