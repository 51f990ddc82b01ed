import { describe, expect, test } from "vitest";
import { createPasswordHasher } from "./password-hasher.ts";

const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

describe("a password's hash", () => {
  test("is argon2id at OWASP's cost unless told otherwise", async () => {
    expect(await createPasswordHasher().hash("a quiet harbour")).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("fits its own password only, and differs each time", async () => {
    const passwords = createPasswordHasher({ cost: cheap });
    const [one, two] = [await passwords.hash("a quiet harbour"), await passwords.hash("a quiet harbour")];
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, "a quiet harbour")).toBe(true);
    expect(await passwords.verify(one, "a quiet harbouR")).toBe(false);
    expect(await passwords.verify(one, "a quiet harbour ")).toBe(false);
  });

  test("is the same for the same characters in another encoding", async () => {
    const passwords = createPasswordHasher({ cost: cheap });
    const stored = await passwords.hash("Å\u0308 ＡＢＣ １２３ ﬁn".normalize("NFD"));
    expect(await passwords.verify(stored, "Å\u0308 ABC 123 fin".normalize("NFC"))).toBe(true);
  });

  test("of nobody is compared at the same cost and never fits", async () => {
    const passwords = createPasswordHasher({ cost: cheap });
    for (const stored of [null, "", "!", "none", "$2b$10$abcdefghijklmnopqrstuv"]) {
      expect(await passwords.verify(stored, "a quiet harbour")).toBe(false);
    }
  });

  test("is due for a new one when it was made at another cost or is none", async () => {
    const passwords = createPasswordHasher({ cost: cheap });
    const stored = await passwords.hash("a quiet harbour");
    expect(passwords.needsRehash(stored)).toBe(false);
    expect(passwords.needsRehash("!")).toBe(true);
    for (const cost of [{ memoryKib: 128 }, { passes: 2 }, { lanes: 2 }]) {
      expect(createPasswordHasher({ cost: { ...cheap, ...cost } }).needsRehash(stored)).toBe(true);
    }
  });

  test("is made off the main thread: the event loop turns meanwhile", async () => {
    const passwords = createPasswordHasher({ cost: { ...cheap, passes: 5_000 } });
    let isDone = false;
    let turns = 0;
    const hashing = passwords.hash("a quiet harbour").then(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    await hashing;
    expect(turns).toBeGreaterThan(10);
  });
});
