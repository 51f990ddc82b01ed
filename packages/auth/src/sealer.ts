import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** Length of a portal's key, in bytes. */
export const SECRET_KEY_BYTES = 32;

/** Hides what the database holds for a while but must not tell: job payloads with tokens, secrets of second factors. */
export interface Sealer {
  /** Encrypts a text. The purpose is bound to it: what was sealed for one cannot be opened as another. */
  seal(purpose: string, text: string): string;
  /**
   * Gives back what was sealed for this purpose. @throws SealError when it was changed, sealed for another purpose, or
   * sealed with a key that this portal does not have.
   */
  open(purpose: string, sealed: string): string;
}

/** Something sealed could not be opened. */
export class SealError extends Error {
  override name = "SealError";
}

const VERSION = "s1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

interface SealingKey {
  /** Tells which of several keys a text was sealed with; says nothing of the key itself. */
  name: string;
  secret: Buffer;
}

/**
 * Seals with AES-256-GCM. The first key seals, all of them open: a new key goes in front, and the old one stays until
 * nothing of its time is left. @throws when no key is given or one has not 32 bytes
 */
export function createSealer(secretKeys: readonly Buffer[]): Sealer {
  const keys = secretKeys.map(toSealingKey);
  const [current] = keys;
  if (!current) throw new Error("A sealer needs a key.");
  return {
    seal(purpose, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keyFor(current, purpose), nonce);
      const hidden = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${current.name}.${hidden.toString("base64url")}`;
    },
    open(purpose, sealed) {
      const [version, name, hidden = ""] = sealed.split(".");
      const key = version === VERSION ? keys.find((each) => each.name === name) : undefined;
      if (!key) throw new SealError("This was sealed with a key that the portal does not have: see SECRET_KEY.");
      return decipher(keyFor(key, purpose), Buffer.from(hidden, "base64url"));
    },
  };
}

function toSealingKey(secret: Buffer): SealingKey {
  if (secret.length !== SECRET_KEY_BYTES) throw new Error(`A sealer's key has ${SECRET_KEY_BYTES} bytes.`);
  return { secret, name: createHash("sha256").update("name").update(secret).digest("hex").slice(0, 8) };
}

/** A key of its own per purpose: texts of different purposes never meet under one key, which also spreads the nonces. */
function keyFor({ secret }: SealingKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "guildhall", purpose, SECRET_KEY_BYTES));
}

function decipher(key: Buffer, hidden: Buffer): string {
  const textEnd = hidden.length - TAG_BYTES;
  if (textEnd < NONCE_BYTES) throw new SealError("This is no sealed text.");
  const reader = createDecipheriv(ALGORITHM, key, hidden.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  reader.setAuthTag(hidden.subarray(textEnd));
  try {
    return reader.update(hidden.subarray(NONCE_BYTES, textEnd), undefined, "utf8") + reader.final("utf8");
  } catch (cause) {
    throw new SealError("This was changed since it was sealed, or sealed for another purpose.", { cause });
  }
}
