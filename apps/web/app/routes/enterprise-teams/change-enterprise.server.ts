import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const FIELDS = ["name", "idempotencyKey", "email", "userId"] as const;
const FIELD_OF = { name_taken: "name", unknown_person: "email" } as const;

/** The forms of an enterprise's page: create a team, add an admin, remove one. */
export async function changeEnterprise(request: Request, context: LoadContext, enterprise: string) {
  const intent = String((await request.clone().formData()).get("intent")).split(" ")[0];
  const { enterprises, identity, teams } = context.api;
  const here = `/enterprise/${enterprise}/teams`;
  return submit({ request, context, fields: FIELDS, fieldOf: FIELD_OF }, async (values) => {
    const { name, idempotencyKey, email, userId } = values;
    switch (intent) {
      case "add-admin": {
        const added = await enterprises.addAdmin.mutate({ enterprise, email });
        return redirectWithToast(
          here,
          added.isNew ? `${added.name} is an enterprise admin.` : `${added.name} is one already.`,
        );
      }
      case "remove-admin": {
        await enterprises.removeAdmin.mutate({ enterprise, userId });
        // Whoever removed themselves has no way back to this page.
        const isMyself = (await identity.me.query())?.user.id === userId;
        return redirectWithToast(isMyself ? "/" : here, `${name || "The person"} is no longer an enterprise admin.`);
      }
      default: {
        const { teamId } = await teams.create.mutate({ enterprise, name, idempotencyKey });
        return redirectWithToast(`${here}/${teamId}`, `${name.trim()} was created.`);
      }
    }
  });
}
