import { data, redirect } from "@remix-run/node";
import type { LoadContext } from "~/api/load-context";
import { type ApiError, readApiError } from "~/api/read-error";
import { signInPath } from "~/api/session.server";
import type { FormResult } from "./form-result";

/** Fields whose text is never sent back to the page. */
const SECRET_FIELDS = new Set(["password", "newPassword", "code"]);

interface Submission<V extends string> {
  request: Request;
  context: LoadContext;
  fields: readonly V[];
  /** At which field a refusal is shown, by its code; others stand above the form. */
  fieldOf?: Record<string, V>;
}

/** Thrown by an action about a field that the API knows under another name or not at all. */
export class FieldError extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * Runs a form's action. A refusal comes back as a FormResult with what was typed, the messages at their fields and the status
 * of the refusal; a lost session leads to sign-in. What `act` returns (a redirect, usually) is the answer.
 */
export async function submit<V extends string, R>(
  { request, context, fields, fieldOf = {} }: Submission<V>,
  act: (values: Record<V, string>) => Promise<R>,
) {
  const form = await request.formData();
  const values = readValues(form, fields);
  try {
    return await act(values);
  } catch (error) {
    const refused = error instanceof FieldError ? asRefused(error) : readApiError(error);
    if (!refused) throw error;
    if (refused.code === "unauthenticated") throw redirect(signInPath(request));
    const field = refused.code ? (fieldOf as Record<string, string>)[refused.code] : undefined;
    const named = knownOnly(refused.fieldErrors, fields);
    // What the API's schema says of a field is about that one, whatever the refusal's code is.
    const fieldErrors = Object.keys(named).length > 0 || !field ? named : { [field]: refused.message };
    const result: FormResult = {
      intent: String(form.get("intent") ?? ""),
      values: Object.fromEntries(
        Object.entries(values).filter(([name]) => !SECRET_FIELDS.has(name)),
      ) as FormResult["values"],
      fieldErrors,
      formError: Object.keys(fieldErrors).length > 0 ? null : refused.message,
      requestId: refused.status >= 500 ? (refused.requestId ?? context.requestId) : null,
      code: refused.code,
      details: refused.details,
    };
    return data(result, { status: refused.status || 500 });
  }
}

function asRefused({ field, message }: FieldError): ApiError {
  const fieldErrors = { [field]: message };
  return { status: 400, code: "invalid_input", message, fieldErrors, details: {}, requestId: null };
}

function readValues<V extends string>(form: FormData, fields: readonly V[]): Record<V, string> {
  return Object.fromEntries(fields.map((name) => [name, text(form.get(name))])) as Record<V, string>;
}

function text(value: FormDataEntryValue | null): string {
  return typeof value === "string" ? value : "";
}

/** A message about a field that the form does not have would be seen by nobody. */
function knownOnly(fieldErrors: Record<string, string>, fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(fieldErrors).filter(([name]) => fields.includes(name)));
}
