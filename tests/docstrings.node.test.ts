import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, test } from "vitest";
import { withSharedGpu } from "./support/shared-gpu.ts";
import { transpileSources } from "./support/transpile.ts";

const sources = transpileSources();
const folder = mkdtempSync(join(sources, "examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The one example in a source file's docstrings. */
function exampleOf(file: string): string {
  const [, code, ...others] = readFileSync(file, "utf8").split(/^ \* ```(?:ts)?\n/m);
  if (code === undefined || others.length !== 1) throw new RangeError(`${file}: expected one example`);
  return code.replace(/^ \* ?/gm, "");
}

for (const file of [
  "src/analysis/criticality.ts",
  "src/network/register-activation.ts",
  "src/loss/register-loss.ts",
  "src/network/simulate.ts",
  "src/train/curriculum.ts",
  "src/train/psychrnn.ts",
  "src/plasticity/sorn.ts",
  "src/attractors/torus-simulate.ts",
  "src/plasticity/symbols/read-symbols.ts",
]) {
  test(`the example of ${file} runs`, async () => {
    const program = join(folder, `${file.replaceAll("/", "-")}.mjs`);
    writeFileSync(program, `${exampleOf(file).replace('"cortrain"', '"../index.js"')}\ndevice.dispose();\n`);
    // It ends when the last line, which may wait, has.
    await withSharedGpu(() => import(/* @vite-ignore */ pathToFileURL(program).href));
  });
}
