import { isRouteErrorResponse, useRevalidator, useRouteError, useRouteLoaderData } from "@remix-run/react";
import { useEffect } from "react";
import type { Refusal } from "~/api/session.server";
import { ButtonLink } from "~/components/button";
import { isUnreachable } from "~/forms/keep-when-unreachable";
import { connection } from "~/live/connection";
import { holdersOf, roleLabel } from "~/organization/roles";

interface Told {
  status: number;
  title: string;
  text: string;
}

/** What went wrong, what to do, and the request's id to tell support. For the nearest error boundary. */
export function ErrorPage() {
  const error = useRouteError();
  const root = useRouteLoaderData<{ requestId: string }>("root");
  const refusal = isRouteErrorResponse(error) ? readRefusal(error.data) : undefined;
  const isLost = isUnreachable(error);
  useRetryWhenLive(isLost);
  const { status, title, text } = isLost ? LOST : describe(isRouteErrorResponse(error) ? error.status : 500, refusal);
  const requestId = refusal?.requestId ?? root?.requestId;
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-2 py-16 text-center">
      {status > 0 && <p className="figures font-medium text-ink-faint text-sm">{status}</p>}
      <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
      <p className="text-ink-muted">{text}</p>
      <div className="mt-4 flex flex-wrap justify-center gap-2">
        {/* A full load: after an error nothing of the page is trusted. */}
        {(isLost || status >= 500) && (
          <ButtonLink look="primary" to="" reloadDocument>
            Try again
          </ButtonLink>
        )}
        {!isLost && (
          <ButtonLink look={status >= 500 ? "secondary" : "primary"} to="/" reloadDocument>
            Go to the start page
          </ButtonLink>
        )}
      </div>
      {requestId && !isLost && (
        <p className="mt-4 text-ink-faint text-xs">
          Request id <code className="font-mono">{requestId}</code>
        </p>
      )}
    </div>
  );
}

const LOST: Told = {
  status: 0,
  title: "The server cannot be reached",
  text: "The page loads by itself as soon as the connection is back.",
};

/** A page that could not be loaded because the connection was lost is loaded when the live channel is back. */
function useRetryWhenLive(isLost: boolean) {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!isLost) return;
    return connection.subscribe(() => {
      if (connection.get().state === "live") revalidate();
    });
  }, [isLost, revalidate]);
}

function describe(status: number, refusal: Refusal | undefined): Told {
  if (status === 403) return { status, title: "Your role does not open this page", text: whoOpensIt(refusal) };
  if (status === 404) {
    return {
      status,
      title: "There is nothing here",
      text: "This page does not exist, or you may not see it. Check the address, or ask whoever gave it to you.",
    };
  }
  if (status < 500 && refusal) return { status, title: "This did not work", text: refusal.message };
  return {
    status,
    title: "Something went wrong on our side",
    text: "The page could not be put together. Try again in a moment; if it keeps happening, tell support the request id below.",
  };
}

function whoOpensIt(refusal: Refusal | undefined): string {
  const holders = holdersOf(refusal?.permission);
  const own = refusal?.role ? `You are ${roleLabel(refusal.role)} here. ` : "";
  return `${own}It is open to ${holders}. An owner or an admin can change your role.`;
}

function readRefusal(value: unknown): Refusal | undefined {
  return typeof value === "object" && value !== null && "requestId" in value ? (value as Refusal) : undefined;
}
