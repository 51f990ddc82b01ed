import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines } from "./lines.ts";

async function* chunksOf(parts: (string | Uint8Array)[]) {
  for (const part of parts) yield Buffer.from(part);
}

async function read(parts: (string | Uint8Array)[], maxSizeBytes = 100) {
  const lines = (await Array.fromAsync(readLines(chunksOf(parts), maxSizeBytes))).flat();
  return lines.map(({ bytes }) => (bytes ? Buffer.from(bytes).toString() : undefined));
}

test("lines are the same however the text is cut into chunks, inside of characters, too", async () => {
  const text = fc.array(fc.constantFrom("a", "é", "€", "\n", "\r"), { maxLength: 40 }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(20), { maxLength: 10 }), async (whole, sizes) => {
      const parts: Uint8Array[] = [];
      let rest = Buffer.from(whole);
      for (const size of sizes) {
        parts.push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      const expected = whole.split("\n");
      if (expected.at(-1) === "") expected.pop();
      expect(await read([...parts, rest], 1_000)).toEqual(expected);
    }),
  );
});

test("a line may be as long as allowed; a longer one is told as such, and the next one is read", async () => {
  const [allowed, longer] = ["x".repeat(100), "y".repeat(101)];
  expect(await read([`${allowed}\n${longer}\nok\n`])).toEqual([allowed, undefined, "ok"]);
  expect(await read(["y".repeat(60), "y".repeat(60), "y\nok"])).toEqual([undefined, "ok"]);
});

test("lines are numbered from 1, empty ones too, and come with the chunk that completes them", async () => {
  const batches = await Array.fromAsync(readLines(chunksOf(["a\n\nb", "c\n", "d"]), 100));
  expect(batches.map((lines) => lines.map(({ number }) => number))).toEqual([[1, 2], [3], [4]]);
});
