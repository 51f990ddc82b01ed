import { inject } from "vitest";
import { eventually } from "./browser-test.ts";

interface Captured {
  id: string;
  subject: string;
}

/** The address in the newest mail to somebody whose subject says this, once it has been sent. */
export async function linkMailedTo(email: string, subject: RegExp): Promise<string> {
  let found: Captured | undefined;
  await eventually(async () => {
    const { mails } = await read<{ mails: Captured[] }>(`/dev/mail?to=${encodeURIComponent(email)}`);
    found = mails.find((mail) => subject.test(mail.subject));
    return found?.subject;
  }).toMatch(subject);
  const { text } = await read<{ text: string }>(`/dev/mail/${found?.id}`);
  return /https?:\/\/\S+/.exec(text)?.[0] ?? "";
}

async function read<T>(path: string): Promise<T> {
  const answer = await fetch(`${inject("portalUrl")}${path}`, { headers: { accept: "application/json" } });
  return (await answer.json()) as T;
}
