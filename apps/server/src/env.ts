import { SECRET_KEY_BYTES } from "@guildhall/auth";
import { z } from "zod";

const flag = z.enum(["true", "false"]).transform((text) => text === "true");
/** An origin as browsers send it; anything else would allow nothing, or worse, the origin "null" of sandboxed pages. */
const origin = z
  .string()
  .refine((text) => webOrigin(text) === text, "must be origins like https://other.example.com, with no path");
const origins = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== ""),
  )
  .pipe(z.array(origin));
/** Normalized to its origin, so that every comparison in the house sees the same spelling. */
const publicUrl = z.string().transform((text, issues) => {
  const url = webOrigin(text);
  if (url !== undefined && isBare(text)) return url;
  issues.addIssue({
    code: "custom",
    message: "must be an absolute URL without a path, like https://portal.example.com",
  });
  return z.NEVER;
});

function webOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url.origin : undefined;
}

function isBare(text: string): boolean {
  const { pathname, search, hash, username } = new URL(text);
  return pathname === "/" && search === "" && hash === "" && username === "";
}

const secretKeys = z.string().transform((text, issues) => {
  const keys = text.split(",").map((each) => Buffer.from(each.trim(), "base64"));
  if (keys.every((key) => key.length === SECRET_KEY_BYTES)) return keys;
  issues.addIssue({
    code: "custom",
    message: `must be ${SECRET_KEY_BYTES} random bytes in base64: openssl rand -base64 32`,
  });
  return z.NEVER;
});
const smtpUrl = z
  .string()
  .refine(
    (text) =>
      URL.canParse(text) && ["smtp:", "smtps:"].includes(new URL(text).protocol) && new URL(text).hostname !== "",
    "must be like smtp://user:password@mail.example.com:587 or smtps://…:465",
  );
/** A header of every mail: one line, with one address in it. */
const sender = z
  .string()
  .regex(
    /^(?:[^\p{Cc}<>@,;]{1,100} <[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/u,
    "must be like Guildhall <no-reply@example.com>",
  );

/**
 * Every setting of the server. The description is what the README's table prints; where a value has a unit, its name
 * ends with it. No other file reads process.env.
 */
export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(["production", "development", "test"])
    .default("production")
    .describe("`development` reloads pages as they are edited and relaxes nothing else."),
  HOST: z
    .string()
    .default("127.0.0.1")
    .describe("Address to listen on. `0.0.0.0` opens the portal to the network: set PUBLIC_URL too."),
  PORT: z.coerce
    .number("must be a number")
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe("Port to listen on; 0 takes a free one."),
  PUBLIC_URL: publicUrl
    .optional()
    .describe("Where people reach the portal; every link and the Origin check use it. Default: http://localhost:PORT."),
  ALLOWED_ORIGINS: origins
    .default([])
    .describe("Further origins that may call the portal with cookies, separated by commas."),
  TRUSTED_PROXIES: z.coerce
    .number("must be a number")
    .int()
    .min(0)
    .default(0)
    .describe(
      "How many reverse proxies stand in front: the client's address is read that far back in X-Forwarded-For.",
    ),
  DATA_DIR: z
    .string()
    .default(".data")
    .describe(
      "Where the embedded Postgres, the key that seals secrets and the demo's keys live, relative to the checkout.",
    ),
  DATABASE_URL: z
    .url("must be a postgres:// URL")
    .optional()
    .describe("A Postgres 18 or later to use instead of the embedded one, as the role guildhall_app."),
  DATABASE_OWNER_URL: z
    .url("must be a postgres:// URL")
    .optional()
    .describe(
      "The same database as the role guildhall_owner, for migrations and the queue of jobs. Required with DATABASE_URL.",
    ),
  DATABASE_CONNECTIONS: z.coerce
    .number("must be a number")
    .int()
    .min(4)
    .max(500)
    .default(20)
    .describe("Connections that one server holds to Postgres at most."),
  DEMO: flag
    .optional()
    .describe(
      "Loads the demo into an empty database. Default: true with the embedded Postgres on this machine alone; false with a database of your own, a PUBLIC_URL or a HOST that others reach.",
    ),
  SECRET_KEY: secretKeys
    .optional()
    .describe(
      "Seals secrets that the database holds: 32 random bytes in base64. Several, separated by commas: the first seals, the others still open. Default: made in DATA_DIR/secret-key. Set it where several servers share a database or DATA_DIR does not last.",
    ),
  SMTP_URL: smtpUrl
    .optional()
    .describe(
      "The mail server: smtp://user:password@host:587 (STARTTLS where offered; `?requireTLS=true` insists) or smtps://…:465. Without it no mail is sent.",
    ),
  MAIL_FROM: sender
    .optional()
    .describe("The sender of all mail. Default: `Guildhall <no-reply@HOST>` with the host of the public URL."),
  MAIL_CAPTURE: flag
    .optional()
    .describe(
      "Keeps mail for reading at /dev/mail, by a browser on this machine, where no SMTP_URL is set. Default: true in development and where the demo may be; refused where others reach the portal.",
    ),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
    .default("info")
    .describe("The least severe line that is logged."),
  LOG_FORMAT: z
    .enum(["auto", "json", "pretty"])
    .default("auto")
    .describe("`auto` prints for people on a terminal and JSON lines everywhere else."),
});

export type Environment = Omit<z.output<typeof environmentSchema>, "DEMO" | "MAIL_CAPTURE"> & {
  DEMO: boolean;
  MAIL_CAPTURE: boolean;
};

/** What is wrong with the environment, one line per variable. */
class EnvironmentError extends Error {
  override name = "EnvironmentError";
}

/** Reads the environment. Empty values count as not set. @throws EnvironmentError naming every wrong variable */
export function readEnvironment(source: Record<string, string | undefined> = process.env): Environment {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = environmentSchema.safeParse(set);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  const environment = parsed.data;
  if (environment?.DATABASE_URL && !environment.DATABASE_OWNER_URL) {
    problems.push("DATABASE_OWNER_URL: is required with DATABASE_URL, so that migrations can run as the owner");
  }
  if (environment?.MAIL_CAPTURE && !mayCaptureMail(environment)) {
    problems.push(
      "MAIL_CAPTURE: would let others read everybody's mail, links to new passwords included; set SMTP_URL",
    );
  }
  if (!environment || problems.length > 0)
    throw new EnvironmentError(`The configuration is not valid.\n  ${problems.join("\n  ")}`);
  const capturesMail = environment.MAIL_CAPTURE ?? mayCaptureMail(environment);
  return {
    ...environment,
    DEMO: environment.DEMO ?? isAtHome(environment),
    MAIL_CAPTURE: capturesMail && environment.SMTP_URL === undefined,
  };
}

type Surroundings = Pick<Environment, "DATABASE_URL" | "PUBLIC_URL" | "HOST">;

/** Captured mail is everybody's mail: it is for those who run the portal for themselves. */
function mayCaptureMail(environment: Surroundings & Pick<Environment, "NODE_ENV">): boolean {
  return environment.NODE_ENV !== "production" || isAtHome(environment);
}

/** The demo's password is printed in the manual: it belongs where nobody else can reach it. */
function isAtHome({ DATABASE_URL, PUBLIC_URL, HOST }: Surroundings): boolean {
  return DATABASE_URL === undefined && PUBLIC_URL === undefined && ["127.0.0.1", "localhost", "::1"].includes(HOST);
}
