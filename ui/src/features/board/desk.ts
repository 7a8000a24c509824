// What the board's parts share besides the board itself: what is selected, what is carried, what is being written.
import type { Drafts } from "../../state/drafts.svelte";
import type { Held, HeldBack } from "../../state/held-back";
import type { Versions } from "../../state/versions.svelte";
import type { Writes } from "../../state/writes.svelte";
import type { Carry } from "./carry.svelte";
import type { Selection } from "./selection.svelte";

export interface Desk {
  readonly carry: Carry;
  readonly selection: Selection;
  readonly writes: Writes;
  readonly drafts: Drafts;
  readonly held: HeldBack;
  readonly versions: Versions;
}

/** How a card stands out among others. */
export interface Marks {
  selected: boolean;
  /** On its way to another column. */
  lifted: boolean;
  /** A write of it is under way. */
  busy: boolean;
  /** Something of it is typed or chosen and not written. */
  drafted: boolean;
  /** What keeps it from being written; null where nothing does. */
  held: Held | null;
  /** The fields of which the draft is one version and the file has another. */
  versions: readonly string[];
}
