import type { Device } from "../gpu/device.ts";
import { fillPlaces } from "../gpu/places.ts";
import type { Shader } from "../gpu/shader.ts";

/**
 * The register tile of a product kernel: how many rows (trials, or time × trial) by how many columns (units) one invocation
 * owns, and whether the four invocations of a quad, which all want the same rows, load a quarter of them each and pass
 * them on (`subgroups`). The sum of every element is taken in the same order in all of them, so results are equal bit
 * for bit.
 */
export interface Tile {
  readonly rows: 4 | 8 | 16 | 32;
  readonly columns: 4 | 8;
  readonly quads: boolean;
}

const tileShapes = [
  { rows: 4, columns: 4 },
  { rows: 8, columns: 4 },
  { rows: 16, columns: 8 },
  { rows: 32, columns: 8 },
] as const;

/** Every tile there is, those that need no subgroups first. */
const allTiles: readonly Tile[] = [false, true].flatMap((quads) => tileShapes.map((shape) => ({ ...shape, quads })));

/** The tile for small work and for devices without subgroups. */
export const plainTile: Tile = { rows: 8, columns: 4, quads: false };

/** Whether four neighbouring invocations can pass each other values on this device. */
export function hasQuads(device: Device): boolean {
  // An adapter that does not tell its subgroup sizes has at least four, which WebGPU promises.
  return device.features.has("subgroups");
}

/** Every tile that a device can run, the smallest first. */
export function tilesOf(device: Device): Tile[] {
  return allTiles.filter(({ quads }) => !quads || hasQuads(device));
}

/** The tile for a product with more rows than anyone needs to share out: all time steps and trials. */
export function wideTile(device: Device): Tile {
  return device.info.isSoftware
    ? { rows: 32, columns: 8, quads: hasQuads(device) }
    : { ...plainTile, rows: 16, columns: 8 };
}

/** A tile's name in a profile: "16 x 8", or "16 x 8 quads". */
export function tileName({ rows, columns, quads }: Tile): string {
  return `${rows} x ${columns}${quads ? " quads" : ""}`;
}

/** The names of all tiles. */
export const tileNames: readonly string[] = allTiles.map(tileName);

/** The tile of a name. */
export function tileNamed(name: string | undefined): Tile | undefined {
  return allTiles.find((tile) => tileName(tile) === name);
}

function list<T>(length: number, item: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => item(index));
}

/** The types and functions of one tile shape; every value in a named variable, because drivers keep arrays in memory. */
function tileLibrary({ rows, columns, quads }: Tile): string {
  const vectors = columns / 4;
  const loads = quads ? rows / 4 : rows;
  const sums = list(rows, (row) => list(vectors, (column) => `r${row}c${column}`));
  const members = (names: readonly string[], type: string): string =>
    names.map((name) => `${name}: ${type}`).join(", ");
  const weights = list(4, (k) => list(vectors, (column) => `b${k}c${column}`));
  const rowOffset = (load: number): string => `min(${quads ? `${4 * load}u + quad_lane` : `${load}u`}, last)`;
  const value = (row: number): string =>
    quads ? `quadBroadcast(x.v${Math.floor(row / 4)}, ${row % 4}u)` : `x.v${row}`;
  const sumOf = (row: number): string => {
    const added = list(vectors, (column) => {
      const terms = list(4, (k) => `b.b${k}c${column}`).join(", ");
      return `  (*t).r${row}c${column} = madd4((*t).r${row}c${column}, x${row}, ${terms});`;
    });
    return [`  let x${row} = ${value(row)};`, ...added].join("\n");
  };
  const outers = list(rows / 4, (vector) => (quads ? [`v${vector}`] : list(4, (k) => `v${vector}k${k}`)));
  const outerValue = (vector: number, k: number): string =>
    quads ? `quadBroadcast(a.v${vector}, ${k}u)` : `a.v${vector}k${k}`;
  const outerSums = (vector: number, k: number): string => {
    const added = list(4, (lane) =>
      list(vectors, (column) => {
        const sum = `(*t).r${4 * vector + lane}c${column}`;
        return `  ${sum} = fma(vec4f(a${vector}k${k}[${lane}]), b.b${k}c${column}, ${sum});`;
      }),
    );
    return [`  let a${vector}k${k} = ${outerValue(vector, k)};`, ...added.flat()].join("\n");
  };
  return `const TILE_ROWS = ${rows}u;
const TILE_COLUMNS4 = ${vectors}u;
struct Tile { ${members(sums.flat(), "vec4f")} }
struct Rows { ${members(
    list(loads, (load) => `i${load}`),
    "u32",
  )} }
struct Values { ${members(
    list(loads, (load) => `v${load}`),
    "vec4f",
  )} }
struct Block { ${members(weights.flat(), "vec4f")} }
struct Outer { ${members(outers.flat(), "vec4f")} }
${quads ? "var<private> quad_lane: u32;" : ""}
fn tile_rows(start: u32, stride: u32, last: u32) -> Rows {
  return Rows(${list(loads, (load) => `start + ${rowOffset(load)} * stride`).join(", ")});
}
fn tile_add(t: ptr<function, Tile>, x: Values, b: Block) {
${list(rows, sumOf).join("\n")}
}
fn tile_outer(t: ptr<function, Tile>, a: Outer, b: Block) {
${list(4, (k) => list(rows / 4, (vector) => outerSums(vector, k)))
  .flat()
  .join("\n")}
}
fn tile_sums(t: Tile) -> array<vec4f, ${rows * vectors}> {
  return array<vec4f, ${rows * vectors}>(${sums
    .flat()
    .map((name) => `t.${name}`)
    .join(", ")});
}`;
}

/** `//!rows name(parameters) = expression of at`: a function that loads the rows of a tile. */
function rowsFunction({ rows, quads }: Tile, name: string, parameters: string, expression: string): string {
  const loads = list(quads ? rows / 4 : rows, (load) => expression.replaceAll(/\bat\b/g, `(rows.i${load} + k)`));
  const more = parameters === "" ? "" : `, ${parameters}`;
  return `fn ${name}(rows: Rows, k: u32${more}) -> Values {\n  return Values(${loads.join(", ")});\n}`;
}

/** `//!block name = expression of at`: a function that loads four rows of the columns of a tile. */
function blockFunction({ columns }: Tile, name: string, left: boolean, expression: string): string {
  const loads = list(4, (k) =>
    list(columns / 4, (column) => {
      const row = left ? `min(${k}u, left - 1u)` : `${k}u`;
      const place = `start + ${row} * width${column === 0 ? "" : ` + min(${column}u, room)`}`;
      return expression.replaceAll(/\bat\b/g, `(${place})`);
    }),
  );
  const signature = `start: u32, width: u32, room: u32${left ? ", left: u32" : ""}`;
  return `fn ${name}(${signature}) -> Block {\n  return Block(${loads.flat().join(", ")});\n}`;
}

/** `//!outer name = expression of at`: a function that loads four rows of the rows of a tile; with quads, one each. */
function outerFunction({ rows, quads }: Tile, name: string, expression: string): string {
  const load = (vector: number, k: string): string => {
    const place = `start + min(${k}, left - 1u) * width${vector === 0 ? "" : ` + min(${vector}u, room)`}`;
    return `select(vec4f(0.0), ${expression.replaceAll(/\bat\b/g, `(${place})`)}, ${k} < left)`;
  };
  const loads = list(rows / 4, (vector) =>
    quads ? [load(vector, "quad_lane")] : list(4, (k) => load(vector, `${k}u`)),
  );
  const signature = "start: u32, width: u32, room: u32, left: u32";
  return `fn ${name}(${signature}) -> Outer {\n  return Outer(${loads.flat().join(", ")});\n}`;
}

/**
 * A product kernel (one that includes shaders/lib/tile.wgsl) with the code of one tile shape in it. The same tile gives the
 * same code, and so the same pipelines.
 */
export function withTile<S extends Shader>(shader: S, tile: Tile): S {
  const filled = fillPlaces(shader, {
    tile: tileLibrary(tile),
    ...(tile.quads && {
      quad_parameter: "@builtin(subgroup_invocation_id) subgroup_place: u32,",
      quad_lane: "quad_lane = subgroup_place & 3u;",
    }),
  });
  const code = filled.code
    .replaceAll(/^\/\/!rows (\w+)\((.*)\) = (.+)$/gm, (_line, name: string, parameters: string, expression: string) =>
      rowsFunction(tile, name, parameters, expression),
    )
    .replaceAll(/^\/\/!block (\w+)(\(left\))? = (.+)$/gm, (_line, name: string, left: string, expression: string) =>
      blockFunction(tile, name, left !== undefined, expression),
    )
    .replaceAll(/^\/\/!outer (\w+) = (.+)$/gm, (_line, name: string, expression: string) =>
      outerFunction(tile, name, expression),
    );
  const rules = shader.code.includes("//!quads unproved") ? "diagnostic(off, subgroup_uniformity);\n" : "";
  return Object.assign({}, filled, { code: tile.quads ? `enable subgroups;\n${rules}${code}` : code });
}
