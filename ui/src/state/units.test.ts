// The vectors are shared with the core, which is tested against the same file.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { Tag, Unit } from "../wire/generated";
import { Units, type BoardMessage } from "./units";

interface Vector {
  name: string;
  board: Record<string, Unit>;
  tag: Tag | null;
  message: BoardMessage;
  expect: { board: Record<string, Unit>; tag: Tag } | "resync";
}

const file = path.resolve(import.meta.dirname, "../../../tests/vectors/patches.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

function unitsOf(vector: Vector): Units {
  const units = new Units();
  for (const [key, unit] of Object.entries(vector.board)) units.map.set(key, unit);
  units.tag = vector.tag;
  return units;
}

test.each(vectors)("vector $name", (vector) => {
  const units = unitsOf(vector);
  const result = units.apply(vector.message);
  const wanted = vector.expect === "resync" ? { board: vector.board, tag: vector.tag } : vector.expect;
  expect(result === "resync").toBe(vector.expect === "resync");
  expect(Object.fromEntries(units.map)).toEqual(wanted.board);
  expect(units.tag).toBe(wanted.tag);
});

test("a_full_board_names_only_what_differs_and_keeps_the_rest_as_it_was", () => {
  const units = new Units();
  const one = { kind: "card", title: "One" } as unknown as Unit;
  units.apply({ type: "board_full", to: "t1", board: { a: one }, live: {} });
  const again = structuredClone(one);
  const two = { kind: "card", title: "Two" } as unknown as Unit;
  const result = units.apply({ type: "board_full", to: "t2", board: { a: again, b: two }, live: {} });
  expect(result).toEqual({ news: true, changes: [{ key: "b", before: null, after: two }] });
  expect(units.map.get("a"), "an unchanged unit keeps its identity").toBe(one);
});
