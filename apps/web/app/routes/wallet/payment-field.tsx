import { creditsFor, decimalsOf, formatExactCredits, parseMoney, priceText } from "@guildhall/shared";
import { useState } from "react";
import type { CreditPrice } from "~/api/types";
import { Button } from "~/components/button";
import { TextField } from "~/components/field";
import type { FormResult } from "~/forms/form-result";

/** What was paid, and exactly how many credits that will be: while typing, or at the press of a button before any script has loaded. */
export function PaymentField({ price, result }: { price: CreditPrice; result: FormResult | undefined }) {
  const [text, setText] = useState(result?.values.paid ?? "");
  const { currency } = price;
  const rate = { microPerMinorUnit: BigInt(price.microPerMinorUnit) };
  const minor = parseMoney(text, currency);
  return (
    <>
      <input type="hidden" name="currency" value={currency} />
      <TextField
        name="paid"
        label="Amount paid"
        unit={currency}
        inputMode="decimal"
        autoComplete="off"
        placeholder={decimalsOf(currency) === 0 ? "1,000" : `1,000.${"0".repeat(decimalsOf(currency))}`}
        autoFocus
        required
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={result?.fieldErrors.paid}
        hint={`${priceText({ ...rate, currency })}.`}
        className="figures"
      />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-md bg-sunken px-3 py-2 text-sm">
        <span className="text-ink-muted">Will be added</span>
        <output htmlFor="field-paid" className="figures break-all font-medium">
          {minor === undefined ? "—" : `${formatExactCredits(creditsFor(rate, minor))} credits`}
        </output>
        <noscript>
          <Button type="submit" size="sm" name="preview" value="yes">
            Show the credits
          </Button>
        </noscript>
      </div>
    </>
  );
}
