// Choices as they are shown while they are on their way, on a core that says late what it has kept.
import { expect, test } from "vitest";
import type { Settings, SettingsUnit, Theme } from "../wire/generated";
import type { Session } from "./session.svelte";
import { Choices } from "./settings.svelte";

function unit(theme: Theme): SettingsUnit {
  return { me: [], path: null, settings: { appearance: { theme } } as Settings, trouble: null };
}

test("a_choice_whose_word_came_late_does_not_come_back_once_a_later_one_is_kept", async () => {
  let live = $state.raw({ settings: unit("system"), inbox: null });
  const session = {
    get live() {
      return live;
    },
    clock: { now: 0 },
    command: async () => ({}),
  };
  const choices = new Choices(session as unknown as Session);
  await choices.change({ appearance: { theme: "light" } }, "theme");
  expect(choices.value?.appearance.theme).toBe("light");
  const sent = choices.change({ appearance: { theme: "dark" } }, "theme");
  live = { settings: unit("dark"), inbox: null };
  await sent;
  expect(choices.value?.appearance.theme).toBe("dark");
});
