// Everything that changes issues, put together for one window: what is written, drafted, edited, selected and carried, and
// which dialog is up.
// What each of them does lives with it.
// Invariant: another repository starts with nothing selected, carried or open.
import type { BoardView } from "../features/board/board-view.svelte";
import { Carry } from "../features/board/carry.svelte";
import type { Desk } from "../features/board/desk";
import { Selection } from "../features/board/selection.svelte";
import { Editing } from "../features/issue/edit/editing.svelte";
import { NewIssue } from "../features/issue/edit/new-issue.svelte";
import type { Inspector } from "../features/issue/inspector.svelte";
import { CardEdits, descendants } from "../state/card-edits.svelte";
import type { Drafts } from "../state/drafts.svelte";
import type { Placed } from "../state/lanes";
import { HeldBack } from "../state/held-back";
import { nextMove } from "../state/moves";
import type { Session } from "../state/session.svelte";
import type { Steps } from "../state/steps";
import { Versions } from "../state/versions.svelte";
import { Writes } from "../state/writes.svelte";

/** What a selection can have done to all of it, and the picker that does it. */
const TOGETHER = new Set(["status", "assignee", "labels"]);

export class Workshop implements Desk {
  readonly #session: Session;
  readonly #view: BoardView;
  readonly #inspector: Inspector;
  readonly drafts: Drafts;
  readonly writes: Writes;
  readonly editing: Editing;
  readonly edits: CardEdits;
  readonly selection: Selection;
  readonly carry: Carry;
  readonly newIssue: NewIssue;
  readonly held: HeldBack;
  readonly versions: Versions;
  creating = $state(false);
  /** Unit keys of what is about to be deleted. */
  deleting = $state.raw<readonly string[]>([]);
  bulkOpen = $state<string | null>(null);

  constructor(session: Session, view: BoardView, inspector: Inspector, drafts: Drafts, steps?: Steps) {
    this.#session = session;
    this.#view = view;
    this.#inspector = inspector;
    this.drafts = drafts;
    this.writes = new Writes(session, steps);
    this.editing = new Editing(session, this.writes, drafts, inspector);
    this.editing.compare = (key) => void this.versions.choose(key);
    this.edits = new CardEdits(session, this.writes, drafts);
    this.held = new HeldBack(session, drafts, this.writes);
    this.versions = new Versions(session, drafts, this.writes, (issue, fields) => {
      for (const field of fields) this.editing.closed(issue, field);
    });
    this.selection = new Selection(session, view);
    this.newIssue = new NewIssue(session, this.writes, drafts);
    this.carry = new Carry(session, (keys, status) => void this.edits.set(keys, "status", status));
  }

  /** Whether a dialog keeps the rest waiting. */
  get modal(): boolean {
    return this.creating || this.deleting.length > 0 || this.writes.conflict !== null;
  }

  useRepository(path: string): void {
    this.drafts.useRepository(path);
    this.writes.useRepository(path);
    this.selection.clear();
    this.carry.cancel();
    this.edits.dismiss();
    this.creating = false;
    this.deleting = [];
  }

  /** Opens a field of the focused card, or the same for all that are selected. */
  edit(field: string, open: (key: string) => void): void {
    if (this.selection.cards.length > 0 && TOGETHER.has(field)) {
      this.bulkOpen = field;
      return;
    }
    const key = this.#view.focused;
    if (key === null) return;
    open(key);
    this.#inspector.tab = "details";
    this.editing.beginSoon(field);
  }

  /** To the legal status beside its own. */
  shift(by: 1 | -1): void {
    const { focused } = this.#view;
    const placed = focused === null ? undefined : this.#session.board.card(focused);
    if (placed === undefined) return;
    const status = nextMove(this.#session.board.meta, placed.card, by);
    if (status !== null) void this.edits.set([placed.key], "status", status);
  }

  /** Raises the choice where the focused card has two versions of something. */
  choose(): void {
    if (this.#view.focused !== null) void this.versions.choose(this.#view.focused);
  }

  doomed(): { chosen: Placed[]; below: Placed[] } {
    const chosen = this.deleting.flatMap((key) => this.#session.board.card(key) ?? []);
    const keys = new Set(chosen.map(({ key }) => key));
    const below = new Map<string, Placed>();
    for (const { card } of chosen)
      for (const one of descendants(this.#session, card)) if (!keys.has(one.key)) below.set(one.key, one);
    return { chosen, below: [...below.values()] };
  }

  async delete(): Promise<void> {
    const keys = this.deleting;
    this.deleting = [];
    await this.edits.delete(keys);
  }
}
