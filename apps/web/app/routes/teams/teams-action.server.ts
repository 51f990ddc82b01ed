import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const FIELDS = ["teamId", "name"] as const;
const FIELD_OF = { team_assigned_elsewhere: "teamId" } as const;

/** The forms of the teams' page: assign a team, remove one. Removing can be taken back. */
export async function manageTeams(request: Request, context: LoadContext, organization: string) {
  const intent = (await request.clone().formData()).get("intent");
  const here = `/o/${organization}/teams`;
  const { teams } = context.api;
  return submit({ request, context, fields: FIELDS, fieldOf: FIELD_OF }, async ({ teamId, name }) => {
    if (intent === "remove") {
      await teams.remove.mutate({ organization, teamId });
      const undo = { action: here, fields: { intent: "assign", teamId } };
      return redirectWithToast(here, `${name || "The team"} was removed.`, undo);
    }
    const assigned = await teams.assign.mutate({ organization, teamId });
    return redirectWithToast(here, `${assigned.name} is assigned: its people may now spend from this wallet.`);
  });
}
