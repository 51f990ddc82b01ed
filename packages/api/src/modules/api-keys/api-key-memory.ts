import { hash } from "node:crypto";
import type { Database } from "@guildhall/db";
import { type DomainError, isDomainError } from "@guildhall/shared";
import { BatchedReads } from "../../batched-reads.ts";
import type { Services } from "../../trpc/context.ts";
import { type ApiKeyActor, createApiKeyCheck, LAST_USED_RESOLUTION_MS } from "./check-api-key.ts";
import { readRefusedKeys, type SpendingKey } from "./read-refused-keys.ts";

/** The keys of programs, in three strengths. */
export interface ApiKeys {
  /** Reads whom a key acts for, now. @throws invalid_api_key, overloaded */
  check(key: string): Promise<ApiKeyActor>;
  /**
   * The same authority as of now, at a fraction of the cost for a key that is known: all that ask at a time share one short question.
   * What the organization is called may be a minute old. @throws invalid_api_key, overloaded
   */
  confirm(key: string): Promise<ApiKeyActor>;
  /**
   * Whom the key acted for when it was last read; undefined when that is not known. It may have been revoked since, so this gives
   * no authority: only for what is confirmed again in the transaction that it leads to (readRefusedKeys).
   */
  recall(key: string): ApiKeyActor | undefined;
  /**
   * Makes a `recall` for a connection, on which the same key comes again and again: it is hashed once. That key is kept, as it is
   * written, for as long as what was made here: not longer than the connection.
   */
  recallOften(): ApiKeys["recall"];
  /** For a key that was refused after it was recalled. */
  forget(key: string): void;
}

interface Memory {
  actor: ApiKeyActor;
  readAtMs: number;
}

/** Keys that are remembered at most; the one that was read longest ago goes first. */
const REMEMBERED = 10_000;

/** Makes the keys of one process. A key in use is read again every minute, beside its requests: that notes its last use. */
export function createApiKeys(services: Pick<Services, "db" | "clock" | "log">): ApiKeys {
  const { db, clock } = services;
  const checkApiKey = createApiKeyCheck(services);
  const memories = createMemories();
  const refusals = new BatchedReads<DomainError>({ readMany: (_, pairs) => readRefusals(db, pairs) });

  async function check(key: string): Promise<ApiKeyActor> {
    try {
      const actor = await checkApiKey(key);
      memories.keep(key, { actor, readAtMs: clock.now().getTime() });
      return actor;
    } catch (error) {
      if (isDomainError(error) && error.code === "invalid_api_key") memories.forget(key);
      throw error;
    }
  }

  function recallNamed(name: string, key: string): ApiKeyActor | undefined {
    const memory = memories.find(name);
    if (!memory) return undefined;
    const nowMs = clock.now().getTime();
    if (nowMs - memory.readAtMs >= LAST_USED_RESOLUTION_MS) {
      memory.readAtMs = nowMs; // So that one of many reads it.
      check(key).catch(() => {}); // A refusal is forgotten by then; whatever else failed, the database is asked anyhow.
    }
    return memory.actor;
  }

  const recall = (key: string) => recallNamed(nameOf(key), key);

  function recallOften(): ApiKeys["recall"] {
    let last = "";
    let name = nameOf(last);
    return (key) => {
      if (key !== last) name = nameOf(key);
      last = key;
      return recallNamed(name, key);
    };
  }

  async function confirm(key: string): Promise<ApiKeyActor> {
    const actor = recall(key);
    if (!actor) return check(key);
    const refusal = await refusals.read(EVERYBODY, toPair(actor));
    if (refusal === undefined) return actor.status === "active" ? actor : { ...actor, status: "active" };
    if (refusal.code === "organization_inactive") {
      return { ...actor, status: refusal.details.status as ApiKeyActor["status"] };
    }
    memories.forget(key);
    throw refusal;
  }

  return { check, confirm, recall, recallOften, forget: memories.forget };
}

/** Keys are asked about together, whichever organization is theirs: the answer shows no more than each key's own. */
const EVERYBODY = "";

function toPair({ organizationId, apiKeyId }: SpendingKey): string {
  return `${organizationId} ${apiKeyId}`;
}

async function readRefusals(db: Database, pairs: readonly string[]): Promise<Map<string, DomainError>> {
  const keys = pairs.map((pair): SpendingKey => {
    const [organizationId = "", apiKeyId = ""] = pair.split(" ");
    return { organizationId, apiKeyId };
  });
  const refused = await readRefusedKeys(db.sql, keys);
  return new Map(
    keys.flatMap((key) => {
      const refusal = refused.get(key.apiKeyId);
      return refusal ? [[toPair(key), refusal] as const] : [];
    }),
  );
}

function nameOf(key: string): string {
  return hash("sha256", key, "base64");
}

/** By their hashes: a secret is not kept where a dump of the memory shows it. */
function createMemories() {
  const memories = new Map<string, Memory>();
  return {
    find: (name: string) => memories.get(name),
    keep(key: string, memory: Memory): void {
      const name = nameOf(key);
      memories.delete(name);
      if (memories.size >= REMEMBERED) memories.delete(memories.keys().next().value as string);
      memories.set(name, memory);
    },
    forget(key: string): void {
      memories.delete(nameOf(key));
    },
  };
}
