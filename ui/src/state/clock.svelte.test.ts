// When the clock ticks, and when it does not.
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Clock } from "./clock.svelte";

const NOW = Date.parse("2026-01-02T03:04:05Z");

function show(hidden: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => vi.useFakeTimers({ now: NOW, toFake: ["setInterval", "clearInterval", "Date"] }));
afterEach(() => {
  Reflect.deleteProperty(document, "hidden");
  vi.useRealTimers();
});

test("however_many_ages_are_shown_there_is_one_timer_and_none_while_nobody_sees_the_page", async () => {
  const clock = new Clock();
  const seen: number[] = [];
  const stop = $effect.root(() => {
    for (let age = 0; age < 3; age++)
      $effect(() => {
        seen[age] = clock.around(NOW - 12_000);
      });
  });
  flushSync();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  flushSync();
  expect(seen).toEqual(Array(3).fill(NOW + 1000));
  show(true);
  expect(vi.getTimerCount(), "while hidden").toBe(0);
  vi.setSystemTime(NOW + 20_000);
  show(false);
  flushSync();
  expect(seen, "at once when it is seen again").toEqual(Array(3).fill(NOW + 20_000));
  expect(vi.getTimerCount()).toBe(1);
  stop();
  await Promise.resolve();
  expect(vi.getTimerCount(), "when nothing shows an age").toBe(0);
});

test("an_age_that_is_told_in_minutes_does_not_tick_every_second", () => {
  const clock = new Clock();
  let times = 0;
  const stop = $effect.root(() => {
    $effect(() => {
      clock.around(NOW - 3_600_000);
      times += 1;
    });
  });
  flushSync();
  vi.advanceTimersByTime(14_000);
  flushSync();
  expect(times).toBe(1);
  stop();
});

test("ages_count_against_the_time_of_the_core", () => {
  const clock = new Clock();
  clock.align(new Date(NOW - 86_400_000).toISOString());
  expect(clock.around(NOW)).toBe(NOW - 86_400_000);
  clock.align(new Date(NOW - 300).toISOString());
  expect(clock.around(NOW), "a message's way is no difference").toBe(NOW);
});
