import type { Bench } from "./bench.ts";

/** One line of the table. */
export interface Figure {
  /** Name on the command line and in the JSON. */
  name: string;
  /** What one run of it tells, in a few words. */
  about: string;
  unit: "times" | "%" | "ms" | "KiB" | "answers";
  better: "higher" | "lower";
  /** What we want, and what must hold. In the figure's unit. */
  goal: number;
  gate: number;
  /**
   * Measures it.
   * @throws Unavailable when a peer is missing; WrongResult when a balance is not exact, which makes the speed worthless
   */
  measure(bench: Bench): Promise<Measured>;
}

export interface Measured {
  value: number;
  /** The absolute numbers behind the value, and what was compared under which conditions. */
  note: string;
}

/** What a figure needs is not here: a peer that is not installed, a file that was not named, a route that does not exist yet. */
export class Unavailable extends Error {
  override name = "Unavailable";
}

/** Something came out wrong, so how fast it came does not matter. */
export class WrongResult extends Error {
  override name = "WrongResult";
}

/** @throws WrongResult */
export function assertExact(what: string, found: bigint | number, expected: bigint | number): void {
  if (BigInt(found) !== BigInt(expected)) throw new WrongResult(`${what} is ${found}, it must be ${expected}.`);
}
