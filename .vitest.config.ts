import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { locateChrome } from "./.scripts/chrome.mjs";

/** Test files that only Node can run: they read files, start processes, or look at the npm package. */
const nodeOnly = "tests/**/*.node.test.ts";

export default defineConfig(async () => {
  // Where no browser is found, Playwright's own message about the missing Chrome is the right one, and comes only if
  // the chrome project is run.
  const chrome = await locateChrome().catch(() => ({ channel: "chrome" }));
  return {
    test: {
      // Every test file opens a GPU device, and a software adapter uses all cores: more than one at a time is slower.
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      projects: [
        {
          test: {
            name: "node",
            include: ["tests/**/*.test.ts"],
            environment: "node",
            // Not threads: a worker thread has its own copy of the environment, which the Vulkan loader does not see.
            pool: "forks" as const,
            maxWorkers: 1,
            fileParallelism: false,
            sequence: { groupOrder: 0 },
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
        {
          test: {
            name: "chrome",
            include: ["tests/**/*.test.ts"],
            exclude: [nodeOnly],
            fileParallelism: false,
            // After Node's tests, not beside them.
            sequence: { groupOrder: 1 },
            testTimeout: 60_000,
            hookTimeout: 60_000,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider: playwright({ launchOptions: chrome }),
              instances: [{ browser: "chromium" as const }],
            },
          },
        },
      ],
    },
  };
});
