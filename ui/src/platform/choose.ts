// Which host the UI runs in, decided once at start.
// Each implementation is loaded only where it is used, so that a browser gets no desktop code and nobody gets samples.
import type { Platform } from "./types";

export async function choosePlatform(window: Window): Promise<Platform> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri/tauri")).tauriPlatform();
  const parameters = new URLSearchParams(window.location.search);
  if (parameters.has("fake")) return (await import("./fake/fake")).fakePlatform(parameters);
  return (await import("./http/http")).httpPlatform(window);
}
