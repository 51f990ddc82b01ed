import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import type { Window, WindowOptions } from "./browser.ts";

/** What every person of the tests signs in with. */
export const PASSWORD = "correct horse battery";

export type Role = "owner" | "admin" | "billing_admin" | "member";

/** Somebody who is signed in, at a window of their own. */
export interface Person extends Window {
  name: string;
  email: string;
  /** Where the calls below come from, as the portal sees it. */
  address: string;
  /** Calls the portal's API with this person's session: quick preparation, beside the pages that the test is about. */
  mutate<T>(procedure: string, input: unknown): Promise<T>;
  query<T>(procedure: string, input: unknown): Promise<T>;
}

type Open = (options?: WindowOptions) => Promise<Window>;

/** Options of a person's window, and the portal if it is not the shared one. */
export interface PersonOptions extends WindowOptions {
  name?: string;
}

/** An address that nobody has used. */
export function newEmail(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z]+/g, ".")}.${randomUUID().slice(0, 8)}@example.com`;
}

/** Signs up a new person in a window of their own. Has no organization yet, and no page open. */
export async function givenPerson(open: Open, options: PersonOptions = {}): Promise<Person> {
  const baseUrl = options.baseUrl ?? inject("portalUrl");
  const name = options.name ?? "Ada Lovelace";
  const window = await open({ ...options, baseUrl });
  const person = asPerson(window, baseUrl, { name, email: newEmail(name) });
  await person.mutate("identity.signUp", { name, email: person.email, password: PASSWORD });
  return person;
}

/** One more window of the same person, signed in on its own. */
export async function givenOtherWindow(open: Open, person: Person, options: WindowOptions = {}): Promise<Person> {
  const baseUrl = options.baseUrl ?? inject("portalUrl");
  const other = asPerson(await open({ ...options, baseUrl }), baseUrl, person);
  await other.mutate("identity.signIn", { email: person.email, password: PASSWORD });
  return other;
}

/** Makes an organization that is set up; its maker is its owner. */
export async function givenOrganization(owner: Person, name: string): Promise<string> {
  const slug = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${randomUUID().slice(0, 6)}`;
  await owner.mutate("organizations.create", { name, slug, idempotencyKey: randomUUID() });
  return slug;
}

/** Invites a person and accepts for them. */
export async function givenMember(manager: Person, slug: string, { person, role }: { person: Person; role: Role }) {
  const { token } = await manager.mutate<{ token: string }>("invites.create", {
    organization: slug,
    email: person.email,
    role,
  });
  await person.mutate("invites.accept", { token });
}

/** Adds credits to the organization's wallet, as an owner or a billing admin. */
export async function givenCredits(person: Person, slug: string, amount: string): Promise<void> {
  await person.mutate("wallets.addCredits", {
    organization: slug,
    amount,
    description: "Opening balance",
    idempotencyKey: randomUUID(),
  });
}

/** Every person calls from a network of their own: the portal lets one network make a hundred accounts, these tests make more. */
function someAddress(): string {
  const part = () => Math.floor(Math.random() * 256);
  return `10.${part()}.${part()}.${part()}`;
}

function asPerson(window: Window, baseUrl: string, { name, email }: { name: string; email: string }): Person {
  const { request } = window.context;
  const address = someAddress();
  const headers = { origin: baseUrl, "x-forwarded-for": address };
  const read = async <T>(response: { ok(): boolean; status(): number; text(): Promise<string> }): Promise<T> => {
    const text = await response.text();
    if (!response.ok()) throw new Error(`${response.status()} ${text}`);
    return JSON.parse(text).result.data;
  };
  return {
    ...window,
    name,
    email,
    address,
    mutate: async (procedure, input) => read(await request.post(`/trpc/${procedure}`, { data: input, headers })),
    query: async (procedure, input) =>
      read(await request.get(`/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`)),
  };
}
