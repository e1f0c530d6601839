import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { transpileSources } from "./support/transpile.ts";

const folder = transpileSources();

/** The one example in a source file's docstrings. */
function exampleOf(file: string): string {
  const [, code, ...others] = readFileSync(file, "utf8").split(/^ \* ```(?:ts)?\n/m);
  expect([code, others.length], file).toEqual([expect.any(String), 1]);
  return (code as string).replace(/^ \* ?/gm, "");
}

/** Runs an example as a user's program, with the package's name for the sources. */
function run(name: string, code: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const file = join(folder, `${name}.js`);
  writeFileSync(file, `${code.replace('"cortrain"', '"./index.js"')}\ndevice.dispose();\nconsole.log("done");\n`);
  const child = spawn(process.execPath, [file]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => {
      output += part.toString();
    });
  }
  return new Promise((resolve) => child.on("close", (exit) => resolve({ code: exit, output })));
}

for (const file of [
  "src/network/register-activation.ts",
  "src/loss/register-loss.ts",
  "src/network/simulate.ts",
  "src/train/curriculum.ts",
  "src/train/psychrnn.ts",
  "src/plasticity/sorn.ts",
]) {
  test(`the example of ${file} runs`, async () => {
    const { code, output } = await run(file.replaceAll("/", "-"), exampleOf(file));
    expect(code, output).toBe(0);
    expect(output).toMatch(/done\n$/);
  });
}
