import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const failOnConsoleError = `${root}packages/db/src/testing/fail-on-console-error.ts`;
const browserSetup = `${root}apps/e2e/src/global-setup.ts`;
const excluded = ["**/node_modules/**", "**/build/**", "**/dist/**", "**/.data/**"];

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^~\//, replacement: `${root}apps/web/app/` }] },
  test: {
    pool: "forks",
    maxWorkers: 2,
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
      {
        extends: true,
        test: {
          name: "postgres",
          include: ["{apps,packages}/**/*.pg.test.ts"],
          exclude: excluded,
          setupFiles: [failOnConsoleError],
          globalSetup: [`${root}packages/db/src/testing/global-setup.ts`],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["apps/e2e/**/*.e2e.ts"],
          exclude: excluded,
          globalSetup: existsSync(browserSetup) ? [browserSetup] : [],
          fileParallelism: false,
          // A shared machine may stall for longer than any wait. Such a test gets one more try, and says so in the output.
          retry: process.env.CI ? 1 : 0,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 2 }, // Last and alone: a browser beside other work is what makes tests flicker.
        },
      },
    ],
  },
});
