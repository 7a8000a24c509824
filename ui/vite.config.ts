// How the UI is built, served while developing, and tested.
// The base is relative because the same files are served from `hear serve` and from inside the desktop binary.
// Nothing is inlined as a script, because both doors send a content security policy without 'unsafe-inline' scripts.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: {
    target: "safari16",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { "/api": "http://127.0.0.1:4870" },
  },
  // Without the browser condition vitest would load Svelte's server build, which cannot mount.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
  },
});
