import { afterEach, beforeEach, vi } from "vitest";

// An error that is only printed is an error nobody sees: a test that prints one fails. A test that means to provoke one
// says so: `vi.spyOn(console, "error").mockImplementation(() => {})` replaces this spy.

let printed: unknown[][] = [];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, "error").mockImplementation((...args: unknown[]) => {
    printed.push(args);
  });
});

afterEach(() => {
  const unexpected = printed;
  printed = [];
  vi.restoreAllMocks();
  if (unexpected.length > 0) {
    throw new Error(`console.error was called: ${unexpected.map((args) => args.map(String).join(" ")).join("\n")}`);
  }
});
