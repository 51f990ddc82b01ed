import { expect, test } from "vitest";
import { assertVersion, MigrationError } from "./migrate.ts";

test("a Postgres before 18 is refused by its name, before anything is changed", () => {
  for (const [version, major] of [
    [179_999, 17],
    [160_004, 16],
    [90_624, 9],
  ] as const) {
    const refused = () => assertVersion(version);
    expect(refused).toThrow(MigrationError);
    expect(refused).toThrow(`This is Postgres ${major}; the portal needs 18 or later. Nothing was changed.`);
  }
});

test("18 and what comes after it are taken", () => {
  for (const version of [180_000, 180_004, 190_000, 1_000_000]) expect(() => assertVersion(version)).not.toThrow();
});
