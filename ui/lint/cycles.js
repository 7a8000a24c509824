// An ESLint rule that refuses cycles of imports within src/, type imports included.
// It reads the import lines of files as text, which is enough because every import here is relative and literal.
// Invariant: a file's imports are read again when the file changed, so that an editor's long-lived ESLint stays right.
import fs from "node:fs";
import path from "node:path";

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"']*?["'](\.[^"']+)["']|\bimport\(\s*["'](\.[^"']+)["']\s*\)/g;
const ENDINGS = ["", ".ts", ".js", "/index.ts"];
const read = new Map();

function resolve(from, specifier) {
  const base = path.resolve(path.dirname(from), specifier);
  return ENDINGS.map((ending) => base + ending).find((file) =>
    fs.statSync(file, { throwIfNoEntry: false })?.isFile(),
  );
}

function importsOf(file) {
  const { mtimeMs } = fs.statSync(file);
  const known = read.get(file);
  if (known?.mtimeMs === mtimeMs) return known.imports;
  const imports = [...fs.readFileSync(file, "utf8").matchAll(IMPORT)]
    .map((match) => resolve(file, match[1] ?? match[2]))
    .filter((target) => target !== undefined && /\.(ts|js|svelte)$/.test(target));
  read.set(file, { mtimeMs, imports });
  return imports;
}

/** The way back from `start` to `goal`, goal included, or null where there is none. */
function wayBack(start, goal) {
  const before = new Map([[start, null]]);
  for (const file of before.keys()) {
    if (file === goal) return chain(before, file);
    for (const next of importsOf(file)) if (!before.has(next)) before.set(next, file);
  }
  return null;
}

function chain(before, last) {
  const files = [];
  for (let file = last; file !== null; file = before.get(file)) files.unshift(path.basename(file));
  return files;
}

export default {
  meta: { type: "problem", schema: [], messages: { cycle: "This import closes a cycle: {{way}}." } },
  create(context) {
    const look = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
      const target = resolve(context.filename, specifier);
      if (target === undefined || !/\.(ts|js|svelte)$/.test(target)) return;
      const way = wayBack(target, context.filename);
      if (way === null) return;
      const data = { way: [path.basename(context.filename), ...way].join(" → ") };
      context.report({ node, messageId: "cycle", data });
    };
    return {
      ImportDeclaration: look,
      ImportExpression: look,
      ExportNamedDeclaration: look,
      ExportAllDeclaration: look,
    };
  },
};
