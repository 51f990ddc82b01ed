/** What an action answers when it was refused: the form is shown again with it. */
export interface FormResult {
  /** Which form of the page was sent. */
  intent: string;
  /** What was typed, secrets left out. */
  values: Partial<Record<string, string>>;
  fieldErrors: Record<string, string>;
  /** For refusals that belong to no field. */
  formError: string | null;
  /** Only for defects: what to tell support. */
  requestId: string | null;
  code: string | null;
  details: Record<string, string | number>;
}

/** The code of a form that did not arrive: there is nothing new to read, and no way to read it. */
export const UNREACHABLE = "unreachable";

/** The refusal of one form among several of a page, from whatever the page's action answered. */
export function resultOf(actionData: unknown, intent: string): FormResult | undefined {
  if (typeof actionData !== "object" || actionData === null || !("fieldErrors" in actionData)) return undefined;
  const result = actionData as FormResult;
  return result.intent === intent ? result : undefined;
}
