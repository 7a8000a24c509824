// What the UI is linted for: types, Svelte, the order of the layers, cycles, and the size of a file.
// Formatting is prettier's and is not repeated here.
import path from "node:path";
import globals from "globals";
import svelte from "eslint-plugin-svelte";
import tseslint from "typescript-eslint";
import cycles from "./lint/cycles.js";
import layers from "./lint/layers.js";
import svelteConfig from "./svelte.config.js";

const lines = (max) => ["error", { max, skipBlankLines: true, skipComments: true }];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/wire/generated.ts"] },
  ...tseslint.configs.strict,
  ...svelte.configs["flat/recommended"],
  {
    plugins: { hearsay: { rules: { layers, cycles } } },
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "hearsay/layers": "error",
      "hearsay/cycles": "error",
      "max-lines": lines(400),
      "no-console": "error",
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, extraFileExtensions: [".svelte"], svelteConfig },
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    // A collection that lives for one call, or that nothing shown reads, needs no reactivity.
    rules: { "svelte/prefer-svelte-reactivity": "off" },
  },
  {
    files: ["**/*.svelte"],
    rules: {
      "max-lines": lines(300),
      // Only the component for server-sanitised prose may, and it says so itself.
      "svelte/no-at-html-tags": "error",
    },
  },
  {
    files: ["*.js", "*.ts", "lint/*.js"],
    languageOptions: { globals: { ...globals.node }, parserOptions: { tsconfigRootDir: path.resolve(".") } },
  },
);
