/**
 * `npm test`: everything, in the order in which a fault is cheapest to find. A failed step does not hide the later ones.
 * The last line says how many tests, package checks and other steps passed and failed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "cortrain-test-run-"));

/** The tests of one host. */
function vitest(project) {
  const report = join(work, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return {
    command: ["npx", "vitest", "run", "--config", ".vitest.config.ts", "--project", project, ...reporters],
    counts: () => vitestCounts(report),
  };
}

const packageReport = join(work, "package.json");
/** Steps, one after the other; those of one line beside each other. A step without a report of its own counts as one test. */
const steps = [
  [{ command: ["npm", "run", "--silent", "generate"] }],
  [{ command: ["npm", "run", "--silent", "lint"] }],
  [{ command: ["npm", "run", "--silent", "types"] }],
  [{ command: ["npm", "run", "--silent", "build"] }],
  // Compiling shaders, which most tests do most of the time, keeps one core busy.
  [vitest("node"), vitest("chrome")],
  // That it works, and the time of the host, which is the same on any adapter; its other times are not looked at.
  [{ command: ["node", "dist/cli/main.js", "bench", "--sizes", "S,M", "--rounds", "3"] }],
  [{ command: ["node", ".scripts/check-package.mjs", packageReport], counts: () => readJson(packageReport) }],
];

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { passed: 0, failed: 0 };
}

function vitestCounts(report) {
  const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = readJson(report);
  // A file that could not even be loaded has no failed test in it.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return { passed, failed: numFailedTests + unloaded.length };
}

/** Runs a step and resolves with its exit status; what it prints beside the first of its line comes at its end. */
function run([program, ...args], isFirst) {
  const output = isFirst ? "inherit" : "pipe";
  return new Promise((ended) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", output, output],
      shell: process.platform === "win32",
    });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => printed.push(chunk));
    child.on("error", (error) => console.error(error.message));
    child.on("close", (status) => {
      process.stdout.write(Buffer.concat(printed));
      ended(status);
    });
  });
}

const total = { passed: 0, failed: 0 };
for (const group of steps) {
  for (const { command } of group) console.log(`\n> ${command.join(" ")}`);
  await Promise.all(
    group.map(async ({ command, counts }, index) => {
      const status = await run(command, index === 0);
      const { passed, failed } = counts?.() ?? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
      total.passed += passed;
      // Vitest also ends in failure for an error outside of any test, and when it crashes.
      total.failed += status !== 0 && failed === 0 ? 1 : failed;
      if (status !== 0) console.log(`FAILED ${command.join(" ")}`);
    }),
  );
}
rmSync(work, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
