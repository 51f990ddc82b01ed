import {
  type AcceptUse,
  type ApiKeyActor,
  type ApiKeys,
  type ReportedUsage,
  readReportedUsage,
} from "@guildhall/api/server";
import { type DomainError, isDomainError } from "@guildhall/shared";
import { readBearerKey } from "./bearer-key.ts";
import { requestIdFrom } from "./request-log.ts";
import { toRefusal } from "./rest-errors.ts";
import { writeUsage } from "./rest-usage-items.ts";
import type { UsageRoom } from "./usage-room.ts";

export interface ShortUseOptions {
  apiKeys: ApiKeys;
  acceptUse: AcceptUse;
  /** The room that single uses share, whichever way they take. */
  singleUses: UsageRoom;
}

/** What is known of a request before its body has come. */
export interface Begun {
  key: string;
  actor: ApiKeyActor;
  requestId: string;
  startedMs: number;
}

/** What the head of a request says. */
export interface UseHead {
  authorization: string | undefined;
  requestId: string | undefined;
}

/** An answer: its headers are names and values one after the other, beside those that every answer to a program has. */
export interface ShortAnswer {
  status: number;
  headers: readonly string[];
  text: string;
}

/** What the short ways of a reported use have in common, whoever reads the request. */
export interface ShortUse {
  /** Undefined unless the key is one that is known and may report uses. `recall` is the connection's, where it has one. */
  begin(head: UseHead, recall?: ApiKeys["recall"]): Begun | undefined;
  /** Charges what a body reports; undefined where the normal way has to answer. Never rejects. */
  charge(begun: Begun, body: Buffer): Promise<ShortAnswer | undefined>;
}

const NOT_HERE = Promise.resolve(undefined);

/**
 * Makes the short way of a use: a known key, a valid report of a new use that the wallet can pay. It refuses nothing itself, but for
 * being busy: of whatever turns out to be anything else nothing was charged that the normal way would not answer in full under the
 * report's own key.
 *
 * The API key is recalled, not read. The transaction that charges the use refuses it if the key may not spend by then, so authority
 * is read after all, once for a whole batch of uses.
 */
export function createShortUse({ apiKeys, acceptUse, singleUses }: ShortUseOptions): ShortUse {
  function chargeReported(begun: Begun, reported: ReportedUsage): Promise<ShortAnswer | undefined> {
    const { organizationId } = begun.actor;
    try {
      singleUses.enter(organizationId, 1);
    } catch {
      return NOT_HERE; // Who is refused for want of room learns it after their key was read.
    }
    return acceptUse(begun.actor, reported).then(
      (recorded) => {
        singleUses.leave(organizationId, 1);
        return recorded && { status: 201, headers: [], text: writeUsage(recorded) };
      },
      (error) => {
        singleUses.leave(organizationId, 1);
        return answerRefusal(error, begun);
      },
    );
  }

  function answerRefusal(error: unknown, { key, requestId }: Begun): ShortAnswer | undefined {
    if (!isDomainError(error)) return undefined;
    if (error.code === "overloaded") return refuse(error, requestId);
    // The other way reads the key, and what it reads is remembered again.
    if (error.code === "invalid_api_key" || error.code === "organization_inactive") apiKeys.forget(key);
    return undefined;
  }

  return {
    begin({ authorization, requestId }, recall = apiKeys.recall) {
      const key = readBearerKey(authorization);
      const actor = recall(key);
      // A key's scopes never change, so what is remembered of them is exact. Who lacks this one is told so on the other way.
      if (!actor?.scopes.includes("usage:write")) return undefined;
      return { key, actor, requestId: requestIdFrom(requestId), startedMs: performance.now() };
    },
    charge(begun, body) {
      const reported = readReport(body);
      return reported ? chargeReported(begun, reported) : NOT_HERE;
    },
  };
}

function readReport(body: Buffer): ReportedUsage | undefined {
  try {
    const read = readReportedUsage(JSON.parse(body.toString()));
    return "reported" in read ? read.reported : undefined;
  } catch {
    return undefined;
  }
}

function refuse(refusal: DomainError, requestId: string): ShortAnswer {
  const { status, headers, body } = toRefusal(refusal, requestId);
  return { status, headers: Object.entries(headers).flat(), text: JSON.stringify(body) };
}
