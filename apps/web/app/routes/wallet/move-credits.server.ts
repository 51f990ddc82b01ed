import { formatCredits, parseCredits } from "@guildhall/shared";
import type { ApiClient, LoadContext } from "~/api/load-context";
import { FieldError, submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { dayText, endOfDay, isDay } from "~/organization/dates";

const FIELDS = ["amount", "description", "reason", "expiresAt", "receiver", "idempotencyKey"] as const;
type Values = Record<(typeof FIELDS)[number], string>;

/** A refusal that names no field of its own is shown at the one that it is about. */
const FIELD_OF = {
  deduct: { insufficient_balance: "amount" },
  add: { invalid_input: "expiresAt" },
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
  const intent = (await request.clone().formData()).get("intent");
  const [act, fieldOf] =
    intent === "deduct-credits"
      ? ([deduct, FIELD_OF.deduct] as const)
      : intent === "transfer"
        ? ([transfer, FIELD_OF.transfer] as const)
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
