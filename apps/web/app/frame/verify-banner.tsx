import { Form, useLocation, useNavigation } from "@remix-run/react";
import { MailWarning } from "lucide-react";
import { Button } from "~/components/button";
import { usePortal } from "./portal-context";

/** Asks a person to prove their address, on every page until they did; it goes by itself, also when that happens in another tab. */
export function VerifyBanner() {
  const { email } = usePortal();
  const { pathname } = useLocation();
  const isSending = useNavigation().formData?.get("intent") === "send-verification";
  if (email.isVerified || email.delivery === "off" || pathname === "/settings/account") return null;
  return (
    <aside
      aria-label="Your address is not verified"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b bg-warning-soft px-4 py-2 text-sm md:px-8 print:hidden"
    >
      <MailWarning aria-hidden className="size-4 shrink-0 text-warning" />
      <p className="min-w-0 flex-1 basis-60">
        <strong className="font-medium">Verify your address.</strong>{" "}
        <span className="text-ink-muted">Follow the link that was mailed to {email.email}.</span>
        {email.delivery === "captured" && (
          <>
            {" "}
            <a href="/dev/mail" target="_blank" rel="noreferrer" className="font-medium text-accent-ink underline">
              Read it on this machine
            </a>
          </>
        )}
      </p>
      <Form method="post" action="/settings/account">
        <input type="hidden" name="intent" value="send-verification" />
        <Button type="submit" size="sm" isPending={isSending}>
          Send a new link
        </Button>
      </Form>
    </aside>
  );
}
