import type { RouterOutputs } from "@guildhall/api";

export type InviteMeans = RouterOutputs["invites"]["means"];
export type IssuedInvite = RouterOutputs["invites"]["create"];

/** What the action answers when an invite was sent: its link is shown once. */
export interface SentInvite {
  issued: IssuedInvite;
  isResent: boolean;
}

/** Reads such an answer; undefined for a refusal or for none. */
export function readSent(answer: unknown): SentInvite | undefined {
  return typeof answer === "object" && answer !== null && "issued" in answer ? (answer as SentInvite) : undefined;
}

const RESEND = "resend ";

/** Each row has a form of its own: only the one that was pressed shows progress. */
export function resendIntent(inviteId: string): string {
  return `${RESEND}${inviteId}`;
}

/** The invite that such a form is about; undefined for other forms. */
export function resentBy(intent: string): string | undefined {
  return intent.startsWith(RESEND) ? intent.slice(RESEND.length) : undefined;
}
