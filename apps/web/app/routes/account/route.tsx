import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, useActionData, useFetcher, useLoaderData, useRouteLoaderData, useSearchParams } from "@remix-run/react";
import { LogOut, ShieldCheck, WalletMinimal } from "lucide-react";
import { readForPage } from "~/api/session.server";
import type { Factors } from "~/api/types";
import { Button, ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { PageHeader } from "~/components/page-header";
import { ConfirmDialog } from "~/confirmation/confirm-dialog";
import { isConfirmationDue, isUnconfirmed } from "~/confirmation/confirmation-due";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { type Theme, useTheme } from "~/frame/theme";
import { useRefreshOnHints } from "~/live/use-refresh-on-hints";
import type { loader as rootLoader } from "~/root";
import { changeEmail } from "./change-email.server";
import { changeProfile } from "./change-profile.server";
import { CHANGE_DIALOG, EmailCard } from "./email-card";
import { ProfileCard } from "./profile-card";

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "Like the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export async function loader({ request, context }: LoaderFunctionArgs) {
  return readForPage(request, context, async () => ({ factors: await context.api.secondFactor.get.query() }));
}

export async function action({ request, context }: ActionFunctionArgs) {
  const intent = (await request.clone().formData()).get("intent");
  return intent === "rename-person" ? changeProfile(request, context) : changeEmail(request, context);
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Account · Guildhall" }];

export default function AccountPage() {
  const { factors } = useLoaderData<typeof loader>();
  useRefreshOnHints();
  return (
    <div className="max-w-2xl">
      <PageHeader title="Account" description="You, in all your organizations." />
      <div className="grid gap-6">
        <ProfileCard />
        <EmailCard factors={factors} />
        <Card title="Security">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="text-ink-muted">
              Your password, a second factor, and the devices on which you are signed in.
            </p>
            <ButtonLink to="/settings/security">
              <ShieldCheck aria-hidden className="size-4" />
              Security
            </ButtonLink>
          </div>
        </Card>
        <Card title="Wallet">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="text-ink-muted">Credits of your own, apart from every organization.</p>
            <ButtonLink to="/settings/wallet">
              <WalletMinimal aria-hidden className="size-4" />
              Your wallet
            </ButtonLink>
          </div>
        </Card>
        <ThemeCard />
        <SessionCard />
        <Card title="Danger zone" className="border-danger">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="text-ink-muted">Deleting the account ends every membership and cannot be taken back.</p>
            <ButtonLink to="/settings/account/delete">Delete account</ButtonLink>
          </div>
        </Card>
      </div>
      <ConfirmationOfChange factors={factors} />
    </div>
  );
}

/** Asks for the second factor before the address is changed, and when the proof ran out meanwhile. */
function ConfirmationOfChange({ factors }: { factors: Factors }) {
  const answer = useActionData();
  const [search] = useSearchParams();
  const isWanted = search.get("dialog") === CHANGE_DIALOG && isConfirmationDue(factors);
  if (!isWanted && !isUnconfirmed(answer)) return null;
  return (
    <ConfirmDialog
      factors={factors}
      answer={answer}
      page="/settings/account"
      before="change your address"
      orElse={`?dialog=${CHANGE_DIALOG}`}
    />
  );
}

function SessionCard() {
  return (
    <Card title="Session">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-ink-muted">Signing out ends this session, and closes what is open in other tabs.</p>
        <Form method="post" action="/sign-out">
          <Button type="submit">
            <LogOut aria-hidden className="size-4" />
            Sign out
          </Button>
        </Form>
      </div>
    </Card>
  );
}

/** Applied at once with JavaScript; on a button without it. */
function ThemeCard() {
  const root = useRouteLoaderData<typeof rootLoader>("root");
  const theme = useTheme(root?.theme ?? "system");
  const fetcher = useFetcher({ key: "theme" });
  return (
    <Card title="Theme">
      <fetcher.Form
        method="post"
        action="/theme"
        onChange={(event) =>
          fetcher.submit(
            { theme: String(new FormData(event.currentTarget).get("theme")) },
            { method: "post", action: "/theme" },
          )
        }
      >
        <fieldset className="flex flex-wrap gap-x-6 gap-y-3">
          <legend className="sr-only">Theme</legend>
          {THEMES.map(({ value, label }) => (
            <label key={value} className="flex items-center gap-2">
              <input type="radio" name="theme" value={value} defaultChecked={value === theme} className="size-4" />
              {label}
            </label>
          ))}
        </fieldset>
        <noscript>
          <input type="hidden" name="back" value="1" />
          <Button type="submit" size="sm" className="mt-3">
            Apply
          </Button>
        </noscript>
      </fetcher.Form>
    </Card>
  );
}
