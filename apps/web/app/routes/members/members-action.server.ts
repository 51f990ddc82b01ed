import type { LoadContext } from "~/api/load-context";
import type { Undo } from "~/components/toaster";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { type Role, roleLabel } from "~/organization/roles";

const FIELDS = ["userId", "name", "role", "previousRole"] as const;
const FIELD_OF = { role_above_own: "role", last_owner: "role" } as const;

type Values = Record<(typeof FIELDS)[number], string>;

/** The forms of the members' page: change a role, remove. */
export async function manageMembers(request: Request, context: LoadContext, slug: string) {
  const intent = String((await request.clone().formData()).get("intent"));
  const fieldOf = intent === "remove" ? {} : FIELD_OF;
  return submit({ request, context, fields: FIELDS, fieldOf }, (values) => run(intent, { context, slug, values }));
}

async function run(intent: string, { context, slug, values }: { context: LoadContext; slug: string; values: Values }) {
  const { members } = context.api;
  const here = `/o/${slug}/members`;
  const { name } = values;
  // The server's schema says what a role is; an unknown one comes back as a message at the field.
  const role = values.role as Role;
  switch (intent) {
    case "role":
      await members.changeRole.mutate({ organization: slug, userId: values.userId, role });
      return redirectWithToast(here, `${name || "The member"} is now ${roleLabel(role)}.`, undoRole(here, values));
    case "remove": {
      const me = await context.api.identity.me.query();
      await members.remove.mutate({ organization: slug, userId: values.userId });
      if (me?.user.id === values.userId) return redirectWithToast("/settings/organizations", "You have left.");
      return redirectWithToast(here, "The member was removed.");
    }
    default:
      throw new Response("There is no such form.", { status: 400 });
  }
}

function undoRole(action: string, { userId, name, role, previousRole }: Values): Undo | undefined {
  if (!previousRole || previousRole === role) return undefined;
  return { action, fields: { intent: "role", userId, name, role: previousRole } };
}
