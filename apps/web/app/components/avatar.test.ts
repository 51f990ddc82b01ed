import { expect, test } from "vitest";
import { initialsOf } from "./avatar";

test.each([
  ["Ada Lovelace", "AL"],
  ["Northwind", "N"],
  ["jean-luc picard", "JP"],
  ["  ", "?"],
  ["(Test) Company & Co.", "TC"],
  ["李小龙", "李"],
  ["🏛 Guild Hall", "GH"],
])("%j has the initials %j", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
