/**
 * `cortrain bench` in headless Chrome: `npm run bench:chrome`. The page is made from dist by Vite and opened by Playwright; the
 * browser is the one that the tests use (CHROME_PATH, a system one, or npm's). CORTRAIN_ADAPTER=hardware asks for a GPU.
 *
 *   --sizes S,M,L   --rounds 9   --cell ctrnn
 *   --save          writes ../results/chrome-<device>.json, which `cortrain bench --compare` reads
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { build } from "vite";
import { locateChrome } from "../../.scripts/chrome.mjs";
import { kernelLine, roofLines, stepLine } from "../../dist/cli/bench-text.js";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "S,M,L" },
    rounds: { type: "string", default: "9" },
    cell: { type: "string", default: "ctrnn" },
    save: { type: "boolean", default: false },
  },
});
const root = fileURLToPath(new URL("../..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "cortrain-bench-"));

/** A page with the benchmark in it, on a port of its own: WebGPU wants a secure origin, which localhost is. */
async function serve() {
  await build({
    root: fileURLToPath(new URL(".", import.meta.url)),
    logLevel: "error",
    build: {
      outDir: work,
      emptyOutDir: true,
      target: "esnext",
      lib: { entry: fileURLToPath(new URL("page.mjs", import.meta.url)), formats: ["es"], fileName: () => "bench.js" },
    },
  });
  const server = createServer((request, response) => {
    const isCode = request.url === "/bench.js";
    response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
    response.end(isCode ? readFileSync(join(work, "bench.js")) : '<script type="module" src="/bench.js"></script>');
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

const server = await serve();
const browser = await chromium.launch({ ...(await locateChrome()), headless: true });
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`http://localhost:${server.address().port}/`);
  await page.waitForFunction(() => "benchInPage" in globalThis);
  const options = { sizes: values.sizes.split(","), rounds: Number(values.rounds), cell: values.cell };
  const results = await page.evaluate((given) => globalThis.benchInPage(given), options);
  const { vendor, architecture, device, description } = results.device;
  const title = [vendor, architecture, description || device].filter(Boolean).join(" ");
  const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" }).trim();
  console.log(`${title}, Chrome ${browser.version()}, cortrain ${commit}\n`);
  console.log(roofLines(results.roofs).join("\n"));
  console.log(`\n${results.kernels.map((row) => kernelLine(row, false)).join("\n")}`);
  console.log(`\n${results.steps.map((row) => stepLine(row, false)).join("\n")}`);
  if (values.save) {
    const folder = new URL("../results/", import.meta.url);
    mkdirSync(folder, { recursive: true });
    const file = `chrome-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`;
    const run = { commit, browser: browser.version(), platform: `${process.platform} ${process.arch}` };
    const text = JSON.stringify({ ...results, ...run, date: new Date().toISOString() }, null, 2);
    writeFileSync(new URL(file, folder), `${text}\n`);
    console.log(`\nwritten: bench/results/${file}`);
  }
} finally {
  await browser.close();
  server.close();
  rmSync(work, { recursive: true, force: true });
}
