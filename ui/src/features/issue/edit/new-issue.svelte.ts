// The issue that is being made: its fields, with what the project begins with, kept as a draft.
// How the form looks does not belong here.
// Invariant: what the person has not chosen follows the project, and is not sent.
import { projectOf } from "../../../state/moves";
import { NEW, type Drafts } from "../../../state/drafts.svelte";
import type { Session } from "../../../state/session.svelte";
import type { Writes } from "../../../state/writes.svelte";
import type { Card, Command, Source } from "../../../wire/generated";

export interface NewFields {
  title: string;
  description: string;
  type: string | null;
  priority: number | null;
  assignee: string | null;
  parent: string | null;
  labels: readonly string[];
  source: Source;
  project: string | null;
}

const BLANK: NewFields = {
  title: "",
  description: "",
  type: null,
  priority: null,
  assignee: null,
  parent: null,
  labels: [],
  source: "shared",
  project: null,
};
const USUAL_TYPE = "task";

export class NewIssue {
  readonly #session: Session;
  readonly #writes: Writes;
  readonly #drafts: Drafts;

  constructor(session: Session, writes: Writes, drafts: Drafts) {
    this.#session = session;
    this.#writes = writes;
    this.#drafts = drafts;
  }

  get drafted(): boolean {
    return this.#drafts.get(NEW, "issue") !== undefined;
  }

  /** What was chosen, and for the rest what it begins with. */
  get fields(): NewFields {
    const own = this.#own;
    const { meta } = this.#session.board;
    const types = (meta?.types ?? []).map((type) => type.key);
    const usual = types.includes(USUAL_TYPE) ? USUAL_TYPE : (types[0] ?? null);
    const initial = this.#initial?.priority;
    return {
      ...own,
      type: own.type ?? usual,
      priority: own.priority ?? (initial === undefined ? null : Number(initial)),
    };
  }

  get initialStatus(): string {
    return this.#initial?.status ?? "";
  }

  set(changes: Partial<NewFields>): void {
    this.#drafts.put(NEW, "issue", { ...this.#own, ...changes }, { was: BLANK, base: null });
  }

  toggle(label: string): void {
    const { labels } = this.#own;
    this.set({ labels: labels.includes(label) ? labels.filter((one) => one !== label) : [...labels, label] });
  }

  mayBeBelow(card: Card): boolean {
    const below = projectOf(this.#session.board.meta, card.project)?.below;
    const children =
      below !== undefined && card.type !== null && Object.hasOwn(below, card.type) ? below[card.type] : [];
    return children?.includes(this.fields.type ?? "") ?? false;
  }

  discard(): void {
    this.#drafts.drop(NEW, "issue");
    this.#writes.dismiss("create");
  }

  /** Answers the new issue's key, or null where it was refused, or is being made already. */
  async create(): Promise<string | null> {
    const { title, description, type, assignee, parent, labels, source, project } = this.fields;
    if (title === "" || this.#drafts.isSending(NEW, "issue")) return null;
    const { priority } = this.#own;
    const issue: Record<string, unknown> = { title };
    if (description.trim() !== "") issue.description = description;
    if (type !== null) issue.type = type;
    if (priority !== null) issue.priority = priority;
    if (assignee !== null) issue.assignee = assignee;
    if (parent !== null) issue.parent = parent;
    if (labels.length > 0) issue.labels = labels;
    if (source === "local") issue.source = source;
    const command: Command = { type: "create", issue, ...(project === null ? {} : { project }) };
    const sent = this.#drafts.toSend(NEW, "issue");
    const done = await this.#writes.send({
      command,
      said: `Created “${title.trim()}”`,
      issue: NEW,
      place: "create",
      around: (way) => this.#drafts.sending(NEW, "issue", way),
      done: () => void this.#drafts.written(sent, { was: BLANK, base: null }),
    });
    return done?.id ?? null;
  }

  get #own(): NewFields {
    const value = this.#drafts.get(NEW, "issue")?.value;
    return typeof value === "object" && value !== null ? { ...BLANK, ...value } : BLANK;
  }

  get #initial() {
    const { meta } = this.#session.board;
    const label = this.#own.project ?? meta?.projects[0]?.label ?? "";
    return projectOf(meta, label)?.initial;
  }
}
