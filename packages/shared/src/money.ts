/** Currencies whose minor unit is not a hundredth, by ISO 4217: how many decimals it has. Not asked of Intl, which may differ by machine. */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...[
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
  ].map((code) => [code, 0] as const),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((code) => [code, 3] as const),
  ...["CLF", "UYW"].map((code) => [code, 4] as const),
]);
const MONEY = /^(\d{1,3}(?:,\d{3})+|\d{1,15})?(?:\.(\d+))?$/;
/** Largest payment that a text may name, in minor units: what it buys is checked where it is bought. */
const MAX_MINOR = 1_000_000_000_000_000n;

/** How many decimals a currency's amounts have: 2 for EUR, 0 for JPY. */
export function decimalsOf(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/**
 * Reads what a person typed ("1,999.50") into minor units of a currency. Returns undefined when the text is no amount or names a
 * part of a minor unit: nothing is rounded.
 */
export function parseMoney(text: string, currency: string): bigint | undefined {
  const [match, whole = "", fraction = ""] = MONEY.exec(text.trim()) ?? [];
  const decimals = decimalsOf(currency);
  if (match === undefined || (whole === "" && fraction === "") || fraction.length > decimals) return undefined;
  const amountMinor = BigInt(whole.replaceAll(",", "") + fraction.padEnd(decimals, "0"));
  return amountMinor <= MAX_MINOR ? amountMinor : undefined;
}

/** Formats an amount of at least zero in minor units, with all its decimals: "1,999.50 EUR". */
export function formatMoney(amountMinor: bigint, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = amountMinor.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}${decimals === 0 ? "" : `.${digits.slice(-decimals)}`} ${currency}`;
}
