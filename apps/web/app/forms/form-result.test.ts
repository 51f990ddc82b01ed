import { expect, test } from "vitest";
import { type FormResult, resultOf } from "./form-result";

const refused: FormResult = {
  intent: "rename",
  values: { name: "x" },
  fieldErrors: {},
  formError: "No.",
  requestId: null,
  code: null,
  details: {},
};

test("a form shows the refusal that is its own, not that of another form of the page", () => {
  expect(resultOf(refused, "rename")).toBe(refused);
  expect(resultOf(refused, "invite")).toBeUndefined();
});

test("what is no refusal is none: nothing sent yet, or a result of another kind", () => {
  expect(resultOf(undefined, "rename")).toBeUndefined();
  expect(resultOf({ made: { key: "gh_…" } }, "create-key")).toBeUndefined();
});
