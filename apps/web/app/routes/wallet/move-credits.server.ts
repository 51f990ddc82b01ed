import {
  decimalsOf,
  formatCredits,
  formatExactCredits,
  formatMoney,
  parseCredits,
  parseMoney,
} from "@guildhall/shared";
import type { ApiClient, LoadContext } from "~/api/load-context";
import type { FormResult } from "~/forms/form-result";
import { FieldError, submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { dayText, endOfDay, isDay } from "~/organization/dates";

const FIELDS = [
  "amount",
  "description",
  "reason",
  "expiresAt",
  "receiver",
  "paid",
  "currency",
  "idempotencyKey",
] as const;
type Values = Record<(typeof FIELDS)[number], string>;

/** A refusal that names no field of its own is shown at the one that it is about. */
const FIELD_OF = {
  deduct: { insufficient_balance: "amount" },
  add: { invalid_input: "expiresAt" },
  pay: { invalid_input: "paid" },
  transfer: {
    insufficient_balance: "amount",
    not_found: "receiver",
    forbidden: "receiver",
    organization_inactive: "receiver",
  },
} as const;

interface Move {
  api: ApiClient;
  organization: string;
  values: Values;
}

/** The wallet's forms: credits are added, granted, deducted or transferred, then the wallet is shown. */
export async function moveCredits(request: Request, context: LoadContext, slug: string) {
  const form = await request.clone().formData();
  const intent = form.get("intent");
  if (form.has("preview")) return showAgain(form);
  const [act, fieldOf] =
    intent === "deduct-credits"
      ? ([deduct, FIELD_OF.deduct] as const)
      : intent === "transfer"
        ? ([transfer, FIELD_OF.transfer] as const)
        : form.has("paid")
          ? ([addPaid, FIELD_OF.pay] as const)
          : ([add, FIELD_OF.add] as const);
  return submit({ request, context, fields: FIELDS, fieldOf }, async (values) =>
    redirectWithToast(`/o/${slug}/wallet`, await act({ api: context.api, organization: slug, values })),
  );
}

async function add({ api, organization, values }: Move): Promise<string> {
  const { amount, description, expiresAt, idempotencyKey } = values;
  const words = description.trim();
  if (expiresAt === "") {
    await api.wallets.addCredits.mutate({ organization, amount, idempotencyKey, ...(words && { description: words }) });
    return `${shown(amount)} credits added.`;
  }
  if (!isDay(expiresAt)) throw new FieldError("expiresAt", "Enter a day like 2026-12-31.");
  await api.wallets.grantCredits.mutate({
    ...{ organization, amount, idempotencyKey },
    description: words || "Promotional credits",
    expiresAt: endOfDay(expiresAt).toISOString(),
  });
  return `${shown(amount)} promotional credits added, until ${dayText(expiresAt)}.`;
}

/** The form as it was sent, with what its payment buys; nothing is added yet. */
function showAgain(form: FormData): FormResult {
  const values = Object.fromEntries(FIELDS.map((name) => [name, String(form.get(name) ?? "")]));
  const isMoney = parseMoney(String(form.get("paid") ?? ""), String(form.get("currency") ?? "")) !== undefined;
  const fieldErrors: FormResult["fieldErrors"] = isMoney ? {} : { paid: howToSay(String(form.get("currency") ?? "")) };
  const intent = String(form.get("intent") ?? "");
  return { intent, values, fieldErrors, formError: null, requestId: null, code: null, details: {} };
}

async function addPaid({ api, organization, values }: Move): Promise<string> {
  const { paid, currency, description, idempotencyKey } = values;
  const minor = parseMoney(paid, currency);
  if (minor === undefined) throw new FieldError("paid", howToSay(currency));
  if (minor === 0n) throw new FieldError("paid", "Enter an amount above zero.");
  const words = description.trim();
  const { amountMicro } = await api.wallets.addCredits.mutate({
    ...{ organization, paid: { minor: String(minor), currency }, idempotencyKey },
    ...(words && { description: words }),
  });
  return `${formatExactCredits(amountMicro)} credits added for ${formatMoney(minor, currency)}.`;
}

function howToSay(currency: string): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return `Enter what was paid, like 1,000: ${currency} has no decimals.`;
  return `Enter what was paid, like 1,000 or ${formatMoney(5n, currency).split(" ")[0]}: ${currency} has at most ${decimals} decimals.`;
}

async function deduct({ api, organization, values }: Move): Promise<string> {
  const { amount, reason, idempotencyKey } = values;
  await api.wallets.deductCredits.mutate({ organization, amount, reason, idempotencyKey });
  return `${shown(amount)} credits deducted.`;
}

async function transfer({ api, organization, values }: Move): Promise<string> {
  const { amount, reason, receiver, idempotencyKey } = values;
  const [kind, id = ""] = receiver.split(":");
  if (!id) throw new FieldError("receiver", "Choose who gets the credits.");
  const to = kind === "member" ? { memberId: id } : { organization: id };
  await api.transfers.create.mutate({ organization, to, amount, reason, idempotencyKey });
  return `${shown(amount)} credits transferred.`;
}

function shown(amount: string): string {
  return formatCredits(parseCredits(amount) ?? 0n);
}
