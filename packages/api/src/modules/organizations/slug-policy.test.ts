import fc from "fast-check";
import { expect, test } from "vitest";
import { organizationSlug } from "./organization-input.ts";
import { isReservedSlug, slugCandidate, slugFromName } from "./slug-policy.ts";

test("S3.6 any name becomes a valid, unreserved slug, and so do its numbered candidates", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), fc.integer({ min: 1, max: 2000 }), (name, n) => {
      const slug = slugCandidate(slugFromName(name), n);
      expect(organizationSlug.safeParse(slug).success).toBe(true);
      expect(isReservedSlug(slug)).toBe(false);
    }),
  );
});

test("S3.6 slugs read like the name", () => {
  expect(slugFromName("Smith Marketing Agency")).toBe("smith-marketing-agency");
  expect(slugFromName("Café Über GmbH & Co. KG")).toBe("cafe-uber-gmbh-co-kg");
  expect(slugFromName("株式会社")).toBe("organization-1");
  expect(slugFromName("Admin")).toBe("admin-1");
});
