import { Form, useSubmit } from "@remix-run/react";
import { ChevronLeft, ChevronRight, Printer } from "lucide-react";
import type { ReactNode } from "react";
import { Button, ButtonLink } from "~/components/button";
import { monthText } from "~/organization/dates";

/** Chooses a month: by list, or to the one before and after. With JavaScript at once, without it on a button. */
export function MonthPicker({ months, month }: { months: string[]; month: string }) {
  const submit = useSubmit();
  const at = months.indexOf(month);
  return (
    <div className="flex flex-wrap items-center gap-2 print:hidden">
      <Step to={months[at + 1]} label="The month before">
        <ChevronLeft aria-hidden className="size-4" />
      </Step>
      <Form
        method="get"
        className="flex flex-wrap gap-2"
        onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}
      >
        <select
          // Another month may be chosen by the arrows.
          key={month}
          name="month"
          aria-label="Month"
          defaultValue={month}
          className="h-9 rounded-md border border-line-control bg-surface px-2"
        >
          {months.map((one) => (
            <option key={one} value={one}>
              {monthText(one)}
            </option>
          ))}
        </select>
        <noscript>
          <Button type="submit">Show</Button>
        </noscript>
      </Form>
      <Step to={months[at - 1]} label="The month after">
        <ChevronRight aria-hidden className="size-4" />
      </Step>
      <Button className="ml-auto noscript:hidden" onClick={() => window.print()}>
        <Printer aria-hidden className="size-4" />
        Print
      </Button>
    </div>
  );
}

function Step({ to, label, children }: { to: string | undefined; label: string; children: ReactNode }) {
  if (!to) return null;
  return (
    <ButtonLink size="icon" look="quiet" to={`?month=${to}`} preventScrollReset title={`${label}: ${monthText(to)}`}>
      {children}
      <span className="sr-only">
        {label}: {monthText(to)}
      </span>
    </ButtonLink>
  );
}
