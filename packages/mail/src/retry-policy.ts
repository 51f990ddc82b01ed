import { DAY_MS, HOUR_MS, SECOND_MS } from "@guildhall/shared";

/** A mail that nobody took within this time is given up, in milliseconds. */
export const GIVE_UP_AFTER_MS = DAY_MS;

const FIRST_DELAY_MS = 10 * SECOND_MS;
const LONGEST_DELAY_MS = 6 * HOUR_MS;

/** How long after the failed attempt of this number (1 is the first) the next one comes, in milliseconds: thrice as long each time. */
export function retryDelayMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 3 ** (attempt - 1));
}
