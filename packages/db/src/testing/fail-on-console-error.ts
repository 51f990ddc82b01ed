import { afterEach, beforeEach, type MockInstance, vi } from "vitest";

// An error that is only printed is an error nobody sees: a test that prints one fails. A test that means to provoke one
// says so: `vi.spyOn(console, "error").mockImplementation(() => {})` takes the place of this spy's work.

let printed: unknown[][] = [];
let spy: MockInstance<typeof console.error>;

beforeEach(() => {
  printed = [];
  spy = vi.spyOn(console, "error").mockImplementation((...args: unknown[]) => {
    printed.push(args);
  });
});

afterEach(() => {
  spy.mockRestore();
  if (printed.length === 0) return;
  const texts = printed.map((args) => args.map(String).join(" "));
  throw new Error(`console.error was called:\n${texts.join("\n")}`);
});
