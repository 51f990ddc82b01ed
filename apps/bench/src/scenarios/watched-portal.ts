import type { Bench } from "../bench.ts";
import type { OpenWatchers } from "../processes/watchers.ts";
import { type BenchOrganization, givenMembers } from "./given-organization.ts";

/** The server lets a person have 50 sockets, and an address 500: watchers are as many people from as many places. */
const SOCKETS_PER_PERSON = 40;

export function watcherCount(bench: Bench): number {
  return bench.size(2_000, 200);
}

/** What it takes to watch an organization of the portal with so many sockets, each a member's. */
export async function watchersOf(organization: BenchOrganization, port: number, count: number): Promise<OpenWatchers> {
  const cookies = await givenMembers(organization, Math.ceil(count / SOCKETS_PER_PERSON));
  const headers = Array.from({ length: count }, (_, n) => ({
    Cookie: cookies[n % cookies.length] as string,
    "X-Forwarded-For": `198.51.100.${n % 250}`,
  }));
  const input = { organization: organization.owner.slug };
  const subscribe = { id: 1, method: "subscription", params: { path: "live.organization", input } };
  return { port, path: "/live", headers, protocol: { kind: "trpc", subscribe: JSON.stringify(subscribe) } };
}
