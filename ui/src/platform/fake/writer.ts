// Commands on the sample board: done, refused and taken back as the core would, so that the UI can be tried without one.
// Switches make the next writes fail on purpose: `conflict` (an agent changes the same fields first, once an issue),
// `merge` (it changes another field first), `busy` (Git, until "write anyway"), `locked` and `io` (once each), `untrusted`,
// `policy`, and `slow`, a number of milliseconds that every answer takes.
// Invariant: what is answered as done is on the board in the same breath; what is refused changes nothing.
import { fault } from "../../wire/fault";
import type { Card, Done, Meta, Outcome, Unit } from "../../wire/generated";
import type { WriteCommand } from "../../wire/commands";
import { asWireError } from "../../wire/fault";
import { NEW_CARD, sampleRest } from "./detail";
import { baseOf, refusal, withFields, type File, type SampleFiles, type SetFields } from "./files";
import { contentOf, META } from "./sample";

/** The part of the sample core that writes change. */
export interface Written {
  board: Record<string, Unit>;
  patch(set: Record<string, Unit>, del?: string[]): void;
}

type Inverse = () => Done;
type About = Exclude<WriteCommand, { type: "bulk" }>;

const ME = "ada";

export class SampleWriter {
  readonly #core: Written;
  readonly #files: SampleFiles;
  readonly #now: () => number;
  readonly #inverses = new Map<string, Inverse>();
  readonly #met = new Set<string>();
  switches: URLSearchParams;
  #made = 0;

  constructor(core: Written, files: SampleFiles, switches: URLSearchParams, now: () => number) {
    this.#core = core;
    this.#files = files;
    this.switches = switches;
    this.#now = now;
  }

  async run(command: WriteCommand): Promise<Done> {
    const slow = Number(this.switches.get("slow") ?? 0);
    if (slow > 0) await new Promise((done) => setTimeout(done, slow));
    if (command.type !== "bulk") return this.#one(command);
    const results = command.commands.map((one): Outcome => {
      try {
        return { done: this.#one(one as About) };
      } catch (thrown) {
        return { error: asWireError(thrown) };
      }
    });
    const tokens = results.flatMap((result) =>
      "done" in result && result.done.undo ? [result.done.undo] : [],
    );
    const undo = tokens.length === 0 ? {} : { undo: this.#keep(() => this.#together(tokens)) };
    return { results, ...undo };
  }

  #together(tokens: readonly string[]): Done {
    const results = [...tokens].reverse().map((token): Outcome => ({ done: this.#undo(token) }));
    return { results };
  }

  #one(command: About): Done {
    this.#hinder(command);
    switch (command.type) {
      case "create":
        return this.#create(command.issue);
      case "set_fields":
        return this.#set(command);
      case "claim":
        return this.#set({
          type: "set_fields",
          id: command.id,
          set: { assignee: ME, status: "in_progress" },
        });
      case "delete":
        return this.#delete(command.id, command.descendants === true);
      case "move":
        return this.#change(command.id, (file) => ({ ...file, card: { ...file.card, source: command.to } }));
      case "undo":
        return this.#undo(command.token);
      default:
        return this.#change(command.id, (file) => ({ card: file.card, rest: this.#rest(file, command) }));
    }
  }

  /** What the switches have in store for a write. */
  #hinder(command: About): void {
    const has = (name: string) => this.switches.has(name);
    const once = (name: string) => has(name) && !this.#met.has(name) && this.#met.add(name) !== undefined;
    if (has("busy") && command.anyway !== true)
      throw fault(
        "git_busy",
        "a rebase is under way",
        "Finish that, or write anyway: resolving it may need the change.",
      );
    if (once("locked"))
      throw fault("locked", "another program is writing this issue", "Try again in a moment.");
    if (once("io"))
      throw fault("io", "no space left on `/home/ada`", "Make room on the disk, then try again.");
    if (has("untrusted"))
      throw fault(
        "untrusted",
        "a blocking hook is not trusted: `./scripts/check-policy.sh --strict`",
        "Review what the repository asks for.",
      );
    if (has("policy"))
      throw fault(
        "policy",
        "the issue must have a description",
        "`policies/ready.policy`, scenario “Ready to start”.",
      );
    if (command.type !== "set_fields" || this.#met.has(command.id)) return;
    if (!has("conflict") && !has("merge")) return;
    this.#met.add(command.id);
    const set = has("conflict") ? theirsFor(command) : { priority: 0 };
    this.#agent({ type: "set_fields", id: command.id, set });
  }

  /** An agent changes the file first. */
  #agent(command: SetFields): void {
    const { card, rest } = withFields(this.#files.get(command.id), command);
    const by = { name: ME, agent: "codex-3", trail: String(this.#now()) };
    this.#core.patch({ [`card:${card.id}`]: { ...this.#files.put(card, rest), by } });
  }

  #set(command: SetFields): Done {
    const file = this.#files.get(command.id);
    const { fields, merged } = this.#files.merge(command);
    if (Object.keys(fields).length > 0) {
      const error = fault(
        "conflict",
        "somebody changed the same fields since you began",
        "Choose what is to stay.",
      );
      throw { ...error, base: baseOf(file.card), fields };
    }
    const refused = refusal(this.#meta, file, command);
    if (refused !== null) throw refused;
    const closed = command.set.status === "closed" ? new Date(this.#now()).toISOString() : null;
    const done = this.#change(command.id, (before) => {
      const after = withFields(before, command);
      return "status" in command.set ? { ...after, card: { ...after.card, closed_at: closed } } : after;
    });
    return { ...done, merged };
  }

  #change(id: string, make: (file: File) => File): Done {
    const before = this.#files.get(id);
    const { card, rest } = make(before);
    const after = this.#files.put(card, rest);
    this.#core.patch({ [`card:${id}`]: after });
    const undo = this.#keep(() => {
      const now = this.#files.get(id);
      if (now.card.content !== after.content) throw this.#fought(id, before, after);
      return this.#change(id, () => before);
    });
    const { description, dependencies, comments, custom } = rest;
    const issue = { ...after, description, dependencies, comments, custom };
    return { id, base: baseOf(after), issue, undo };
  }

  #fought(id: string, mine: File, base: File["card"]): unknown {
    const { card } = this.#files.get(id);
    const error = fault("conflict", "somebody changed it since", "Choose what is to stay.");
    const sides = { base: base.title, theirs: card.title, mine: mine.card.title };
    return { ...error, base: baseOf(card), fields: { title: sides } };
  }

  #rest({ rest }: File, command: About): File["rest"] {
    const at = new Date(this.#now()).toISOString();
    const known = (id: string) => {
      if (!rest.comments.some((comment) => comment.id === id))
        throw fault("not_found", `there is no comment \`${id}\``);
      return id;
    };
    switch (command.type) {
      case "comment": {
        if (command.text.trim() === "") throw fault("invalid", "the comment is empty", "Say something.");
        const comment = {
          id: `new-${++this.#made}`,
          author: ME,
          agent: null,
          created_at: at,
          text: command.text,
        };
        return { ...rest, comments: [...rest.comments, comment] };
      }
      case "edit_comment": {
        const id = known(command.comment);
        const text = command.text;
        return { ...rest, comments: rest.comments.map((one) => (one.id === id ? { ...one, text } : one)) };
      }
      case "delete_comment": {
        const id = known(command.comment);
        return { ...rest, comments: rest.comments.filter((one) => one.id !== id) };
      }
      case "add_dependency":
        this.#files.get(command.target);
        return {
          ...rest,
          dependencies: [...rest.dependencies, { target: command.target, type: command.kind }],
        };
      case "remove_dependency": {
        const gone = (one: { target: string; type: string }) =>
          one.target === command.target && one.type === command.kind;
        return { ...rest, dependencies: rest.dependencies.filter((one) => !gone(one)) };
      }
      default:
        return rest;
    }
  }

  #create(issue: Record<string, unknown>): Done {
    const title = String(issue.title ?? "").trim();
    if (title === "") throw fault("invalid", "the title is empty", "Give it one.");
    const taken = this.#cards.find((card) => card.title.toLowerCase() === title.toLowerCase());
    if (taken !== undefined)
      throw fault(
        "rule",
        `duplicate title: "${title}" already exists as \`${taken.key}\``,
        "Choose another title.",
      );
    const id = `hsy-${contentOf(title, String(++this.#made))}`;
    const text = (name: string) => (typeof issue[name] === "string" ? String(issue[name]) : null);
    const at = new Date(this.#now()).toISOString();
    const card: Card = {
      ...NEW_CARD,
      id,
      key: id.slice(0, 10),
      title,
      type: text("type") ?? "task",
      status: this.#meta.projects[0]?.initial.status ?? "open",
      priority: typeof issue.priority === "number" ? issue.priority : 2,
      assignee: text("assignee"),
      parent: text("parent"),
      labels: Array.isArray(issue.labels) ? issue.labels.map(String) : [],
      source: issue.source === "local" ? "local" : "shared",
      created_at: at,
      rank: at,
    };
    const rest = { ...sampleRest(card), description: text("description") ?? "", custom: {} };
    const after = this.#files.put(card, rest);
    this.#core.patch({ [`card:${id}`]: after });
    return { id, base: baseOf(after), issue: after, undo: this.#keep(() => this.#delete(id, false)) };
  }

  #delete(id: string, descendants: boolean): Done {
    const gone = this.#below(this.#files.get(id).card);
    if (gone.length > 1 && !descendants)
      throw fault("rule", `\`${id}\` has children`, "Delete them with it, or give them another parent.");
    const units = Object.fromEntries(gone.map((card) => [`card:${card.id}`, card]));
    this.#core.patch({}, Object.keys(units));
    const undo = this.#keep(() => {
      this.#core.patch(units);
      return { id, undo: this.#keep(() => this.#delete(id, true)) };
    });
    return { id, undo };
  }

  #undo(token: string): Done {
    const inverse = this.#inverses.get(token);
    if (inverse === undefined)
      throw fault(
        "not_found",
        "there is nothing to take back any more",
        "It was taken back already, or is too long ago.",
      );
    const done = inverse();
    this.#inverses.delete(token);
    return done;
  }

  #below(card: Card): Card[] {
    return [
      card,
      ...this.#cards.filter((other) => other.parent === card.id).flatMap((other) => this.#below(other)),
    ];
  }

  #keep(inverse: Inverse): string {
    const token = `undo-${++this.#made}`;
    this.#inverses.set(token, inverse);
    return token;
  }

  get #cards(): Card[] {
    return Object.values(this.#core.board).filter((unit): unit is Card => unit.kind === "card");
  }

  get #meta(): Meta {
    const { meta } = this.#core.board;
    return meta?.kind === "meta" ? meta : META;
  }
}

/** Another value for each of the fields that are about to be set. */
function theirsFor(command: SetFields): Record<string, unknown> {
  const other: Readonly<Record<string, unknown>> = {
    title: "Watch the directory, and match names afterwards",
    description: "A watcher on a file loses it.\n\nAn agent wrote this line while you were writing yours.",
    status: command.set.status === "blocked" ? "open" : "blocked",
    priority: command.set.priority === 0 ? 1 : 0,
    assignee: "codex-3",
    type: command.set.type === "chore" ? "bug" : "chore",
    parent: null,
  };
  return Object.fromEntries(Object.keys(command.set).map((field) => [field, other[field] ?? "theirs"]));
}
