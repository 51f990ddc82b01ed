import { expect, test } from "vitest";
import { exportPath, readFilters, toSearch } from "./transaction-filters";

const read = (query: string) => readFilters(new URLSearchParams(query));

test("an address without filters limits nothing", () => {
  expect(read("before=12&dialog=add-credits&agent=%20")).toMatchObject({ input: {}, errors: {}, isActive: false });
});

test("amounts are read as typed, days as whole days of UTC with the last one included", () => {
  const { input, errors, isActive } = read(
    "kind=usage&kind=top_up&kind=nonsense&agent=Support&from=2026-11-01&to=2026-11-30&min=−1,000.5&max=0",
  );
  expect({ errors, isActive }).toEqual({ errors: {}, isActive: true });
  expect(input).toEqual({
    kinds: ["top_up", "usage"],
    agent: "Support",
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-12-01T00:00:00.000Z",
    minAmountMicro: "-1000500000",
    maxAmountMicro: "0",
  });
});

test("what cannot be read is told at its field, and kept as typed", () => {
  const { typed, errors, isActive } = read("member=bob&from=soon&min=lots&max=1e3");
  expect(isActive).toBe(true);
  expect(Object.keys(errors).sort()).toEqual(["from", "max", "member", "min"]);
  expect(typed).toMatchObject({ member: "bob", from: "soon", min: "lots", max: "1e3" });
  expect(Object.keys(read("from=2026-11-02&to=2026-11-01&min=2&max=1").errors).sort()).toEqual(["max", "to"]);
});

test("the address says the same filters again, and one can be left out", () => {
  const query = "?kind=usage&agent=Sales+team&min=-5";
  const { typed, input } = read(query);
  expect(toSearch(typed)).toBe(query);
  expect(toSearch({ ...typed, kinds: [], min: "" }, { before: "7" })).toBe("?agent=Sales+team&before=7");
  expect(toSearch(read("").typed)).toBe("");
  expect(exportPath("acme", input)).toBe(
    "/o/acme/wallet/transactions.csv?kinds=usage&agent=Sales+team&minAmountMicro=-5000000",
  );
});
