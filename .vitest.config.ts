import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { locateChrome } from "./.scripts/chrome.mjs";

/**
 * Test files that only Node runs: they read files, start processes, look at the npm package, or train for seconds (that
 * Chrome's kernels compute the same is proved by the other files).
 */
const nodeOnly = "tests/**/*.node.test.ts";

export default defineConfig(async () => {
  // Where no browser is found, Playwright's own message about the missing Chrome is the right one, and comes only if
  // the chrome project is run.
  const chrome = await locateChrome().catch(() => ({ channel: "chrome" }));
  return {
    test: {
      projects: [
        {
          test: {
            name: "node",
            include: ["tests/**/*.test.ts"],
            environment: "node",
            // The files of a process share its pipelines (tests/support/shared-gpu.ts) and its modules.
            isolate: false,
            restoreMocks: true,
            // Not threads: a worker thread has its own copy of the environment, which the Vulkan loader does not see.
            pool: "forks" as const,
            // Beside Chrome's one file at a time. A file takes about one core: compiling shaders is sequential.
            maxWorkers: 2,
            testTimeout: 120_000,
            hookTimeout: 120_000,
          },
        },
        {
          test: {
            name: "chrome",
            include: ["tests/**/*.test.ts"],
            exclude: [nodeOnly],
            fileParallelism: false,
            // So do those of the page.
            isolate: false,
            restoreMocks: true,
            testTimeout: 120_000,
            hookTimeout: 120_000,
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
