import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { afterAll } from "vitest";

/**
 * Turns `src` into plain JavaScript in a folder that is removed after the tests, and returns the folder: what a child
 * process can run, since Node 20 cannot run TypeScript and `dist` may be old. Inside node_modules, so that packages
 * resolve from it.
 */
export function transpileSources(): string {
  const folder = mkdtempSync(join("node_modules", ".cortrain-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const { outputText } = ts.transpileModule(readFileSync(join("src", name), "utf8"), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    const file = join(folder, name.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
  writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
  return folder;
}
