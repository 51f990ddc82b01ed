import type postgres from "postgres";

type Client = postgres.Sql | postgres.TransactionSql;

/** Lists and inserts of many rows have another text for every length; each would stay prepared, so they are not. */
const MOST_PARAMETERS = 32;

/**
 * The same client, but statements given as text are prepared once per connection. Drizzle sends all its queries this way
 * and would have each of them parsed, described and planned anew, at the price of a second round trip. The texts come
 * from code, with values as parameters, so there are about as many of them as there are queries in the code.
 */
export function preparing<T extends Client>(client: T): T {
  const unsafe: Client["unsafe"] = (text, params = [], options = {}) =>
    client.unsafe(text, params, { ...options, prepare: params.length > 0 && params.length <= MOST_PARAMETERS });
  const nested = {
    unsafe,
    begin: (first: unknown, second?: unknown) =>
      callThrough(client, "begin", typeof first === "function" ? [first] : [first, second]),
    savepoint: (first: unknown, second?: unknown) =>
      callThrough(client, "savepoint", typeof first === "function" ? [first] : [first, second]),
  };
  return new Proxy(client, {
    get: (target, key) => (key in nested ? nested[key as keyof typeof nested] : Reflect.get(target, key)),
  });
}

type Scoped = (...args: unknown[]) => unknown;

/** Calls begin or savepoint so that the client it hands to the work is a preparing one, too. */
function callThrough(client: Client, method: "begin" | "savepoint", args: unknown[]): unknown {
  const work = args.at(-1) as (inner: Client) => unknown;
  const wrapped = (inner: Client) => work(preparing(inner));
  return (client as unknown as Record<string, Scoped>)[method]?.(...args.slice(0, -1), wrapped);
}
