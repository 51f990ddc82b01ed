import { expect, test } from "vitest";
import { createRowProgress } from "./row-progress";

test("rows are counted wherever the pieces end, and a line break inside of quotes is none", () => {
  const progress = createRowProgress(4);
  progress.take("name,role\r");
  expect([progress.rows(), progress.fraction()]).toEqual([0, 0]);
  progress.take('\nAda,owner\r\n"Grace\r\n""Amazing""');
  expect([progress.rows(), progress.fraction()]).toEqual([1, 0.25]);
  progress.take('",admin\r\n');
  expect([progress.rows(), progress.fraction()]).toEqual([2, 0.5]);
});

test("who joins meanwhile does not lead beyond the end, and an empty list says nothing of progress", () => {
  const progress = createRowProgress(1);
  progress.take("h\r\n1\r\n2\r\n");
  expect([progress.rows(), progress.fraction()]).toEqual([2, 1]);
  expect(createRowProgress(0).fraction()).toBeNull();
});
