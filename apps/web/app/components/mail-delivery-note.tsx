import type { EmailStatus } from "~/api/types";

/**
 * Says where mail ends up when it does not leave this machine, or that there is none (S2.12). Nothing where it is sent: that is
 * what people expect.
 */
export function MailDeliveryNote({ delivery }: { delivery: EmailStatus["delivery"] }) {
  if (delivery === "smtp") return null;
  return (
    <p className="text-ink-faint text-sm">
      {delivery === "off" ? (
        "E-mail is sent if delivery is configured. On this portal it is not: ask whoever runs it."
      ) : (
        <>
          No mail server is configured, so mail stays on this machine.{" "}
          {/* Not one of the portal's pages: the server answers it by itself. */}
          <a
            href="/dev/mail"
            className="font-medium text-accent-ink underline underline-offset-2 hover:no-underline"
            target="_blank"
            rel="noreferrer"
          >
            Read it here
          </a>
          .
        </>
      )}
    </p>
  );
}
