import { expect, test } from "vitest";
import { describeForLog } from "./describe-for-log.ts";

/** As drizzle's: the parameters stand in the message, and so in the stack. */
class QueryError extends Error {
  readonly params: unknown[];

  constructor(query: string, params: unknown[], cause: Error) {
    super(`Failed query: ${query}\nparams: ${params}`, { cause });
    this.params = params;
  }
}

test("the log of a failed query names query and code, and none of its parameters", () => {
  const cause = Object.assign(new Error("canceling statement"), {
    code: "57014",
    detail: "Key (email)=(ada@x)",
    parameters: ["$argon2id$secret"],
  });
  const error = new QueryError(
    "insert into users values ($1, $2)",
    ["ada@example.com", "$argon2id$secret\nsecond secret line"],
    cause,
  );
  const logged = JSON.stringify(describeForLog(new Error("outer", { cause: error })));
  expect(logged).toContain("insert into users");
  expect(logged).toContain("57014");
  expect(logged).toContain("describe-for-log.test.ts");
  for (const secret of ["ada@", "argon2id", "second secret line"]) expect(logged).not.toContain(secret);
});

test("what is thrown that is no error is named, and a circle of causes ends", () => {
  expect(describeForLog("text")).toEqual({ message: "text" });
  const circle = new Error("round");
  circle.cause = circle;
  expect(JSON.stringify(describeForLog(circle)).length).toBeLessThan(100_000);
});
