import type { Shader } from "./shader.ts";

/**
 * A shader with lines put in where its code says so: in place of the comment line `//!place name`.
 * @param lines WGSL for each place; the text must have been made by this library, never by a user or a file.
 * @returns the same shader but for its code; the same lines give the same code, and so the same pipelines.
 */
export function fillPlaces<S extends Shader>(shader: S, lines: Readonly<Record<string, string>>): S {
  let code: string = shader.code;
  for (const [name, text] of Object.entries(lines)) {
    const marker = `//!place ${name}\n`;
    const start = code.indexOf(marker);
    if (start < 0) throw new RangeError(`Shader ${shader.name} has no place "${name}".`);
    code = `${code.slice(0, start)}${text}\n${code.slice(start + marker.length)}`;
  }
  return Object.assign({}, shader, { code });
}
