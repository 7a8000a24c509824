// Every change that the person makes, from the key press to the answer: what is shown before the core has answered, what
// came of it, and the way back.
// What a change looks like, and drafts, do not belong here.
// Invariants: what is shown ahead of the core is taken back when it is refused, and gives way to what the core says when it
// is done; a refusal is shown where the change was made, and stays until the person answers it or tries again; nothing is
// undone twice, and what the person has not decided about is not over; what is answered after another repository was opened
// shows nothing in that one and is no step there.
import { SvelteMap } from "svelte/reactivity";
import { asWireError } from "../wire/fault";
import type { Card, Command, Done, ErrorCode, WireError } from "../wire/generated";
import { isWrite } from "../wire/commands";
import { unitKeyOf } from "./board";
import type { Session } from "./session.svelte";
import { Steps, type Step } from "./steps";
import { UnderWay } from "./under-way.svelte";
import { sameJson, type UnitChange } from "./units";

/** A card, and what of it is to be shown at once. */
export interface Ahead {
  key: string;
  changes: Partial<Card>;
}

export interface Attempt {
  command: Command;
  /** What the person did, in the past: "Moved hsy-12 to Done". */
  said: string;
  /** The issue it is about, as the API calls it; empty for several, or for none yet. */
  issue: string;
  /** Where a refusal is shown. */
  place: string;
  ahead?: Ahead[];
  /** It was done; `here` is false where another repository has been opened meanwhile. */
  done?: (done: Done, here: boolean) => void;
  /** The person gives the change up, or it cannot be. */
  dropped?: () => void;
  /** It was not written. */
  refused?: (code: ErrorCode) => void;
  /** What is to last from the sending to the answer, however often it is tried. */
  around?: (way: () => Promise<Done | null>) => Promise<Done | null>;
  /** What takes it back, where that is not one more step of the person's. */
  kept?: (token: string) => void;
}

export interface Refusal {
  error: WireError;
  /** What can be tried again; null where nothing was sent. */
  attempt: Attempt | null;
}

export type Conflict = Refusal & { attempt: Attempt };

export interface Notice {
  text: string;
  /** What can be done about it. */
  way: "undo" | "redo" | null;
  token: string | null;
}

/** A refusal that has no place of its own in sight. */
export const AT_FOOT = "foot";
/** How long a change that was written is shown ahead of a board that does not come. */
const LONGEST = 4000;
/** Refusals that time or the person may lift. */
export const RETRIED: ReadonlySet<string> = new Set<ErrorCode>([
  "git_busy",
  "locked",
  "io",
  "untrusted",
  "unavailable",
  "internal",
  "unauthorized",
]);

/** Whether what was refused may still be written. An issue that is not there comes back with its branch, or by an undo. */
export function mayPass(code: string): boolean {
  return RETRIED.has(code) || code === "not_found";
}

export class Writes {
  readonly #session: Session;
  readonly refusals = new SvelteMap<string, Refusal>();
  /** Cards with a write under way for a while. */
  readonly busy = new UnderWay();
  notice = $state.raw<Notice | null>(null);
  /** What waits for the person to choose between two versions. */
  conflict = $state.raw<Conflict | null>(null);
  /** Shows what the repository asks for; whoever shows the window says how. */
  review: () => void = () => undefined;
  #ahead: { of: Ahead; written: boolean }[] = [];
  readonly #steps: Steps;
  #again: Step | null = null;
  #repository = "";

  constructor(session: Session, steps = new Steps(null)) {
    this.#session = session;
    this.#steps = steps;
    session.follow((changes) => this.#arrived(changes));
  }

  /** Another repository: nothing of the last one can be taken back or chosen here. */
  useRepository(path: string): void {
    this.#repository = path;
    this.#steps.useRepository(path);
    this.refusals.clear();
    this.busy.clear();
    this.notice = null;
    this.conflict = null;
    this.#ahead = [];
    this.#again = null;
  }

  /** Sends again what was refused, perhaps although Git is in the middle of something. */
  async again({ attempt }: Refusal, anyway: boolean): Promise<Done | null> {
    if (attempt === null) return null;
    if (anyway) attempt.command = withAnyway(attempt.command);
    return this.send(attempt);
  }

  /** Whether Git is in the middle of something that a write may help to resolve. While it rewrites files, none does. */
  get resolving(): boolean {
    const operation = this.#session.board.git?.operation ?? null;
    return operation !== null && operation !== "bisect";
  }

  /** Says why something could not even be sent. */
  refuse(place: string, error: WireError): void {
    this.refusals.set(place, { error, attempt: null });
  }

  dismiss(place: string): void {
    this.refusals.delete(place);
  }

  /** Takes the last change back, or the one with that token. What somebody changed since is a conflict. */
  async undo(token?: string): Promise<void> {
    const step = this.#steps.take(token);
    if (step === undefined) return;
    const { said, issue } = step;
    const over = () => this.#steps.drop(step);
    const back: Attempt = {
      command: { type: "undo", token: step.token },
      said: `Took back: ${said}`,
      issue,
      place: AT_FOOT,
      done: ({ results = [] }, here) => {
        if (!here) return;
        const left = results.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
        if (left.length > 0)
          back.said = `Took back ${results.length - left.length} of ${results.length}: ${said}; ${left[0]?.message}`;
        // The core keeps what could not be taken back.
        if (left.every(({ code }) => !RETRIED.has(code))) over();
      },
      dropped: over,
      refused: (code) => {
        if (code === "not_found") this.#tooLate(step);
        // It may be possible later, or once the person has decided: the core keeps it as well.
        else if (!RETRIED.has(code) && this.conflict?.attempt !== back) over();
      },
      kept: (again) => (this.#again = { ...step, token: again }),
    };
    const repository = this.#repository;
    await this.send(back);
    if (repository === this.#repository) this.#steps.back(step);
  }

  /** Does again what was taken back last. */
  async redo(): Promise<void> {
    const step = this.#again;
    if (step === null) return;
    this.#again = null;
    const { said, issue } = step;
    await this.send({ command: { type: "undo", token: step.token }, said, issue, place: AT_FOOT });
  }

  #keep(token: string, { said, issue }: Attempt): void {
    this.#again = null;
    this.#steps.keep({ token, said, issue, run: this.#session.run });
  }

  /** The core knows nothing of it any more. What another run of the core has done is gone as a whole. */
  #tooLate(step: Step): void {
    this.#steps.drop(step);
    if (step.run !== this.#session.run) this.#steps.dropRun(step.run);
    this.refusals.delete(AT_FOOT);
    const { next } = this.#steps;
    const late = `It is too late to take this back: ${step.said}`;
    if (next === undefined) this.notice = { text: late, way: null, token: null };
    else this.notice = { text: `${late}. Before that: ${next.said}`, way: "undo", token: next.token };
  }

  /** Answers null where it was refused, and where another repository has been opened meanwhile. */
  send(attempt: Attempt): Promise<Done | null> {
    const way = () => this.#send(attempt);
    return attempt.around === undefined ? way() : attempt.around(way);
  }

  async #send(attempt: Attempt): Promise<Done | null> {
    const repository = this.#repository;
    const isHere = () => repository === this.#repository;
    this.refusals.delete(attempt.place);
    // What it offers to take back is not what is being done now.
    this.notice = null;
    const aheads = (attempt.ahead ?? []).map((of) => ({ of, written: false }));
    this.#ahead.push(...aheads);
    for (const { of } of aheads) this.#show(of.key);
    const own = attempt.issue === "" ? [] : [unitKeyOf(attempt.issue)];
    const over = this.busy.begin([...new Set([...own, ...aheads.map(({ of }) => of.key)])]);
    try {
      const done = await this.#session.command(attempt.command);
      aheads.forEach((ahead, at) => this.#written(ahead, done.results?.[at]));
      attempt.done?.(done, isHere());
      if (!isHere()) return null;
      if (done.undo !== undefined) (attempt.kept ?? ((token) => this.#keep(token, attempt)))(done.undo);
      this.#told(attempt, done);
      return done;
    } catch (thrown) {
      for (const ahead of aheads) this.#drop(ahead);
      if (isHere()) this.#refused({ error: asWireError(thrown), attempt });
      return null;
    } finally {
      over();
    }
  }

  #told(attempt: Attempt, done: Done): void {
    const merged = (done.merged ?? []).filter((field) => !MARKS.has(field));
    const also =
      merged.length === 0
        ? []
        : [`somebody else's ${listed(merged)} ${merged.length === 1 ? "stays" : "stay"}`];
    const text = [attempt.said, ...also, ...(done.guidance ?? [])].join("; ");
    const way = done.undo === undefined ? null : this.#again?.token === done.undo ? "redo" : "undo";
    if (way !== null || merged.length > 0) this.notice = { text, way, token: done.undo ?? null };
  }

  #refused(refusal: Conflict): void {
    const { error, attempt } = refusal;
    if (error.code === "conflict" && error.fields !== undefined) this.conflict = refusal;
    else this.refusals.set(attempt.place, refusal);
    attempt.refused?.(error.code);
  }

  #written(ahead: { of: Ahead; written: boolean }, outcome: unknown): void {
    const failed = typeof outcome === "object" && outcome !== null && "error" in outcome;
    const sent = this.#session.board.sent(ahead.of.key);
    if (failed || sent === undefined || agrees(sent, ahead.of.changes)) return this.#drop(ahead);
    ahead.written = true;
    setTimeout(() => this.#drop(ahead), LONGEST);
  }

  /** The first word of the core on a card after a write is what the write came to. */
  #arrived(changes: readonly UnitChange[]): void {
    for (const { key, after } of changes)
      for (const ahead of this.#ahead.filter(({ of, written }) => of.key === key && written))
        if (after?.kind !== "card" || contentChanged(changes, key)) this.#drop(ahead);
  }

  #drop(ahead: { of: Ahead; written: boolean }): void {
    const at = this.#ahead.indexOf(ahead);
    if (at < 0) return;
    this.#ahead.splice(at, 1);
    this.#show(ahead.of.key);
  }

  #show(key: string): void {
    const own = this.#ahead.filter(({ of }) => of.key === key).map(({ of }) => of.changes);
    this.#session.promise(key, own.length === 0 ? null : Object.assign({}, ...own));
  }
}

function agrees(card: Card, changes: Partial<Card>): boolean {
  return Object.entries(changes).every(([field, value]) => sameJson(card[field as keyof Card], value));
}

function contentChanged(changes: readonly UnitChange[], key: string): boolean {
  return changes.some(
    ({ key: of, before, after }) =>
      of === key && (before?.kind !== "card" || after?.kind !== "card" || before.content !== after.content),
  );
}

/** What Kanbus keeps in `custom` for its own views: no change of anybody's. */
const MARKS = new Set(
  ["source", "project_label", "project_path", "agent_assignment"].map((key) => `custom.${key}`),
);

function listed(fields: readonly string[]): string {
  const name = (field: string) => (field.startsWith("custom.") ? field : field.replaceAll("_", " "));
  return fields.map(name).join(", ");
}

/** The same, although Git is in the middle of something. */
export function withAnyway(command: Command): Command {
  if (command.type === "bulk") return { ...command, commands: command.commands.map(withAnyway) };
  return isWrite(command) ? { ...command, anyway: true } : command;
}
