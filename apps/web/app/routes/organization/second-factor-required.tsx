import { isRouteErrorResponse } from "@remix-run/react";
import { ShieldAlert } from "lucide-react";
import { ButtonLink } from "~/components/button";
import { usePortal } from "~/frame/portal-context";
import { useRefreshOnHints } from "~/live/use-refresh-on-hints";

/** Says whether a page was refused because its reader has no second factor. */
export function isSecondFactorMissing(error: unknown): boolean {
  return isRouteErrorResponse(error) && error.data?.code === "second_factor_required";
}

/** All that a member without a second factor sees of an organization that requires one. Leads on as soon as they have one. */
export function SecondFactorRequired() {
  const { current } = usePortal();
  useRefreshOnHints();
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-2 py-16 text-center">
      <span className="mb-2 grid size-12 place-items-center rounded-lg bg-warning-soft text-warning">
        <ShieldAlert aria-hidden className="size-6" />
      </span>
      <h1 className="font-semibold text-xl tracking-tight">Set up a second factor first</h1>
      <p className="text-ink-muted">
        {current?.name ?? "This organization"} asks all its members for a second factor, and you have none. You are
        still a member; its pages open as soon as an authenticator app or a passkey is set up. It takes two minutes.
      </p>
      <div className="mt-4 flex flex-wrap justify-center gap-2">
        <ButtonLink look="primary" to="/settings/security">
          Set it up
        </ButtonLink>
        <ButtonLink to="/settings/organizations">Your organizations</ButtonLink>
      </div>
    </div>
  );
}
