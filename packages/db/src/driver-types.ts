import type postgres from "postgres";

const INT8 = 20;
const JSON_TYPE = 114;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const JSONB = 3802;

/** int8 ↔ bigint: money must not pass through a float. */
export const driverTypes = {
  bigint: {
    to: INT8,
    from: [INT8],
    serialize: (value: bigint | number | string) => String(value),
    parse: (text: string) => BigInt(text),
  },
};

/**
 * Drizzle replaces the driver's conversions by none, for it converts by column. SQL by hand over the same connections
 * would then get timestamps as text and could not send objects as JSON. These serve both: drizzle accepts Dates and sends
 * texts. A `date` stays text (a calendar day has no time zone).
 */
export function restoreParsers(sql: postgres.Sql): void {
  const { parsers, serializers } = sql.options as unknown as {
    parsers: Record<number, (text: string) => unknown>;
    serializers: Record<number, (value: unknown) => unknown>;
  };
  parsers[TIMESTAMPTZ] = (text) => new Date(text);
  parsers[TIMESTAMP] = (text) => new Date(`${text}Z`);
  for (const type of [DATE, TIMESTAMP, TIMESTAMPTZ]) {
    serializers[type] = (value) => (value instanceof Date ? value.toISOString() : value);
  }
  for (const type of [JSON_TYPE, JSONB]) {
    serializers[type] = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  }
}
