import { describe, expect, test } from "vitest";
import { type AudienceEvent, admit, type Standing } from "./audience-policy.ts";

const member: Standing = { userId: "ada", role: "member", asOf: 10n };

function event(sequence: bigint, more: Partial<AudienceEvent> = {}): AudienceEvent {
  return { sequence, type: "organization.renamed", payload: { name: "x" }, audience: null, ...more };
}

function roleChanged(sequence: bigint, role: string, userId = "ada"): AudienceEvent {
  return event(sequence, { type: "member.role_changed", payload: { userId, role }, audience: ["owner"] });
}

function removed(sequence: bigint, userId = "ada"): AudienceEvent {
  return event(sequence, { type: "member.removed", payload: { userId, name: "Ada" } });
}

/** The sequences that are delivered of a stretch of the log, up to the end of the follower's membership. */
function delivered(start: Standing, events: AudienceEvent[]): bigint[] {
  const sequences: bigint[] = [];
  let standing = start;
  for (const next of events) {
    const admission = admit(standing, next);
    standing = admission.standing;
    if (admission.isDelivered) sequences.push(next.sequence);
    if (admission.isLast) break;
  }
  return sequences;
}

const forAdmins = (sequence: bigint) => event(sequence, { audience: ["owner", "admin"] });

describe("who may see an event", () => {
  test("who is kept out for want of a second factor hears it as the last thing; nobody else hears it", () => {
    const suspended = (sequence: bigint, userId = "ada") =>
      event(sequence, { type: "member.suspended", payload: { userId }, audience: [] });
    expect(delivered(member, [event(11n), suspended(12n, "bob"), suspended(13n), event(14n)])).toEqual([11n, 13n]);
    expect(delivered(member, [suspended(9n), event(11n)])).toEqual([11n]);
  });

  test("everybody sees what has no audience; other roles' events are not delivered", () => {
    expect(delivered(member, [event(11n), forAdmins(12n), event(13n)])).toEqual([11n, 13n]);
    expect(delivered({ ...member, role: "admin" }, [event(11n), forAdmins(12n)])).toEqual([11n, 12n]);
  });

  test("L3 a role that is gained or lost in the log counts from exactly there", () => {
    const log = [forAdmins(11n), roleChanged(12n, "admin"), forAdmins(13n), roleChanged(14n, "member"), forAdmins(15n)];
    expect(delivered(member, log)).toEqual([12n, 13n, 14n]);
  });

  test("another member's change of role moves nobody else", () => {
    expect(delivered(member, [roleChanged(11n, "owner", "bob"), forAdmins(12n)])).toEqual([]);
  });

  test("the gap before the role was read is judged by the role of now", () => {
    const log = [forAdmins(8n), roleChanged(9n, "admin"), roleChanged(10n, "member"), forAdmins(11n)];
    expect(delivered(member, log)).toEqual([9n, 10n]);
    expect(delivered({ ...member, role: "admin" }, [forAdmins(8n), roleChanged(9n, "admin")])).toEqual([8n, 9n]);
  });

  test("L3 the removed get their own removal and nothing after it", () => {
    expect(delivered(member, [event(11n), removed(12n), event(13n)])).toEqual([11n, 12n]);
  });

  test("somebody else's removal ends nothing", () => {
    expect(delivered(member, [removed(11n, "bob"), event(12n)])).toEqual([11n, 12n]);
  });

  test("a removal before a return is not told to a person who is a member again", () => {
    expect(delivered(member, [event(7n), removed(8n), event(9n)])).toEqual([7n, 9n]);
  });
});
