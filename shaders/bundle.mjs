/**
 * Writes src/wgsl/generated.ts from shaders/*.wgsl: the code with its includes, and what TypeScript must know to bind it
 * without a mistake (bindings with access, uniform offsets, overrides). Run by `npm run generate`.
 *
 * An include is a comment line of its own, `//!include lib/activation.wgsl`, relative to this folder; a file that two
 * includes name is taken in once. Group 1 holds uniforms bound with a dynamic offset.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { WgslReflect } from "wgsl_reflect/wgsl_reflect.module.js";

const folder = dirname(fileURLToPath(import.meta.url));
const target = join(folder, "..", "src", "wgsl", "generated.ts");
const uniformAlignment = 16;

/** The text of one shader with every include in place. */
export function expandIncludes(file, seen = new Set()) {
  const text = readFileSync(join(folder, file), "utf8");
  return text.replace(/^\/\/!include (\S+)$/gm, (_line, included) => {
    if (seen.has(included)) return `// (${included} is included above)`;
    seen.add(included);
    return expandIncludes(included, seen).trimEnd();
  });
}

function fieldsOf(struct) {
  return Object.fromEntries(
    struct.members.map((member) => [
      member.name,
      {
        offset: member.offset,
        type: member.type.name === "array" ? member.type.format.name : member.type.name,
        count: member.type.count ?? 1,
      },
    ]),
  );
}

function bindingOf(variable, file) {
  const isUniform = variable.resourceType === 0;
  const struct = isUniform ? variable.type : variable.type.format;
  const common = { group: variable.group, binding: variable.binding };
  if (isUniform) {
    if (!struct.members) throw new Error(`${file}: uniform ${variable.name} must be a struct`);
    const size = Math.ceil(struct.size / uniformAlignment) * uniformAlignment;
    return { ...common, kind: "uniform", dynamic: variable.group === 1, size, fields: fieldsOf(struct) };
  }
  const access = variable.access === "read_write" ? "readWrite" : "read";
  const element = struct?.members ? { element: { size: struct.size, fields: fieldsOf(struct) } } : {};
  return { ...common, kind: "storage", access, ...element };
}

/** One shader as plain data. */
export function describeShader(file) {
  const code = expandIncludes(file);
  const reflection = new WgslReflect(code);
  const entries = reflection.entry.compute;
  if (entries.length !== 1) throw new Error(`${file}: expected one compute entry point, found ${entries.length}`);
  const variables = [...reflection.uniforms, ...reflection.storage].sort(
    (a, b) => a.group - b.group || a.binding - b.binding,
  );
  return {
    name: file.replace(/\.wgsl$/, ""),
    entryPoint: entries[0].name,
    overrides: Object.fromEntries(reflection.overrides.map((override) => [override.name, override.type.name])),
    bindings: Object.fromEntries(variables.map((variable) => [variable.name, bindingOf(variable, file)])),
    code,
  };
}

/** The whole generated module as text. */
export function generate() {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".wgsl"))
    .sort();
  const parts = files.map((file) => {
    const shader = describeShader(file);
    const name = shader.name.replace(/_(\w)/g, (_match, letter) => letter.toUpperCase());
    return `export const ${name} = ${JSON.stringify(shader, null, 2)} as const;\n`;
  });
  return `// Made from shaders/ by \`npm run generate\`; do not edit.\n\n${parts.join("\n")}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, generate());
}
