// Telling a wire error from any other thrown thing, and making one where the browser itself failed.
// Wording for people does not belong here. Nobody matches on a message; only `code` decides.
import type { ErrorCode, WireError } from "./generated";

export function isWireError(value: unknown): value is WireError {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Partial<WireError>;
  return typeof candidate.code === "string" && typeof candidate.message === "string";
}

export function fault(code: ErrorCode, message: string, hint?: string): WireError {
  return hint === undefined ? { code, message } : { code, message, hint };
}

/** Whatever was thrown, as a wire error, so that every door's failures are shown the same way. */
export function asWireError(thrown: unknown): WireError {
  if (isWireError(thrown)) return thrown;
  if (thrown instanceof Error) return fault("internal", thrown.message);
  return fault("internal", String(thrown));
}
