/** Control characters, and those that turn the direction of writing: a name with them can pass for another one. */
const DECEIVING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Says whether a text can be stored: Postgres knows no zero character, and UTF-8 no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** Says whether a text is fit for a line that others read: storable, without control characters or turns of direction. */
export function isPlainLine(text: string): boolean {
  return isStorable(text) && !DECEIVING.test(text);
}
