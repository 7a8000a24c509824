// Changing the open issue: what is being edited, and how each edit is sent.
// What an edit looks like does not belong here; nor does what comes of it (state/writes).
// Invariants: an edit carries the file's version and the value that it began with, however often the issue is read again
// meanwhile; what is typed is a draft from the first letter on, also while it is written, and is not
// sent a second time meanwhile; a draft of something chosen lasts only while it may still be written.
import { issueKey } from "../../../state/board";
import { filedValue } from "../../../state/filed";
import { NEW, type Draft, type Drafts, type Sent } from "../../../state/drafts.svelte";
import { saidOf, saidOfLabels } from "../../../state/said";
import { sameJson } from "../../../state/units";
import type { Session } from "../../../state/session.svelte";
import { mayPass, type Attempt, type Writes } from "../../../state/writes.svelte";
import type { Card, Command, Done, LabelChange, Source } from "../../../wire/generated";
import type { Inspector } from "../inspector.svelte";

const ON_CARD = new Set(["title", "type", "status", "priority", "assignee", "parent"]);

export class Editing {
  readonly session: Session;
  readonly writes: Writes;
  readonly drafts: Drafts;
  readonly #inspector: Inspector;
  /** Raises the choice between the versions of an issue; whoever knows them says how. */
  compare: (key: string) => void = () => undefined;
  /** The field that is open for editing. */
  field = $state<string | null>(null);
  #soon: string | null = null;

  constructor(session: Session, writes: Writes, drafts: Drafts, inspector: Inspector) {
    this.session = session;
    this.writes = writes;
    this.drafts = drafts;
    this.#inspector = inspector;
  }

  /** The open issue, as the API calls it. */
  get issue(): string {
    return this.#inspector.key === null ? NEW : issueKey(this.#inspector.key);
  }

  get card(): Card | null {
    return this.#inspector.last?.card ?? null;
  }

  /** Whether there is a file to write to. */
  get possible(): boolean {
    return this.#inspector.detail !== null && this.#inspector.detail.base !== null && !this.#inspector.gone;
  }

  /** What the file has. */
  filed(field: string): unknown {
    return filedValue(this.#inspector.detail?.issue, field);
  }

  draft(field: string): Draft | undefined {
    return this.drafts.get(this.issue, field);
  }

  /** A draft that waits for the person, and is not just on its way. */
  waiting(field: string): Draft | undefined {
    return this.drafts.waiting(this.issue, field);
  }

  text(field: string): string {
    const value = this.draft(field)?.value ?? this.filed(field);
    return typeof value === "string" ? value : "";
  }

  /** Whether the file has another value than both the draft and what it began with. */
  fought(field: string): boolean {
    return this.overtaken(field) && !sameJson(this.draft(field)?.value, this.filed(field));
  }

  /** Raises the choice between the two versions. */
  decide(): void {
    const { key } = this.#inspector;
    if (key !== null) this.compare(key);
  }

  /** Whether somebody changed the field in the file since its draft was begun. */
  overtaken(field: string): boolean {
    const draft = this.draft(field);
    return draft !== undefined && !sameJson(draft.was, this.filed(field));
  }

  place(field: string): string {
    return `${this.issue}/${field}`;
  }

  begin(field: string): void {
    if (this.possible) this.field = field;
  }

  /** Begins as soon as the issue has been read. */
  beginSoon(field: string): void {
    this.#soon = field;
    this.read();
  }

  /** The issue has been read. */
  read(): void {
    const field = this.#soon;
    if (field === null || !this.possible) return;
    this.#soon = null;
    this.begin(field);
  }

  /** Leaves the field; what was typed stays as a draft. */
  leave(): void {
    this.field = null;
  }

  type(field: string, text: string): void {
    this.drafts.put(this.issue, field, text, this.#began(field));
  }

  discard(field: string): void {
    this.drafts.drop(this.issue, field);
    this.writes.dismiss(this.place(field));
    if (this.field === field) this.field = null;
  }

  /** Sends the draft of a field; without one there is nothing to save. */
  async save(field: string): Promise<void> {
    const draft = this.draft(field);
    if (draft === undefined) return this.leave();
    if (!this.drafts.isSending(this.issue, field)) await this.#set(field, draft);
  }

  /** Sets a field to what was chosen. */
  async choose(field: string, value: unknown): Promise<void> {
    const { issue } = this;
    this.drafts.drop(issue, field);
    this.drafts.put(issue, field, value, this.#began(field));
    const draft = this.draft(field);
    if (draft === undefined) return;
    const sent = this.drafts.toSend(issue, field);
    await this.#set(field, draft);
    const code = this.writes.refusals.get(`${issue}/${field}`)?.error.code;
    if (code !== undefined && !mayPass(code)) this.drafts.givenUp(sent);
  }

  label(change: LabelChange): Promise<Done | null> | undefined {
    const { card } = this;
    if (card === null) return undefined;
    const kept = card.labels.filter((label) => !change.remove.includes(label));
    const labels = [...new Set([...kept, ...change.add])];
    const command: Command = { type: "set_fields", id: this.issue, set: {}, labels: change };
    return this.send(command, "labels", saidOfLabels(card, change.add, change.remove), { labels });
  }

  depend(type: "add_dependency" | "remove_dependency", target: string, kind: string): void {
    const verb = type === "add_dependency" ? "Linked" : "Unlinked";
    const said = `${verb} ${this.card?.key ?? ""} and ${this.session.board.byId(target)?.card.key ?? target}`;
    void this.send({ type, id: this.issue, target, kind }, "dependencies", said);
  }

  move(to: Source): void {
    const said = `${to === "local" ? "Took" : "Shared"} ${this.card?.key ?? ""}${to === "local" ? " from the others" : ""}`;
    void this.send({ type: "move", id: this.issue, to }, "state", said, { source: to });
  }

  claim(): void {
    void this.send({ type: "claim", id: this.issue }, "assignee", `Claimed ${this.card?.key ?? ""}`);
  }

  async comment(): Promise<void> {
    const { issue } = this;
    const text = this.text("comment");
    if (text.trim() === "" || this.drafts.isSending(issue, "comment")) return;
    const sent = this.drafts.toSend(issue, "comment");
    const said = `Commented on ${this.card?.key ?? ""}`;
    await this.send({ type: "comment", id: issue, text }, "comment", said, undefined, sent);
  }

  beginComment(id: string): void {
    this.begin(`comment:${id}`);
  }

  async saveComment(id: string): Promise<void> {
    const { issue } = this;
    const field = `comment:${id}`;
    const draft = this.draft(field);
    if (draft === undefined) return this.leave();
    if (this.drafts.isSending(issue, field)) return;
    const was = typeof draft.was === "string" ? { was: draft.was } : {};
    const command: Command = {
      type: "edit_comment",
      id: issue,
      comment: id,
      text: String(draft.value),
      ...was,
    };
    const sent = this.drafts.toSend(issue, field);
    await this.send(command, field, `Edited a comment on ${this.card?.key ?? ""}`, undefined, sent);
  }

  deleteComment(id: string): void {
    const command: Command = { type: "delete_comment", id: this.issue, comment: id };
    void this.send(command, `comment:${id}`, `Deleted a comment on ${this.card?.key ?? ""}`);
  }

  /** Sends a command about the open issue, perhaps with what a draft of the field says. */
  send(
    command: Command,
    field: string,
    said: string,
    changes?: Partial<Card>,
    sent?: Sent,
  ): Promise<Done | null> {
    const { key } = this.#inspector;
    const { issue } = this;
    const attempt: Attempt = { command, said, issue, place: this.place(field) };
    attempt.refused = (code) => {
      if (code === "git_busy") this.drafts.hold(issue, field);
    };
    if (changes !== undefined && key !== null) attempt.ahead = [{ key, changes }];
    if (sent !== undefined) {
      attempt.around = (way) => this.drafts.sending(issue, field, way);
      attempt.dropped = () => this.drafts.givenUp(sent) && this.closed(issue, field);
    }
    attempt.done = (done, here) => {
      if (sent !== undefined && this.drafts.written(sent, rebased(field, sent, done)))
        this.closed(issue, field);
      if (here && key !== null) this.#inspector.took(key, done);
    };
    return this.writes.send(attempt);
  }

  async #set(field: string, draft: Draft): Promise<void> {
    const { card, issue } = this;
    if (card === null) return;
    const base = draft.base === null ? {} : { base: draft.base };
    const command: Command = {
      type: "set_fields",
      id: issue,
      set: { [field]: draft.value },
      was: { [field]: draft.was },
      ...base,
    };
    const changes = ON_CARD.has(field) ? { [field]: draft.value } : undefined;
    const sent = this.drafts.toSend(issue, field);
    const said = saidOf(this.session.board.meta, card, field, draft.value);
    await this.send(command, field, said, changes, sent);
  }

  #began(field: string): Pick<Draft, "was" | "base"> {
    return { was: field === "comment" ? "" : this.filed(field), base: this.#inspector.detail?.base ?? null };
  }

  /** There is no draft of the field any more. */
  closed(issue: string, field: string): void {
    if (this.issue === issue && this.field === field) this.field = null;
  }
}

/** What a draft begins with that was typed on while it was written: what is in the file now. A comment begins anew. */
function rebased(field: string, { value }: Sent, done: Done): Pick<Draft, "was" | "base"> {
  const base = done.base ?? null;
  if (field === "comment") return { was: "", base };
  return { was: done.issue === undefined ? value : filedValue(done.issue, field), base };
}
