import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { readForPage } from "~/api/session.server";
import { PageHeader } from "~/components/page-header";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useRefreshOnHints } from "~/live/use-refresh-on-hints";
import { DeviceList } from "./device-list";
import { drawQr } from "./draw-qr.server";
import { FactorCards } from "./factor-cards";
import { PasswordCard } from "./password-card";
import { manageSecurity } from "./security-action.server";
import { SecurityDialogs } from "./security-dialogs";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Security · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { secondFactor, sessions } = context.api;
  return readForPage(request, context, async () => {
    const [factors, devices, setup] = await Promise.all([
      secondFactor.get.query(),
      sessions.list.query(),
      secondFactor.totpSetup.query(),
    ]);
    return { factors, devices, setup: setup && { ...setup, qr: drawQr(setup.uri) } };
  });
}

export async function action({ request, context }: ActionFunctionArgs) {
  return manageSecurity(request, context);
}

export const clientAction = keepWhenUnreachable;

/** How the reader signs in, and where they are signed in. */
export default function SecurityPage() {
  const { factors, devices, setup } = useLoaderData<typeof loader>();
  const answer = useActionData();
  useRefreshOnHints();
  return (
    <div className="max-w-3xl">
      <PageHeader title="Security" description="How you sign in, and where you are signed in." />
      <div className="grid gap-6">
        <FactorCards factors={factors} />
        <PasswordCard factors={factors} answer={answer} />
        <DeviceList devices={devices} />
      </div>
      <SecurityDialogs factors={factors} setup={setup} answer={answer} />
    </div>
  );
}
