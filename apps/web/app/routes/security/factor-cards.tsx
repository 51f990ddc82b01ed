import { Link } from "@remix-run/react";
import { Fingerprint, KeySquare, LifeBuoy, Pencil, Smartphone, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Factors, Passkey } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink, buttonClass } from "~/components/button";
import { Card } from "~/components/card";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Time } from "~/components/time";

/** Fewer unused recovery codes than this are too few. */
const FEW_CODES = 3;

/** The reader's second factors: an app, passkeys, and the codes for the day on which all of them are lost. */
export function FactorCards({ factors }: { factors: Factors }) {
  const { totp, passkeys, recoveryCodesLeft } = factors;
  const isOn = totp !== null || passkeys.length > 0;
  return (
    <Card
      title="Second factor"
      description="Asked for after your password, so that knowing it is not enough to sign in."
      isFlush
      actions={<Badge tone={isOn ? "positive" : "warning"}>{isOn ? "On" : "Off"}</Badge>}
    >
      {factors.isAddressDue && <AddressDue />}
      <ul>
        <TotpRow factors={factors} />
        <PasskeyRow passkeys={passkeys} isAddressDue={factors.isAddressDue} />
        {isOn && <RecoveryRow left={recoveryCodesLeft} />}
      </ul>
    </Card>
  );
}

/** Before the first factor: else somebody could lock the owner of an address out of the account that carries it. */
function AddressDue() {
  return (
    <Notice
      tone="warning"
      title="Verify your address first"
      className="m-4"
      actions={
        <ButtonLink size="sm" to="/settings/account">
          Go to your address
        </ButtonLink>
      }
    >
      Follow the link that was mailed to you. Then you can set up a second factor here.
    </Notice>
  );
}

interface RowProps {
  icon: typeof Smartphone;
  title: string;
  children: ReactNode;
  actions: ReactNode;
  /** Under the row, in its full width. */
  more?: ReactNode;
}

function Row({ icon: Icon, title, children, actions, more }: RowProps) {
  return (
    <li className="grid gap-3 border-line border-t px-4 py-4 first:border-t-0">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-1 basis-64 items-start gap-3">
          <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-muted" />
          <div className="grid min-w-0 gap-0.5">
            <h3 className="font-medium">{title}</h3>
            <div className="text-ink-muted text-sm">{children}</div>
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-2">{actions}</div>
      </div>
      {more}
    </li>
  );
}

function TotpRow({ factors: { totp, isConfirmed, isAddressDue } }: { factors: Factors }) {
  const label = totp ? "Replace" : "Set up";
  return (
    <Row
      icon={Smartphone}
      title="Authenticator app"
      actions={
        !isAddressDue && (
          <>
            {isConfirmed ? (
              <ActionForm intent="begin-totp" className="">
                <SubmitButton look={totp ? "quiet" : "secondary"} size="sm" pendingLabel="Preparing…">
                  {label}
                </SubmitButton>
              </ActionForm>
            ) : (
              <ButtonLink look={totp ? "quiet" : "secondary"} size="sm" to="?dialog=totp" preventScrollReset>
                {label}
              </ButtonLink>
            )}
            {totp && (
              <ButtonLink look="quiet" size="sm" to="?dialog=remove-totp" preventScrollReset>
                Remove
              </ButtonLink>
            )}
          </>
        )
      }
    >
      {totp ? (
        <>
          Set up <Time at={totp.createdAt} /> · {totp.lastUsedAt ? <LastUsed at={totp.lastUsedAt} /> : "not used yet"}
        </>
      ) : (
        "An app on your phone shows a new code every 30 seconds: Google Authenticator, 1Password, Aegis and others."
      )}
    </Row>
  );
}

function PasskeyRow({ passkeys, isAddressDue }: { passkeys: Passkey[]; isAddressDue: boolean }) {
  return (
    <Row
      icon={Fingerprint}
      title="Passkeys"
      actions={
        !isAddressDue && (
          <ButtonLink size="sm" to="?dialog=add-passkey" preventScrollReset>
            Add passkey
          </ButtonLink>
        )
      }
      more={
        passkeys.length > 0 && (
          <ul className="grid gap-1 md:pl-8">
            {passkeys.map((passkey) => (
              <PasskeyItem key={passkey.passkeyId} passkey={passkey} />
            ))}
          </ul>
        )
      }
    >
      Sign in with your fingerprint, your face, or a security key: as the second factor, or in place of the password.
    </Row>
  );
}

function PasskeyItem({ passkey: { passkeyId, name, isSynced, createdAt, lastUsedAt } }: { passkey: Passkey }) {
  return (
    <li
      data-testid="passkey"
      className="flex items-center justify-between gap-3 rounded-md border border-line bg-sunken px-3 py-2"
    >
      <span className="grid min-w-0">
        <span className="font-medium">{name}</span>
        <span className="text-ink-muted text-sm">
          Added <Time at={createdAt} /> · {lastUsedAt ? <LastUsed at={lastUsedAt} /> : "not used yet"} ·{" "}
          {isSynced ? "synced between your devices" : "on one device only"}
        </span>
      </span>
      <span className="flex shrink-0">
        <ItemAction to={`?dialog=rename-passkey&passkey=${passkeyId}`} label={`Rename ${name}`} icon={Pencil} />
        <ItemAction to={`?dialog=remove-passkey&passkey=${passkeyId}`} label={`Remove ${name}`} icon={Trash2} />
      </span>
    </li>
  );
}

function ItemAction({ to, label, icon: Icon }: { to: string; label: string; icon: typeof Pencil }) {
  return (
    <Link to={to} preventScrollReset title={label} className={buttonClass({ look: "quiet", size: "icon" })}>
      <Icon aria-hidden className="size-4" />
      <span className="sr-only">{label}</span>
    </Link>
  );
}

function RecoveryRow({ left }: { left: number }) {
  const renew = (
    <ButtonLink size="sm" look={left < FEW_CODES ? "secondary" : "quiet"} to="?dialog=renew-codes" preventScrollReset>
      Make new codes
    </ButtonLink>
  );
  return (
    <Row
      icon={left < FEW_CODES ? LifeBuoy : KeySquare}
      title="Recovery codes"
      actions={renew}
      more={
        left < FEW_CODES && (
          <Notice tone="warning" title={left === 0 ? "No recovery code is left" : "Few recovery codes are left"}>
            Without one, losing your factors means losing the account. Make new ones and keep them apart from your
            devices.
          </Notice>
        )
      }
    >
      <span data-testid="codes-left">{left} of 10 left.</span> Each lets you in once when you have lost your factors.
    </Row>
  );
}

function LastUsed({ at }: { at: string }) {
  return (
    <>
      last used <Time at={at} />
    </>
  );
}
