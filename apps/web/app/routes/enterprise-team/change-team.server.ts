import type { LoadContext } from "~/api/load-context";
import { namedSearch, readNamedListing } from "~/forms/named-listing";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const FIELDS = ["name", "email", "userId", "typedName"] as const;
const FIELD_OF = { name_taken: "name", unknown_person: "email", invalid_input: "typedName" } as const;

/** The forms of a team's page: add somebody, take somebody out (which can be taken back), rename, delete. */
export async function changeTeam(request: Request, context: LoadContext, of: { enterprise: string; teamId: string }) {
  const intent = String((await request.clone().formData()).get("intent")).split(" ")[0];
  const { teams } = context.api;
  const list = `/enterprise/${of.enterprise}/teams`;
  const here = `${list}/${of.teamId}${namedSearch(readNamedListing(new URL(request.url).searchParams))}`;
  return submit({ request, context, fields: FIELDS, fieldOf: FIELD_OF }, async (values) => {
    const { name, email, userId, typedName } = values;
    switch (intent) {
      case "rename":
        await teams.rename.mutate({ ...of, name });
        return redirectWithToast(here, `The team is now called ${name.trim()}.`);
      case "delete":
        await teams.delete.mutate({ ...of, typedName });
        return redirectWithToast(list, `${typedName.trim()} was deleted.`);
      case "take-out": {
        await teams.removeMember.mutate({ ...of, userId });
        const undo = email ? { action: here, fields: { intent: "add", email } } : undefined;
        return redirectWithToast(here, `${name || "The person"} is no longer in the team.`, undo);
      }
      default: {
        const added = await teams.addMember.mutate({ ...of, email });
        return redirectWithToast(
          here,
          added.isNew ? `${added.name} is in the team.` : `${added.name} is in it already.`,
        );
      }
    }
  });
}
