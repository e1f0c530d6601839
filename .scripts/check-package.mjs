/**
 * Checks the package as a user gets it: packs it, installs the tarball into an empty folder, and uses it from there in
 * Node, on the command line and in a browser page. Needs `npm run build` before it.
 *
 * node .scripts/check-package.mjs [FILE]     FILE: where to write {"passed":n,"failed":n}
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright";
import { build, createLogger } from "vite";
import { locateChrome } from "./chrome.mjs";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");
const work = await mkdtemp(join(tmpdir(), "cortrain-package-"));
const user = join(work, "user");
const page = join(user, "page");
const site = join(work, "site");

/** In this order; a check may use what the ones before it left in `work`. To add one, add a line here. */
const checks = [
  ["npm pack holds the built files and nothing else", pack],
  ["publint finds nothing", publint],
  ["are the types wrong? No", typesResolve],
  ["npm install into an empty folder", install],
  ["import in Node", importInNode],
  ["cortrain doctor --json", doctor],
  ["the README's example learns in Node", exampleInNode],
  ["the README's example has the right types", userTypes],
  ["Vite builds a page of it without Node modules", buildPage],
  ["the README's example learns in Chrome", runPage],
];

/** Runs a program; a failure shows what it printed. */
async function shell(program, args, cwd = root) {
  try {
    const options = { cwd, maxBuffer: 2 ** 26, shell: process.platform === "win32" };
    return (await run(program, args, options)).stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? error.message}`);
  }
}

async function tarball() {
  const name = (await readdir(work)).find((file) => file.endsWith(".tgz"));
  assert(name, "there is no tarball");
  return join(work, name);
}

async function pack() {
  const [{ files }] = JSON.parse(
    await shell("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", work]),
  );
  const names = files.map(({ path }) => path);
  const strange = names.filter((name) => !/^(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(name));
  assert.deepEqual(strange, [], "files that should not be published");
  for (const name of [
    "dist/index.js",
    "dist/index.d.ts",
    "dist/node.js",
    "dist/cli/main.js",
    "dist/io/model.schema.json",
  ]) {
    assert(names.includes(name), `${name} is missing`);
  }
}

async function publint() {
  await shell("npx", ["publint", "run", await tarball(), "--strict"]);
}

async function typesResolve() {
  await shell("npx", ["attw", await tarball(), "--profile", "esm-only", "--no-emoji"]);
}

async function install() {
  await mkdir(user);
  await writeFile(join(user, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const optional = ["webgpu", "@sparticuz/chromium"].map((name) => `${name}@${devDependencies[name]}`);
  await shell("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", await tarball(), ...optional], user);
}

async function importInNode() {
  const script = `
    const cortrain = await import("cortrain");
    await import("cortrain/node");
    const device = await cortrain.openDevice({ quiet: true });
    await device.wait(device.queue.onSubmittedWorkDone());
    device.check();
    device.dispose();`;
  await shell("node", ["--input-type=module", "--eval", script], user);
}

async function doctor() {
  const lines = (await shell("npx", ["--no-install", "cortrain", "doctor", "--json"], user)).trim().split("\n");
  for (const line of lines) JSON.parse(line);
}

/** The README's example, as it stands there. */
async function readmeExample() {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const code = /<!-- example -->\n```ts\n([\s\S]*?)```\n<!-- \/example -->/.exec(readme)?.[1];
  assert(code, "README.md has no example between its marks");
  return code;
}

/** What the example printed: `step loss accuracy` lines, then the sizes of the rates and outputs of 64 trials. */
function assertLearned(lines) {
  const numbers = lines.map((line) => line.split(" ").map(Number));
  const reports = numbers.slice(0, -1);
  const accuracies = reports.slice(-5).map(([, , accuracy]) => accuracy);
  const accuracy = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  assert(reports.length >= 10 && accuracy > 0.85, `the network did not learn:\n${lines.join("\n")}`);
  assert(reports.at(-1)[1] < reports[0][1] / 3, "the loss did not fall");
  assert.deepEqual(numbers.at(-1), [23 * 64 * 64, 23 * 64 * 2]);
  console.log(
    `   last report: step ${reports
      .at(-1)
      .join(", loss ")
      .replace(/, loss (?=[^,]*$)/, ", accuracy ")}`,
  );
}

async function exampleInNode() {
  await writeFile(join(user, "example.mjs"), `${await readmeExample()}\ndevice.dispose();\n`);
  assertLearned((await shell("node", ["example.mjs"], user)).trim().split("\n"));
}

/** The README's example, checked by a strict user who skips no library's declarations. */
async function userTypes() {
  await writeFile(join(user, "use.ts"), `${await readmeExample()}\nexport {};\n`);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    target: "es2022",
    lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable"],
    module: "esnext",
    moduleResolution: "bundler",
    types: [],
  };
  await writeFile(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  await shell("npx", ["tsc", "-p", user]);
}

async function buildPage() {
  await cp(join(root, "tests/page"), page, { recursive: true });
  await writeFile(join(page, "main.js"), `${await readmeExample()}\nwindow.__finished = true;\n`);
  const warnings = [];
  const warn = (text) => warnings.push(text);
  const customLogger = { ...createLogger("warn"), warn, warnOnce: warn };
  // In kB: the whole library with its shaders, tasks and schemas; a page that uses less of it gets less.
  const options = { outDir: site, emptyOutDir: true, chunkSizeWarningLimit: 1500 };
  await build({ root: page, configFile: false, customLogger, build: options });
  assert.deepEqual(warnings, [], "Vite's warnings");
  for (const name of await readdir(join(site, "assets"))) {
    const code = await readFile(join(site, "assets", name), "utf8");
    const imported = [...code.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*["'`]([^"'`]+)["'`]/g)].map(
      ([, specifier]) => specifier,
    );
    const fromNode = imported.filter((name) => name.startsWith("node:") || builtinModules.includes(name));
    assert.deepEqual(fromNode, [], `Node modules in ${name}`);
    assert(!/__vite-browser-external|__browser-external/.test(code), `a Node module was replaced in ${name}`);
  }
}

async function runPage() {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = join(site, path === "/" ? "index.html" : path);
    const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const browser = await chromium.launch(await locateChrome());
  try {
    const tab = await browser.newPage();
    const errors = [];
    const lines = [];
    tab.on("pageerror", (error) => errors.push(String(error)));
    tab.on("console", (message) => message.type() === "log" && lines.push(message.text()));
    await tab.goto(`http://127.0.0.1:${server.address().port}/`);
    const failed = new Promise((_, reject) => tab.on("pageerror", reject));
    await Promise.race([tab.waitForFunction(() => window.__finished, undefined, { timeout: 240_000 }), failed]);
    assert.deepEqual(errors, [], "errors in the page");
    assertLearned(lines);
  } finally {
    await browser.close();
    server.close();
  }
}

const counts = { passed: 0, failed: 0 };
try {
  for (const [name, check] of checks) {
    const start = performance.now();
    try {
      await check();
      counts.passed += 1;
      console.log(`ok ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    } catch (error) {
      counts.failed += 1;
      console.log(`FAILED ${name}\n${error.message ?? error}`);
    }
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
if (process.argv[2]) await writeFile(process.argv[2], JSON.stringify(counts));
console.log(`${counts.passed} package checks passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
