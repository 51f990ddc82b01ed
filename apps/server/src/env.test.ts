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

test("every option says what it is for", () => {
  for (const [name, option] of Object.entries(environmentSchema.shape)) expect(option.description, name).toBeTruthy();
});
