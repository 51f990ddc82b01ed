import { hash } from "node:crypto";
import { type Clock, isDomainError } from "@guildhall/shared";
import { type ApiKeyActor, LAST_USED_RESOLUTION_MS } from "./check-api-key.ts";

/** The keys of programs: read for every request that is answered on their word, recalled for those that prove it later. */
export interface ApiKeys {
  /** Reads whom a key acts for, now. @throws invalid_api_key, overloaded */
  check(key: string): Promise<ApiKeyActor>;
  /**
   * Whom the key acted for when it was last read; undefined when that is not known. It may have been revoked since, so this gives
   * no authority: only for what is checked again in the transaction that it leads to (readRefusedKeys).
   */
  recall(key: string): ApiKeyActor | undefined;
  /** For a key that was refused after it was recalled. */
  forget(key: string): void;
}

interface Memory {
  actor: ApiKeyActor;
  readAtMs: number;
}

/** Keys that are remembered at most; the one that was read longest ago goes first. */
const REMEMBERED = 10_000;

/**
 * Makes the keys of one process over their check. Only hashes of keys are kept. A key in use is read again every minute, beside
 * its requests: that notes its last use.
 */
export function createApiKeyMemory(checkApiKey: (key: string) => Promise<ApiKeyActor>, clock: Clock): ApiKeys {
  const memories = new Map<string, Memory>();

  async function check(key: string): Promise<ApiKeyActor> {
    try {
      const actor = await checkApiKey(key);
      remember(key, { actor, readAtMs: clock.now().getTime() });
      return actor;
    } catch (error) {
      if (isDomainError(error) && error.code === "invalid_api_key") forget(key);
      throw error;
    }
  }

  function remember(key: string, memory: Memory): void {
    const name = nameOf(key);
    memories.delete(name);
    if (memories.size >= REMEMBERED) memories.delete(memories.keys().next().value as string);
    memories.set(name, memory);
  }

  function forget(key: string): void {
    memories.delete(nameOf(key));
  }

  return {
    check,
    forget,
    recall(key) {
      const memory = memories.get(nameOf(key));
      if (!memory) return undefined;
      const nowMs = clock.now().getTime();
      if (nowMs - memory.readAtMs >= LAST_USED_RESOLUTION_MS) {
        memory.readAtMs = nowMs; // So that one of many reads it.
        check(key).catch(() => {}); // A refusal is forgotten by then; whatever else failed, the transaction decides.
      }
      return memory.actor;
    },
  };
}

/** A secret is not kept where a dump of the memory shows it. */
function nameOf(key: string): string {
  return hash("sha256", key, "base64");
}
