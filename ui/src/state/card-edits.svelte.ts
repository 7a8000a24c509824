// Changes that are made to cards, one or many, without opening the issue: drops, keys, and what is done to a selection.
// Where a card may go does not belong here (moves.ts), nor what is shown meanwhile (writes.svelte.ts).
// Invariants: an edit says what the field was when it was made, and where that was only heard, what the file has; several
// cards are one command, each done or refused by itself, and one step to take back.
import { asWireError } from "../wire/fault";
import type { Card, Command, IssueDetail, LabelChange, Outcome, WireError } from "../wire/generated";
import { issueKey } from "./board";
import type { Drafts } from "./drafts.svelte";
import type { Placed } from "./lanes";
import { saidOf } from "./said";
import type { Session } from "./session.svelte";
import { AT_FOOT, mayPass, withAnyway, type Ahead, type Attempt, type Writes } from "./writes.svelte";

export type CardField = "status" | "assignee" | "priority";

/** What came of one card of several. */
export interface Result {
  key: string;
  card: Card;
  error: WireError | null;
}

interface One {
  placed: Placed;
  command: Command;
  changes: Partial<Card>;
}

export class CardEdits {
  readonly #session: Session;
  readonly #writes: Writes;
  readonly #drafts: Drafts;
  /** What came of the last change of several, as long as some of it was refused. */
  results = $state.raw<readonly Result[]>([]);
  /** What of it was refused, and what it is called after so many. */
  #left: { all: readonly One[]; said: (many: string) => string } | null = null;

  constructor(session: Session, writes: Writes, drafts: Drafts) {
    this.#session = session;
    this.#writes = writes;
    this.#drafts = drafts;
  }

  /** Sets a field of these cards. One card keeps a draft of it while the change may still be written. */
  async set(keys: readonly string[], field: CardField, value: string | number | null): Promise<void> {
    const placed = this.#placed(keys).filter(({ card }) => card[field] !== value);
    const [only] = placed;
    if (only === undefined) return;
    if (placed.length === 1) return this.#setOne(only, field, value);
    const all = placed.map((one): One => ({
      placed: one,
      command: setting(
        one,
        field,
        value,
        one.card.heard === null ? { was: { [field]: one.card[field] } } : {},
      ),
      changes: { [field]: value },
    }));
    const first = saidOf(this.#session.board.meta, only.card, field, value);
    await this.#together(all, (many) => first.replaceAll(only.card.key, many));
  }

  async label(keys: readonly string[], change: LabelChange): Promise<void> {
    const all = this.#placed(keys).map((placed): One => {
      const kept = placed.card.labels.filter((label) => !change.remove.includes(label));
      const command: Command = { type: "set_fields", id: issueKey(placed.key), set: {}, labels: change };
      return { placed, command, changes: { labels: [...new Set([...kept, ...change.add])] } };
    });
    const what =
      change.remove.length > 0
        ? `Took ${change.remove.join(", ")} from`
        : `Added ${change.add.join(", ")} to`;
    await this.#together(all, (many) => `${what} ${many}`);
  }

  /** Deletes the issues and all that is below them. */
  async delete(keys: readonly string[]): Promise<boolean> {
    const chosen = new Set(keys);
    const placed = this.#placed(keys).filter(({ card }) => !this.#below(card, chosen));
    const commands = placed.map(({ key }): Command => ({
      type: "delete",
      id: issueKey(key),
      descendants: true,
    }));
    const [only] = placed;
    if (only === undefined) return false;
    if (placed.length > 1) {
      const all = placed.map((one, at): One => ({
        placed: one,
        command: commands[at] as Command,
        changes: {},
      }));
      return this.#together(all, (many) => `Deleted ${many}`, keys.length);
    }
    const [command] = commands as [Command];
    const said = `Deleted ${only.card.key}`;
    const done = await this.#writes.send({ command, said, issue: issueKey(only.key), place: AT_FOOT });
    return done !== null;
  }

  /** Does again what was refused of several, perhaps although Git is in the middle of something. */
  async again(anyway: boolean): Promise<void> {
    if (this.#left === null) return;
    const { all, said } = this.#left;
    const sent = all.map((one) => (anyway ? { ...one, command: withAnyway(one.command) } : one));
    await this.#together(sent, said);
  }

  /** Whether writing anyway may be what Git waits for. */
  get resolving(): boolean {
    return this.#writes.resolving;
  }

  dismiss(): void {
    this.results = [];
    this.#left = null;
  }

  async #setOne(placed: Placed, field: CardField, value: string | number | null): Promise<void> {
    const issue = issueKey(placed.key);
    const { repository } = this.#drafts;
    const known = !(placed.card.heard?.fields.includes(field) ?? false);
    const began = known ? { was: placed.card[field], base: null } : await this.#filed(placed, field);
    if (began === null || repository !== this.#drafts.repository) return;
    const base = began.base === null ? {} : { base: began.base };
    this.#drafts.drop(issue, field);
    this.#drafts.put(issue, field, value, began);
    const sent = this.#drafts.toSend(issue, field);
    const dropped = () => void this.#drafts.givenUp(sent);
    const attempt: Attempt = {
      command: setting(placed, field, value, { was: { [field]: began.was }, ...base }),
      said: saidOf(this.#session.board.meta, placed.card, field, value),
      issue,
      place: AT_FOOT,
      ahead: [{ key: placed.key, changes: { [field]: value } }],
      done: ({ base: now = null }) => void this.#drafts.written(sent, { was: value, base: now }),
      dropped,
      around: (way) => this.#drafts.sending(issue, field, way),
      refused: (code) => {
        if (code === "git_busy") this.#drafts.hold(issue, field);
      },
    };
    await this.#writes.send(attempt);
    const refusal = this.#writes.refusals.get(AT_FOOT);
    if (refusal?.attempt === attempt && !mayPass(refusal.error.code)) dropped();
  }

  /** What the file has of a field of which the card shows what is heard. */
  async #filed({ key }: Placed, field: CardField): Promise<{ was: unknown; base: string | null } | null> {
    try {
      const detail: IssueDetail = await this.#session.platform.issue(issueKey(key));
      const filed = detail.issue as Partial<Record<string, unknown>> | null;
      return { was: filed?.[field] ?? null, base: detail.base };
    } catch (thrown) {
      this.#writes.refuse(AT_FOOT, asWireError(thrown));
      return null;
    }
  }

  /** Does all of it as one step, which is called after as many as it was done to. */
  async #together(all: readonly One[], said: (many: string) => string, total = all.length): Promise<boolean> {
    this.dismiss();
    const ahead: Ahead[] = all.map(({ placed, changes }) => ({ key: placed.key, changes }));
    const command: Command = { type: "bulk", commands: all.map((one) => one.command) };
    const attempt: Attempt = { command, said: said(counted(total)), issue: "", place: AT_FOOT, ahead };
    attempt.done = ({ results = [] }) => {
      const refused = results.filter((outcome) => "error" in outcome).length;
      attempt.said = said(counted(total - refused));
    };
    const done = await this.#writes.send(attempt);
    if (done === null) return false;
    const results = all.map(({ placed }, at): Result => {
      const outcome: Outcome | undefined = done.results?.[at];
      const error = outcome !== undefined && "error" in outcome ? outcome.error : null;
      return { key: placed.key, card: placed.card, error };
    });
    const left = all.filter((_, at) => results[at]?.error !== null);
    if (left.length === 0) return true;
    this.results = results;
    this.#left = { all: left, said };
    return false;
  }

  #placed(keys: readonly string[]): Placed[] {
    return keys.flatMap((key) => this.#session.board.card(key) ?? []);
  }

  /** Whether one of the chosen is above it, and takes it along. */
  #below(card: Card, chosen: ReadonlySet<string>): boolean {
    const seen = new Set<string>([card.id]);
    for (let id = card.parent; id !== null && !seen.has(id);) {
      seen.add(id);
      const above = this.#session.board.byId(id);
      if (above !== undefined && chosen.has(above.key)) return true;
      id = above?.card.parent ?? null;
    }
    return false;
  }
}

/** Everything below an issue, nearest first. */
export function descendants(session: Session, card: Card): Placed[] {
  const found: Placed[] = [];
  const seen = new Set([card.id]);
  for (const queue = [card.id]; queue.length > 0;)
    for (const child of session.board.childrenOf(queue.shift() as string)) {
      if (seen.has(child.card.id)) continue;
      seen.add(child.card.id);
      found.push(child);
      queue.push(child.card.id);
    }
  return found;
}

function setting(placed: Placed, field: CardField, value: unknown, seen: object): Command {
  return { type: "set_fields", id: issueKey(placed.key), set: { [field]: value }, ...seen };
}

function counted(many: number): string {
  return many === 1 ? "an issue" : `${many} issues`;
}
