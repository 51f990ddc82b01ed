export { type CreditRate, creditsFor, priceOf, priceText } from "./credit-rate.ts";
export {
  addCredits,
  formatCredits,
  formatExactCredits,
  formatSignedCredits,
  MICRO_PER_CREDIT,
  parseCredits,
} from "./credits.ts";
export { DomainError, type DomainErrorCode, domainErrors, isDomainError } from "./errors.ts";
export { isUuid, newId } from "./ids.ts";
export { decimalsOf, formatMoney, parseMoney } from "./money.ts";
export { isPlainLine, isStorable } from "./text.ts";
export { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from "./time.ts";
