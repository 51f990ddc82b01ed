import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { describe, expect, onTestFinished } from "vitest";
import { announce } from "../../announce.ts";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { changeRole } from "../members/change-role.ts";
import { removeMember } from "../members/remove-member.ts";
import type { LoggedFrame } from "./delivered-frame.ts";
import { followAsMember } from "./follow-as-member.ts";
import { followByHub } from "./testing/follow-by-hub.ts";

type Db = Parameters<typeof givenServices>[0];

function givenLive(db: Db): Services {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  return services;
}

/** Announces something that only some roles may see. */
function tell(services: Services, actor: OrganizationActor, audience: OrganizationActor["role"][]): Promise<void> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const event = { type: "api_key.revoked", payload: { apiKeyId: "key" } } as const;
    announce(tx, services, { event, actorId: actor.userId, audience });
  });
}

const types = (frames: LoggedFrame[]) => frames.map(({ frame }) => frame.type);

/** Both ways deliver the same. */
describe.each([
  ["by a generator", followAsMember],
  ["by a seat in the hub", followByHub],
])("following as a member %s", (_, followBy) => {
  /** Follows until a frame of the type has come, or the stream ends by itself. */
  async function follow(
    services: Services,
    actor: OrganizationActor,
    { from = "0", until, onFrame }: { from?: string | null; until?: string; onFrame?: (frame: LoggedFrame) => void },
  ): Promise<LoggedFrame[]> {
    const frames: LoggedFrame[] = [];
    const ending = new AbortController();
    onTestFinished(() => ending.abort());
    for await (const delivered of followBy(services, actor, { lastEventId: from, signal: ending.signal })) {
      frames.push(delivered);
      onFrame?.(delivered);
      if (delivered.frame.type === until) break;
    }
    return frames;
  }

  pgTest("events for some roles only go to those", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    const member = await givenMember(services, owner, "member");
    await tell(services, owner, ["owner", "admin"]);
    await changeRole(services, owner, { userId: member.userId, role: "billing_admin" });
    const until = "member.role_changed";
    expect(types(await follow(services, owner, { until }))).toEqual([
      "member.added",
      "member.added",
      "api_key.revoked",
      until,
    ]);
    expect(types(await follow(services, member, { from: "1", until }))).toEqual(["member.added", until]);
  });

  pgTest("who joined later is not told what was before: an older id begins anew", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    const gone = await givenMember(services, owner, "member");
    await removeMember(services, owner, { userId: gone.userId });
    const member = await givenMember(services, owner, "member");
    const frames = await follow(services, member, {
      from: "0",
      until: "api_key.revoked",
      onFrame: ({ frame }) => frame.type === "reset" && void tell(services, owner, ["member"]),
    });
    expect(types(frames)).toEqual(["reset", "api_key.revoked"]);
    expect(JSON.stringify(frames)).not.toContain(gone.email);
  });

  pgTest(
    "L3 S2.14 under concurrent writes the removed get everything up to their removal, and nothing after it",
    async ({ db, openSecondConnection }) => {
      const [services, elsewhere] = [givenLive(db), givenLive(openSecondConnection())];
      const owner = await givenOrganization(services);
      const member = await givenMember(services, owner, "member");
      const begun = [services, elsewhere].map((each) => {
        const first = Promise.withResolvers<void>();
        return { first: first.promise, frames: follow(each, member, { from: "1", onFrame: () => first.resolve() }) };
      });
      await Promise.all(begun.map(({ first }) => first));
      const writing = Array.from({ length: 30 }, () =>
        tell(services, owner, ["owner", "admin", "billing_admin", "member"]),
      );
      const removal = removeMember(elsewhere, owner, { userId: member.userId });
      await Promise.all([...writing, removal]);
      await tell(services, owner, ["owner", "admin", "billing_admin", "member"]);
      const log = await readLog(db, owner.organizationId);
      const cut = log.findIndex((event) => event.type === "member.removed");
      const upToRemoval = log.slice(1, cut + 1).map((event) => String(event.sequence));
      for (const { frames } of begun) expect((await frames).map(({ id }) => id)).toEqual(upToRemoval);
    },
  );

  pgTest(
    "L2 under concurrent writers every follower sees every event once, in order, wherever it resumes",
    async ({ db, openSecondConnection }) => {
      const [services, elsewhere] = [givenLive(db), givenLive(openSecondConnection())];
      const owner = await givenOrganization(services);
      const total = 121;
      /** Lets go after every `stride` events and resumes after the last one that it saw. */
      async function followWithDrops(stride: number): Promise<string[]> {
        const seen: string[] = [];
        while (seen.at(-1) !== String(total)) {
          const ending = new AbortController();
          let count = 0;
          const options = { lastEventId: seen.at(-1) ?? "0", signal: ending.signal };
          for await (const { id } of followBy(services, owner, options)) {
            seen.push(id);
            count += 1;
            if (count === stride || id === String(total)) break;
          }
          ending.abort();
        }
        return seen;
      }
      const followers = [1, 7, 50, 1_000].map(followWithDrops);
      await Promise.all(
        [services, elsewhere].map(async (writer) => {
          for (let n = 0; n < 60; n += 1) await tell(writer, owner, ["owner"]);
        }),
      );
      const all = Array.from({ length: total }, (_, n) => String(n + 1));
      for (const seen of await Promise.all(followers)) expect(seen).toEqual(all);
    },
  );

  pgTest("L3 a lost role takes effect at its place in the log, on the open stream", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    const admin = await givenMember(services, owner, "admin");
    const following = follow(services, admin, { from: null, until: "member.removed" });
    await tell(services, owner, ["admin"]);
    await changeRole(services, owner, { userId: admin.userId, role: "member" });
    await tell(services, owner, ["admin"]);
    await removeMember(services, owner, { userId: admin.userId });
    const seen = types(await following);
    // Whether the stream had begun before the first of them is a matter of luck; what came after the change is not.
    expect(seen.slice(seen.indexOf("member.role_changed"))).toEqual(["member.role_changed", "member.removed"]);
  });

  pgTest("a stranger cannot follow, and an unknown id leads to a reset at the head", async ({ db }) => {
    const services = givenLive(db);
    const [owner, stranger] = [await givenOrganization(services), await givenOrganization(services)];
    const asStranger = follow(services, { ...owner, userId: stranger.userId }, {});
    await expect(asStranger).rejects.toMatchObject({ code: "not_found" });
    for (const from of ["nonsense", "-1", "9".repeat(40), "99"]) {
      const frames = await follow(services, owner, { from, until: "reset" });
      expect(frames).toMatchObject([{ id: "1", frame: { type: "reset", payload: {} } }]);
    }
  });

  pgTest("everybody is given the same frame object, so that it is turned into text once", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    const member = await givenMember(services, owner, "member");
    const until = "organization.renamed";
    const caughtUp = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const both = [owner, member].map((actor, n) =>
      follow(services, actor, { from: "1", until, onFrame: () => caughtUp[n]?.resolve() }),
    );
    // A gap is read by each follower itself; what comes after it is read once for all.
    await Promise.all(caughtUp.map(({ promise }) => promise));
    await withOrganization(db, owner.organizationId, async (tx) =>
      announce(tx, services, { event: { type: until, payload: { name: "New" } }, actorId: null }),
    );
    const [one, two] = await Promise.all(both);
    expect(one?.at(-1)?.frame.type).toBe(until);
    expect(one?.at(-1)?.frame).toBe(two?.at(-1)?.frame);
  });
});
