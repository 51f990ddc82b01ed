/** Fields of a Postgres error that say what happened without saying to whose data. */
const KEPT = [
  "code",
  "constraint_name",
  "table_name",
  "column_name",
  "routine",
  "query",
  "path",
  "domainCode",
] as const;
const DEPTH = 5;

/**
 * What the log keeps of an error: name, message, stack, the codes of Postgres, the causes. Never the parameters of a query,
 * wherever a driver puts them: they are people's addresses and the hashes of their secrets. Postgres's "detail" quotes rows.
 */
export function describeForLog(error: unknown, depth: number = DEPTH): object {
  if (!(error instanceof Error)) return { message: String(error).slice(0, 500) };
  const facts: Record<string, unknown> = {
    type: error.name,
    message: withoutParameters(error.message),
    stack: withoutParameters(error.stack ?? ""),
  };
  for (const field of KEPT) if (field in error) facts[field] = Reflect.get(error, field);
  if (error.cause !== undefined && depth > 0) facts.cause = describeForLog(error.cause, depth - 1);
  return facts;
}

/** Drizzle writes "Failed query: … params: a,b,c" into its messages, over one line or many; a stack's frames come after. */
function withoutParameters(text: string): string {
  return text.replace(/^params: [\s\S]*?(?=^\s+at |(?![\s\S]))/gm, "params: …\n").trimEnd();
}
