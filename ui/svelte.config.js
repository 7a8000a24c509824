// How Svelte components are compiled, for Vite, svelte-check and the editor alike.
// Runes are forced on, so a component cannot slip back into the legacy reactivity.
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
};
