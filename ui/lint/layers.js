// An ESLint rule that keeps the layers of src/ in order: shared < wire < platform < state < features < views.
// A module imports from its own layer's own folder or from a lower layer. What a layer may take from node_modules
// is not decided here, except that the desktop's API belongs to platform/tauri alone.
// Invariant: the rule works on paths only, so it holds for TypeScript and Svelte files alike.
import path from "node:path";

const LAYERS = ["shared", "wire", "platform", "state", "features", "views"];
/** Layers whose folders must not know each other; only the layer's top-level modules may join them. */
const SPLIT = new Set(["platform", "features"]);

function place(file) {
  const parts = file.split(path.sep);
  const root = parts.lastIndexOf("src");
  const inside = root < 0 ? [] : parts.slice(root + 1);
  const layer = LAYERS.indexOf(inside[0] ?? "");
  return { layer, name: inside[0] ?? "", folder: inside.length > 2 ? inside[1] : null };
}

function complaint(from, to) {
  if (from.layer < 0 || to.layer < 0) return null;
  if (to.layer > from.layer) return `${from.name}/ must not import from ${to.name}/, which is above it`;
  const sideways = to.layer === from.layer && SPLIT.has(from.name);
  if (sideways && from.folder && to.folder && from.folder !== to.folder)
    return `${from.name}/${from.folder} must not import from its neighbour ${to.name}/${to.folder}`;
  return null;
}

export default {
  meta: { type: "problem", schema: [], messages: { broken: "{{reason}}." } },
  create(context) {
    const from = place(context.filename);
    const look = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== "string") return;
      if (specifier.startsWith("@tauri-apps/") && !(from.name === "platform" && from.folder === "tauri"))
        context.report({
          node,
          messageId: "broken",
          data: { reason: "only platform/tauri imports @tauri-apps" },
        });
      if (!specifier.startsWith(".")) return;
      const target = path.resolve(path.dirname(context.filename), specifier);
      const reason = complaint(from, place(target));
      if (reason) context.report({ node, messageId: "broken", data: { reason } });
    };
    return {
      ImportDeclaration: look,
      ImportExpression: look,
      ExportNamedDeclaration: look,
      ExportAllDeclaration: look,
    };
  },
};
