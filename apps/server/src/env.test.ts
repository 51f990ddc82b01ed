import { expect, test } from "vitest";
import { environmentSchema, readEnvironment } from "./env.ts";

test("an empty environment is a whole configuration: the embedded Postgres with the demo on port 3000", () => {
  expect(readEnvironment({})).toMatchObject({ PORT: 3000, DEMO: true, NODE_ENV: "production" });
  expect(readEnvironment({ PORT: "", DEMO: "false" })).toMatchObject({ PORT: 3000, DEMO: false });
});

test("every wrong variable is named at once", () => {
  const wrong = () => readEnvironment({ PORT: "http", PUBLIC_URL: "portal", LOG_LEVEL: "loud" });
  expect(wrong).toThrow(/PORT: must be a number[\s\S]*PUBLIC_URL: must be an absolute URL[\s\S]*LOG_LEVEL/);
});

test("a database of one's own needs the owner's URL, and loads no demo unless asked", () => {
  const DATABASE_URL = "postgres://guildhall_app@db/guildhall";
  expect(() => readEnvironment({ DATABASE_URL })).toThrow("DATABASE_OWNER_URL");
  expect(readEnvironment({ DATABASE_URL, DATABASE_OWNER_URL: DATABASE_URL }).DEMO).toBe(false);
});

test("an origin is one, to the letter: nothing that a parser would read as the origin null", () => {
  for (const ALLOWED_ORIGINS of [
    "portal.example.com:443",
    "example.com",
    "https://a.example/path",
    "null",
    "mailto:x",
  ]) {
    expect(() => readEnvironment({ ALLOWED_ORIGINS }), ALLOWED_ORIGINS).toThrow("ALLOWED_ORIGINS");
  }
  const ALLOWED_ORIGINS = "https://a.example, http://b.example:8080";
  expect(readEnvironment({ ALLOWED_ORIGINS }).ALLOWED_ORIGINS).toEqual(["https://a.example", "http://b.example:8080"]);
});

test("the public URL is a bare web address, normalized", () => {
  for (const PUBLIC_URL of ["mailto:x", "https://a.example/portal", "https://u@a.example", "https://a.example?x"]) {
    expect(() => readEnvironment({ PUBLIC_URL }), PUBLIC_URL).toThrow("PUBLIC_URL");
  }
  expect(readEnvironment({ PUBLIC_URL: "HTTPS://Portal.Example.com/" }).PUBLIC_URL).toBe("https://portal.example.com");
});

test("the demo, whose password everybody knows, is not loaded where others can reach it", () => {
  expect(readEnvironment({ HOST: "0.0.0.0" }).DEMO).toBe(false);
  expect(readEnvironment({ PUBLIC_URL: "https://portal.example.com" }).DEMO).toBe(false);
  expect(readEnvironment({ HOST: "0.0.0.0", DEMO: "true" }).DEMO).toBe(true);
});

test("mail is kept for reading at home and in development, and never where others could read it", () => {
  expect(readEnvironment({}).MAIL_CAPTURE).toBe(true);
  expect(readEnvironment({ MAIL_CAPTURE: "false" }).MAIL_CAPTURE).toBe(false);
  expect(readEnvironment({ SMTP_URL: "smtp://mail.example.com" }).MAIL_CAPTURE).toBe(false);
  for (const reachable of [{ HOST: "0.0.0.0" }, { PUBLIC_URL: "https://portal.example.com" }]) {
    expect(readEnvironment(reachable).MAIL_CAPTURE).toBe(false);
    expect(() => readEnvironment({ ...reachable, MAIL_CAPTURE: "true" })).toThrow("MAIL_CAPTURE");
    expect(readEnvironment({ ...reachable, NODE_ENV: "development" }).MAIL_CAPTURE).toBe(true);
  }
});

test("mail options are checked at the start: the server, the sender, the key", () => {
  for (const SMTP_URL of ["mail.example.com", "http://mail.example.com", "smtp://"]) {
    expect(() => readEnvironment({ SMTP_URL }), SMTP_URL).toThrow("SMTP_URL");
  }
  for (const MAIL_FROM of ["Guildhall", "a@b.example, c@d.example", "A <a@b.example>\r\nBcc: x@y.example"]) {
    expect(() => readEnvironment({ MAIL_FROM }), MAIL_FROM).toThrow("MAIL_FROM");
  }
  expect(readEnvironment({ MAIL_FROM: "Guildhall <no-reply@example.com>" }).MAIL_FROM).toContain("no-reply");
  expect(() => readEnvironment({ SECRET_KEY: "c2hvcnQ=" })).toThrow("openssl rand -base64 32");
  const key = Buffer.alloc(32, 1).toString("base64");
  expect(readEnvironment({ SECRET_KEY: `${key}, ${key}` }).SECRET_KEY).toHaveLength(2);
});

test("every option says what it is for", () => {
  for (const [name, option] of Object.entries(environmentSchema.shape)) expect(option.description, name).toBeTruthy();
});
