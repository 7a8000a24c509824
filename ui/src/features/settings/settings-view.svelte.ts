// What the settings keep while the person looks elsewhere: rules that are typed and not saved, and what they would come to.
// What is saved belongs to the core.
// Invariants: what is typed is kept until it is saved or thrown away; an answer about other rules than those that stand there
// is dropped.
import type { Platform } from "../../platform/types";
import type { Choices } from "../../state/settings.svelte";
import { asWireError } from "../../wire/fault";
import type { Trial, WireError } from "../../wire/generated";

const LULL = 350;
export const RULES = "notifications/rules";

export class SettingsView {
  readonly #platform: Platform;
  readonly choices: Choices;
  /** The rules as they are typed; null where they are as saved. */
  draft = $state<string | null>(null);
  trial = $state.raw<Trial | null>(null);
  error = $state.raw<WireError | null>(null);
  trying = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(platform: Platform, choices: Choices) {
    this.#platform = platform;
    this.choices = choices;
  }

  get rules(): string {
    return this.draft ?? this.choices.value?.notifications.rules ?? "";
  }

  type(text: string): void {
    this.draft = text === this.choices.value?.notifications.rules ? null : text;
    this.choices.failures.delete(RULES);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.try(), LULL);
  }

  async try(): Promise<void> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    this.trying = true;
    try {
      const trial = await this.#platform.tryRules(this.rules);
      if (asked !== this.#asked) return;
      this.trial = trial;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asWireError(thrown);
    } finally {
      if (asked === this.#asked) this.trying = false;
    }
  }

  async save(): Promise<void> {
    const { draft } = this;
    if (draft === null) return;
    const saved = await this.choices.change({ notifications: { rules: draft } }, RULES);
    if (saved && this.draft === draft) this.draft = null;
    if (saved) void this.try();
  }

  discard(): void {
    this.draft = null;
    this.error = null;
    this.choices.failures.delete(RULES);
    void this.try();
  }
}
