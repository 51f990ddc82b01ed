import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { type Algorithm, hash, parseOptions, verify } from "@node-rs/argon2";
import { normalizePassword } from "./password-policy.ts";
import { createWorkQueue, type WorkQueueLimits } from "./work-queue.ts";

/** What one hash costs. OWASP's choice for argon2id: 19 MiB, 2 passes, 1 lane. */
export interface HashCost {
  memoryKib: number;
  passes: number;
  lanes: number;
}

export interface PasswordHasher {
  /** Hashes for storing (PHC string). @throws DomainError("overloaded") when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Compares with what is stored. Null stands for an unknown person and costs as much work as a known one, so that the
   * time of the answer does not tell which it was. @throws DomainError("overloaded") when too many wait.
   */
  verify(storedHash: string | null, password: string): Promise<boolean>;
  /** Says whether a stored hash was made at another cost than today's. */
  needsRehash(storedHash: string): boolean;
}

export interface PasswordHasherOptions {
  cost?: HashCost;
  queue?: WorkQueueLimits;
}

const COST: HashCost = { memoryKib: 19_456, passes: 2, lanes: 1 };
// Ambient const enums cannot be read when types are merely stripped; 2 is their Argon2id.
const ARGON2ID = 2 as Algorithm.Argon2id;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

// libuv has four threads, which also serve files and names: hashing leaves some free, and a core for the event loop.
const QUEUE: WorkQueueLimits = { maxRunning: Math.max(1, Math.min(3, availableParallelism() - 1)), maxWaiting: 64 };

/** argon2id on libuv's threads, off the main one, behind a bounded queue. Options are for tests and small machines. */
export function createPasswordHasher({ cost = COST, queue = QUEUE }: PasswordHasherOptions = {}): PasswordHasher {
  const work = createWorkQueue(queue);
  const options = {
    algorithm: ARGON2ID,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.lanes,
    outputLen: HASH_BYTES,
  };
  const dummyHash = makeDummyHash(cost);
  return {
    hash: (password) => work.run(() => hash(normalizePassword(password), options)),
    verify: (storedHash, password) =>
      work.run(async () => {
        const isKnown = storedHash !== null && isArgon2id(storedHash);
        const matches = await verify(isKnown ? storedHash : dummyHash, normalizePassword(password));
        return isKnown && matches;
      }),
    needsRehash(storedHash) {
      if (!isArgon2id(storedHash)) return true;
      const { memoryCost, timeCost, parallelism } = parseOptions(storedHash);
      return memoryCost !== cost.memoryKib || timeCost !== cost.passes || parallelism !== cost.lanes;
    },
  };
}

/** Accounts without a password (made by an import, say) store something that is no hash. */
function isArgon2id(storedHash: string): boolean {
  return storedHash.startsWith("$argon2id$");
}

/** The hash of no password: random bytes in place of a digest. Checking against it takes the same work. */
function makeDummyHash({ memoryKib, passes, lanes }: HashCost): string {
  const [salt, digest] = [SALT_BYTES, HASH_BYTES].map((bytes) =>
    randomBytes(bytes).toString("base64").replace(/=+$/, ""),
  );
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${salt}$${digest}`;
}
