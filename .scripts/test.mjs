/**
 * `npm test`: everything, in the order in which a fault is cheapest to find. A failed step does not hide the later ones.
 * The last line says how many tests, package checks and other steps passed and failed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "cortrain-test-run-"));
const vitestReport = join(work, "vitest.json");
const packageReport = join(work, "package.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`];

/** A step without a report of its own counts as one test. */
const steps = [
  { command: ["npm", "run", "--silent", "generate"] },
  { command: ["npm", "run", "--silent", "lint"] },
  { command: ["npm", "run", "--silent", "types"] },
  { command: ["npm", "run", "--silent", "build"] },
  { command: ["npx", "vitest", "run", "--config", ".vitest.config.ts", ...reporters], counts: vitestCounts },
  { command: ["node", ".scripts/check-package.mjs", packageReport], counts: () => readJson(packageReport) },
];

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { passed: 0, failed: 0 };
}

function vitestCounts() {
  const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = readJson(vitestReport);
  // A file that could not even be loaded has no failed test in it.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return { passed, failed: numFailedTests + unloaded.length };
}

const total = { passed: 0, failed: 0 };
for (const { command, counts } of steps) {
  console.log(`\n> ${command.join(" ")}`);
  const [program, ...args] = command;
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  const { passed, failed } = counts?.() ?? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  total.passed += passed;
  // Vitest also ends in failure for an error outside of any test, and when it crashes.
  total.failed += status !== 0 && failed === 0 ? 1 : failed;
  if (status !== 0) console.log(`FAILED ${command.join(" ")}`);
}
rmSync(work, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
