import type { PlatformPerson } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink, DisabledButton } from "~/components/button";
import { Card } from "~/components/card";
import { TextLink } from "~/components/text-link";
import { Time } from "~/components/time";

const NEEDS_OWN = "Set up a second factor for yourself first";

interface FactorCardProps {
  person: PlatformPerson;
  /** Whoever looks at this has no second factor, so they reset nobody's. */
  isOwnMissing: boolean;
}

/** How somebody signs in beside their password, and support's way out when they cannot any more. */
export function FactorCard({ person, isOwnMissing }: FactorCardProps) {
  const { secondFactor, isSelf } = person;
  return (
    <Card
      title="Second factor"
      actions={<Badge tone={secondFactor ? "positive" : "neutral"}>{secondFactor ? "On" : "Off"}</Badge>}
    >
      {secondFactor ? (
        <div className="grid gap-4">
          <p>
            {waysText(secondFactor)}. Set up <Time at={secondFactor.since} />.
          </p>
          <p className="text-ink-muted text-sm">
            {isSelf
              ? "This is you. You manage your own factors on your security page; if you lose them, another platform admin resets them."
              : "Reset it only after you have made sure, outside of the portal, that it is this person who asks: whoever knows the password gets in afterwards."}
          </p>
          {isOwnMissing && !isSelf && (
            <p>
              {NEEDS_OWN} under <TextLink to="/settings/security">Security</TextLink>: only an admin who has one resets
              another person’s.
            </p>
          )}
          <div className="flex flex-wrap items-center gap-3">
            {isSelf ? (
              <>
                <DisabledButton reason="Nobody resets their own second factor here">Reset second factor</DisabledButton>
                <TextLink to="/settings/security">Your security page</TextLink>
              </>
            ) : isOwnMissing ? (
              <DisabledButton reason={NEEDS_OWN}>Reset second factor</DisabledButton>
            ) : (
              <ButtonLink to="?dialog=reset-factor" preventScrollReset>
                Reset second factor
              </ButtonLink>
            )}
          </div>
        </div>
      ) : (
        <p className="text-ink-muted">
          None: they sign in with their password alone. Who has forgotten that sets a new one by mail, from the sign-in
          page.
        </p>
      )}
    </Card>
  );
}

function waysText({ hasApp, passkeyCount, recoveryCodesLeft }: NonNullable<PlatformPerson["secondFactor"]>): string {
  const ways = [
    ...(hasApp ? ["authenticator app"] : []),
    ...(passkeyCount > 0 ? [passkeyCount === 1 ? "1 passkey" : `${passkeyCount} passkeys`] : []),
    recoveryCodesLeft === 1 ? "1 unused recovery code" : `${recoveryCodesLeft} unused recovery codes`,
  ];
  const text = new Intl.ListFormat("en").format(ways);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
