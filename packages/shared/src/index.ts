export { addCredits, formatCredits, formatSignedCredits, MICRO_PER_CREDIT, parseCredits } from "./credits.ts";
export { DomainError, type DomainErrorCode, domainErrors, isDomainError } from "./errors.ts";
export { isUuid, newId } from "./ids.ts";
export { isPlainLine, isStorable } from "./text.ts";
export { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from "./time.ts";
