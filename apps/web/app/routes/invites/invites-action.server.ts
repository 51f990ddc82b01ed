import { data } from "@remix-run/node";
import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import type { Role } from "~/organization/roles";
import { resentBy, type SentInvite } from "./types";

const FIELDS = ["email", "role", "inviteId"] as const;
const FIELD_OF = { already_member: "email", already_invited: "email", role_above_own: "role" } as const;

type Values = Record<(typeof FIELDS)[number], string>;

/** The forms of the invites' page: invite, send again, revoke. */
export async function manageInvites(request: Request, context: LoadContext, slug: string) {
  const intent = String((await request.clone().formData()).get("intent"));
  const here = `/o/${slug}/invites${new URL(request.url).search}`;
  const fieldOf = intent === "invite" ? FIELD_OF : {};
  return submit({ request, context, fields: FIELDS, fieldOf }, (values) =>
    run(intent, { context, slug, values, here }),
  );
}

interface Sent {
  context: LoadContext;
  slug: string;
  values: Values;
  here: string;
}

async function run(intent: string, { context, slug, values: { email, role, inviteId }, here }: Sent) {
  const { invites } = context.api;
  const resent = resentBy(intent);
  if (resent !== undefined) {
    const issued = await invites.resend.mutate({ organization: slug, inviteId: resent });
    return data({ issued, isResent: true } satisfies SentInvite);
  }
  switch (intent) {
    case "revoke":
      await invites.revoke.mutate({ organization: slug, inviteId });
      return redirectWithToast(withoutDialog(here), "The invite was revoked. Its links do not work any more.");
    default: {
      // The server's schema says what a role is; an unknown one comes back as a message at the field.
      const issued = await invites.create.mutate({ organization: slug, email, role: role as Role });
      return data({ issued, isResent: false } satisfies SentInvite);
    }
  }
}

function withoutDialog(path: string): string {
  const url = new URL(path, "http://portal.invalid");
  url.searchParams.delete("dialog");
  url.searchParams.delete("invite");
  return `${url.pathname}${url.search}`;
}
