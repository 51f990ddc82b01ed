import type { LoadContext } from "~/api/load-context";
import type { Undo } from "~/components/toast";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { type Role, roleLabel } from "~/organization/roles";
import type { BulkAnswer } from "./bulk-result";
import { readListing, toSearch } from "./member-listing";

const FIELDS = ["userId", "name", "role", "previousRole"] as const;
const FIELD_OF = { role_above_own: "role", last_owner: "role" } as const;

type Values = Record<(typeof FIELDS)[number], string>;

interface Sent {
  context: LoadContext;
  slug: string;
  form: FormData;
  /** The list as it was shown. */
  here: string;
}

/** The forms of the members' page: about one person (role, remove, leave), and about several. */
export async function manageMembers(request: Request, context: LoadContext, slug: string) {
  const form = await request.clone().formData();
  const intent = String(form.get("intent"));
  const listing = readListing(new URL(request.url).searchParams);
  const here = `/o/${slug}/members${toSearch(listing, { cursor: listing.cursor })}`;
  const fieldOf = intent === "role" ? FIELD_OF : {};
  const sent = { context, slug, form, here };
  return submit({ request, context, fields: FIELDS, fieldOf }, async (values) =>
    intent.startsWith("bulk-") ? runForMany(intent, sent) : runForOne(intent, sent, values),
  );
}

async function runForOne(intent: string, { context, slug, here }: Sent, values: Values) {
  const { members } = context.api;
  const { userId, name } = values;
  // The server's schema says what a role is; an unknown one comes back as a message at the field.
  const role = values.role as Role;
  switch (intent) {
    case "role": {
      const from = values.previousRole as Role | "";
      await members.changeRole.mutate({ organization: slug, userId, role, ...(from && { from }) });
      return redirectWithToast(here, `${name || "The member"} is now ${roleLabel(role)}.`, undoRole(here, values));
    }
    case "remove":
      await members.remove.mutate({ organization: slug, userId });
      return redirectWithToast(here, `${name || "The member"} was removed.`);
    case "leave":
      await members.leave.mutate({ organization: slug });
      return redirectWithToast("/settings/organizations", `You have left ${name || "the organization"}.`);
    default:
      throw new Response("There is no such form.", { status: 400 });
  }
}

async function runForMany(intent: string, { context, slug, form }: Sent): Promise<BulkAnswer> {
  const { members } = context.api;
  const userIds = form.getAll("userId").map(String);
  switch (intent) {
    case "bulk-role": {
      const role = String(form.get("role")) as Role;
      const changes = userIds.map((userId) => ({ userId, role }));
      return {
        bulk: { kind: "role", role, outcomes: await members.changeRoles.mutate({ organization: slug, changes }) },
      };
    }
    case "bulk-undo": {
      const from = String(form.get("from")) as Role;
      const changes = form.getAll("change").map((text) => {
        const [userId = "", role = ""] = String(text).split(" ");
        return { userId, role: role as Role, from };
      });
      const outcomes = await members.changeRoles.mutate({ organization: slug, changes });
      return { bulk: { kind: "undo", role: "", outcomes } };
    }
    case "bulk-remove":
      return {
        bulk: { kind: "remove", role: "", outcomes: await members.removeMany.mutate({ organization: slug, userIds }) },
      };
    default:
      throw new Response("There is no such form.", { status: 400 });
  }
}

function undoRole(action: string, { userId, name, role, previousRole }: Values): Undo | undefined {
  if (!previousRole || previousRole === role) return undefined;
  return { action, fields: { intent: "role", userId, name, role: previousRole, previousRole: role } };
}
