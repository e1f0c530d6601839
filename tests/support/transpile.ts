import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "..", "..");
const src = join(root, "src");
/** Inside node_modules, so that packages resolve from it. */
const kept = join(root, "node_modules", ".cortrain-test");
const dayMs = 24 * 3600 * 1000;

/**
 * Turns `src` into plain JavaScript and returns the folder: what a child process can run, since Node 20 cannot run
 * TypeScript and `dist` may be old. The folder is named after the contents and kept for the next test file and run.
 */
export function transpileSources(): string {
  const names = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const sources = names.sort().map((name) => [name, readFileSync(join(src, name), "utf8")] as const);
  const hash = createHash("sha256")
    .update(JSON.stringify([ts.version, sources]))
    .digest("hex");
  const folder = join(kept, hash.slice(0, 16));
  if (existsSync(folder)) return folder;
  removeOld();
  // Processes that do so at once do not meet.
  const unfinished = `${folder}.${randomUUID()}`;
  for (const [name, text] of sources) {
    const file = join(unfinished, name.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, transpile(text));
  }
  writeFileSync(join(unfinished, "package.json"), `{"type":"module"}`);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function transpile(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  return outputText;
}

/** Of other contents, made more than a day ago. */
function removeOld(): void {
  if (!existsSync(kept)) return;
  for (const name of readdirSync(kept)) {
    const folder = join(kept, name);
    if (Date.now() - statSync(folder).mtimeMs > dayMs) rmSync(folder, { recursive: true, force: true });
  }
}
