import { type Clock, DomainError, HOUR_MS, MINUTE_MS, SECOND_MS } from "@guildhall/shared";
import { type AttemptLimiter, type AttemptRate, createAttemptLimiter } from "./attempt-limiter.ts";
import { networkOf } from "./network-address.ts";

/** One attempt that was let through. */
export interface Attempt {
  /**
   * The password was right, or was not looked at: this attempt does not count. Earlier ones still do, for the account as
   * for the address, so an attacker's own account buys no further guesses.
   */
  takeBack(): Promise<void>;
}

/** Decides who may try, before any password is hashed. Promises, so that many servers can share one count later. */
export interface LoginLimits {
  /**
   * Counts an attempt to sign in. @throws DomainError("too_many_attempts") with retryAfterSeconds; a refused attempt
   * counts nothing, so waiting always helps.
   */
  beginSignIn(who: { email: string; address: string }): Promise<Attempt>;
  /** Counts a sign-in by passkey being begun. @throws DomainError("too_many_attempts") with retryAfterSeconds. */
  beginPasskey(who: { address: string }): Promise<void>;
  /** Counts a link being asked for that sets a new password. @throws DomainError("too_many_attempts") likewise. */
  beginReset(who: { email: string; address: string }): Promise<void>;
  /** Counts an account being made. @throws DomainError("too_many_attempts") with retryAfterSeconds. */
  beginSignUp(who: { address: string }): Promise<void>;
  /** Counts a person asking who has an address. @throws DomainError("too_many_attempts") with retryAfterSeconds. */
  beginLookup(who: { userId: string }): Promise<void>;
}

/** How fast attempts may come. */
export interface LoginRates {
  /** One account from one network: a person who has forgotten their password. */
  accountFromAddress: AttemptRate;
  /** One account from everywhere: many machines at one account. Wide, so that strangers can hardly lock a person out. */
  account: AttemptRate;
  /** One network at any accounts: a list of leaked passwords. Wide enough for an office behind one address. */
  address: AttemptRate;
  /** Accounts made from one network. */
  signUp: AttemptRate;
  /** Links to a new password asked for from one network, for one address and for any. */
  resetOfAccount: AttemptRate;
  reset: AttemptRate;
  /** Sign-ins by passkey begun from one network: each costs a row. */
  passkey: AttemptRate;
  /** Addresses whose owners one person asks for: a list of addresses must not become a list of names. */
  lookup: AttemptRate;
}

export const LOGIN_RATES: LoginRates = {
  accountFromAddress: { burst: 10, refillMs: 90 * SECOND_MS },
  account: { burst: 50, refillMs: 30 * SECOND_MS },
  address: { burst: 100, refillMs: 10 * SECOND_MS },
  signUp: { burst: 100, refillMs: HOUR_MS / 100 },
  resetOfAccount: { burst: 5, refillMs: 10 * MINUTE_MS },
  reset: { burst: 50, refillMs: MINUTE_MS },
  passkey: { burst: 100, refillMs: 5 * SECOND_MS },
  lookup: { burst: 30, refillMs: 2 * MINUTE_MS },
};

export interface LoginLimitsOptions {
  clock: Clock;
  rates?: Partial<LoginRates>;
}

type Count = [limiter: AttemptLimiter, key: string];

/** Limits of this process, in memory: a restart forgets them, and each of several servers counts for itself. */
export function createLoginLimits({ clock, rates = {} }: LoginLimitsOptions): LoginLimits {
  const chosen = { ...LOGIN_RATES, ...rates };
  const accountFromAddress = createAttemptLimiter(clock, chosen.accountFromAddress);
  const account = createAttemptLimiter(clock, chosen.account);
  const address = createAttemptLimiter(clock, chosen.address);
  const signUp = createAttemptLimiter(clock, chosen.signUp);
  const resetOfAccount = createAttemptLimiter(clock, chosen.resetOfAccount);
  const reset = createAttemptLimiter(clock, chosen.reset);
  const passkey = createAttemptLimiter(clock, chosen.passkey);
  const lookup = createAttemptLimiter(clock, chosen.lookup);
  return {
    async beginSignIn({ email, address: from }) {
      const network = networkOf(from);
      const counts: Count[] = [
        [accountFromAddress, `${network} ${email}`],
        [account, email],
        [address, network],
      ];
      takeAll(counts);
      return {
        async takeBack() {
          for (const [limiter, key] of counts) limiter.giveBack(key);
        },
      };
    },
    async beginPasskey({ address: from }) {
      takeAll([[passkey, networkOf(from)]]);
    },
    async beginReset({ email, address: from }) {
      const network = networkOf(from);
      takeAll([
        [resetOfAccount, `${network} ${email}`],
        [reset, network],
      ]);
    },
    async beginSignUp({ address: from }) {
      takeAll([[signUp, networkOf(from)]]);
    },
    async beginLookup({ userId }) {
      takeAll([[lookup, userId]]);
    },
  };
}

/** All or none: an attempt refused by one count is not counted by the others. */
function takeAll(counts: readonly Count[]): void {
  const waitMs = Math.max(...counts.map(([limiter, key]) => limiter.waitMs(key)));
  if (waitMs > 0) throw tooManyAttempts(waitMs);
  for (const [limiter, key] of counts) limiter.take(key);
}

/** The refusal of an attempt that comes too early: says how long to wait. */
export function tooManyAttempts(waitMs: number): DomainError {
  const retryAfterSeconds = Math.ceil(waitMs / SECOND_MS);
  return new DomainError("too_many_attempts", { retryAfterSeconds }, `Too many attempts. Try again in ${say(waitMs)}.`);
}

function say(waitMs: number): string {
  const [count, unit] =
    waitMs > MINUTE_MS ? [Math.ceil(waitMs / MINUTE_MS), "minute"] : [Math.ceil(waitMs / SECOND_MS), "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
