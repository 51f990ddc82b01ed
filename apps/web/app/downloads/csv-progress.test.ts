import { expect, test } from "vitest";
import { createCsvProgress } from "./csv-progress";

test("progress is told by the latest whole row, wherever the pieces end", () => {
  const progress = createCsvProgress({ first: 1n, last: 10n });
  progress.take("date,kind,sequence\r\n");
  expect([progress.rows(), progress.fraction()]).toEqual([0, null]);
  progress.take('2026-11-02,usage,"a ""quoted"", one",10\r\n2026-11-01,usage,b,');
  expect([progress.rows(), progress.fraction()]).toEqual([1, 0.1]);
  progress.take("9\r");
  progress.take("\n2026-11-01,usage,c,5\r\n");
  expect([progress.rows(), progress.fraction()]).toEqual([3, 0.6]);
});

test("rows that filters leave out count as looked through", () => {
  const progress = createCsvProgress({ first: 101n, last: 200n });
  progress.take("h\r\nx,101\r\n");
  expect([progress.rows(), progress.fraction()]).toEqual([1, 1]);
});

test("an empty stretch says nothing of progress", () => {
  const progress = createCsvProgress({ first: 1n, last: 0n });
  progress.take("date,sequence\r\n");
  expect([progress.rows(), progress.fraction()]).toEqual([0, null]);
});
