import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const failOnConsoleError = `${root}packages/db/src/testing/fail-on-console-error.ts`;
const browserSetup = `${root}apps/e2e/src/global-setup.ts`;
const excluded = ["**/node_modules/**", "**/build/**", "**/dist/**", "**/.data/**"];

/** Tests whose answers come over sockets, or from other processes. */
const waiting = ["apps/server/**/!(crash).pg.test.ts", "packages/live/**/*.pg.test.ts"];

/**
 * A shared machine may stall for longer than any wait. A test that waits for others gets one more try there, and is named at the end. What
 * money rests on gets none: a failure that comes once in a hundred runs is the one that counts.
 */
const secondTry = process.env.CI ? 1 : 0;

/** A project whose tests have a real database. */
function withPostgres(own: { name: string; include: string[]; exclude: string[]; retry?: number }) {
  const test = {
    ...own,
    exclude: [...excluded, ...own.exclude],
    setupFiles: [failOnConsoleError],
    globalSetup: [`${root}packages/db/src/testing/global-setup.ts`],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    sequence: { groupOrder: 1 },
  };
  return { extends: true as const, test };
}

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^~\//, replacement: `${root}apps/web/app/` }] },
  test: {
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default", `${root}scripts/second-tries-reporter.ts`],
    // Times are only where a test gives up. They are long, since waiting costs nothing while things work.
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{apps,packages,scripts}/**/*.test.{ts,tsx}"],
          exclude: [...excluded, "**/*.pg.test.ts"],
          setupFiles: [failOnConsoleError],
          sequence: { groupOrder: 0 },
        },
      },
      withPostgres({ name: "postgres", include: ["{apps,packages}/**/*.pg.test.ts"], exclude: waiting }),
      withPostgres({ name: "sockets", include: waiting, exclude: [], retry: secondTry }),
      {
        extends: true,
        test: {
          name: "browser",
          include: ["apps/e2e/**/*.e2e.ts"],
          exclude: excluded,
          globalSetup: existsSync(browserSetup) ? [browserSetup] : [],
          fileParallelism: false,
          retry: secondTry,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 2 }, // Last and alone: a browser beside other work is what makes tests flicker.
        },
      },
    ],
  },
});
