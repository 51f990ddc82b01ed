import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const FIELDS = ["userId", "giverBecomes", "offerId", "name"] as const;
const FIELD_OF = { unknown_member: "userId", already_owner: "userId" } as const;

/** The forms of the ownership page: offer, take back, accept, decline. */
export async function answerOffer(request: Request, context: LoadContext, slug: string) {
  const intent = String((await request.clone().formData()).get("intent"));
  const { ownership } = context.api;
  const here = `/o/${slug}/ownership`;
  return submit(
    { request, context, fields: FIELDS, fieldOf: FIELD_OF },
    async ({ userId, offerId, name, ...typed }) => {
      const offer = { organization: slug, offerId };
      switch (intent) {
        case "offer": {
          const giverBecomes = typed.giverBecomes as "owner" | "admin";
          await ownership.offer.mutate({ organization: slug, userId, giverBecomes });
          return redirectWithToast(here, "The ownership is offered.");
        }
        case "revoke":
          await ownership.revoke.mutate(offer);
          return redirectWithToast(here, "The offer was taken back.");
        case "accept":
          await ownership.accept.mutate(offer);
          return redirectWithToast(`/o/${slug}/members`, `You are now an owner of ${name || "the organization"}.`);
        case "decline":
          await ownership.decline.mutate(offer);
          return redirectWithToast(`/o/${slug}`, "You have declined the ownership.");
        default:
          throw new Response("There is no such form.", { status: 400 });
      }
    },
  );
}
