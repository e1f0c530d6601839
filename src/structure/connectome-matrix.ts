import { ConfigError, ConstraintError, ShapeError, ValueError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import { flatten, type MatrixInput } from "./check.ts";
import type { Edge, NamedMatrix } from "./csv.ts";
import { unitIndex } from "./groups.ts";
import { checkKeys, checkList, shown } from "./options.ts";
import { checkSizes } from "./structure.ts";

/** A square matrix [size, size] (postsynaptic, presynaptic) and the names of its units, where they are known. */
export interface SquareMatrix {
  readonly data: Float32Array;
  readonly size: number;
  readonly names?: readonly string[];
}

function checkFinite(label: string, data: Float32Array, size: number): void {
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new ValueError(`${label}[${Math.floor(wrong / size)}, ${wrong % size}] is ${data[wrong]}: expected a number.`);
}

function isArrayData(given: MatrixInput | ArrayData): given is ArrayData {
  return typeof given === "object" && given !== null && "shape" in given && "data" in given;
}

function squareFrom(label: string, given: MatrixInput | ArrayData | NamedMatrix): SquareMatrix {
  if (!isArrayData(given)) {
    if (!(given instanceof Float32Array)) checkList(label, given, "rows");
    const size = given instanceof Float32Array ? Math.sqrt(given.length) : given.length;
    if (!Number.isInteger(size) || size < 1)
      throw new ShapeError(`${label}: expected a square matrix, got ${given.length} values.`);
    return { data: flatten(label, given, size, size), size };
  }
  const [size = 0, columns] = given.shape;
  if (given.shape.length !== 2 || size !== columns || size < 1 || given.data.length !== size * size)
    throw new ShapeError(`${label}: expected a square matrix, got [${given.shape.join(", ")}].`);
  const data = given.data.slice();
  const { rowNames, columnNames } = given as NamedMatrix;
  const wrong = rowNames?.findIndex((name, index) => name !== (columnNames ?? rowNames)[index]) ?? -1;
  if (wrong >= 0)
    throw new ConstraintError(
      `${label}: row ${wrong} is named "${rowNames?.[wrong]}" and column ${wrong} "${columnNames?.[wrong]}": rows and columns must be the same units in the same order.`,
    );
  const names = rowNames ?? columnNames;
  return names === undefined ? { data, size } : { data, size, names };
}

/** A copy of a square matrix, transposed where its rows are presynaptic. @throws {@link ShapeError}, {@link ValueError} */
export function readMatrix(
  label: string,
  given: MatrixInput | ArrayData | NamedMatrix,
  transposed = false,
): SquareMatrix {
  const matrix = squareFrom(label, given);
  const { data, size } = matrix;
  checkFinite(label, data, size);
  if (!transposed) return matrix;
  return { ...matrix, data: data.map((_, index) => data[(index % size) * size + Math.floor(index / size)] as number) };
}

/**
 * A matrix from an edge list. Units by name are numbered as in `names`, or else in order of first appearance; units by
 * index need `hidden`, or else the largest index is the last unit.
 */
export function readEdges(
  edges: readonly Edge[],
  names: readonly string[] | undefined,
  hidden: number | undefined,
): SquareMatrix {
  const label = "fromConnectome: edges";
  checkList(label, edges, "{ from, to, weight }").forEach((edge, index) => {
    checkKeys(`${label}[${index}]`, edge, ["from", "to", "weight"]);
    for (const [side, end] of Object.entries({ from: edge.from, to: edge.to }))
      if (typeof end !== "string" && !(Number.isInteger(end) && end >= 0))
        throw new ValueError(`${label}[${index}].${side}: expected a unit by name or index, got ${String(end)}.`);
    // A sum with a string would be a text, and with null nothing.
    if (edge.weight !== undefined && !Number.isFinite(edge.weight))
      throw new ValueError(`${label}[${index}].weight: expected a number, got ${shown(edge.weight)}.`);
  });
  const ends = edges.flatMap(({ from, to }) => [from, to]);
  const isNamed = ends.some((end) => typeof end === "string");
  if (isNamed && names === undefined && ends.some((end) => typeof end === "number"))
    throw new ConfigError(
      `${label}: some units are given by name and some by index: give names, which says the order.`,
    );
  const found = names ?? (isNamed ? [...new Set(ends.map(String))] : undefined);
  const largest = ends.reduce<number>((most, end) => (typeof end === "number" ? Math.max(most, end) : most), -1);
  const size = found?.length ?? hidden ?? largest + 1;
  if (!Number.isInteger(size) || size < 1)
    throw new ShapeError(`${label}: there is no unit; give edges, names or hidden.`);
  checkSizes("fromConnectome", { inputs: 1, hidden: size, outputs: 1 });
  const data = new Float32Array(size * size);
  edges.forEach(({ from, to, weight = 1 }, index) => {
    const pre = unitIndex(`${label}[${index}].from`, from, size, found ?? []);
    const post = unitIndex(`${label}[${index}].to`, to, size, found ?? []);
    data[post * size + pre] = (data[post * size + pre] as number) + weight;
  });
  checkFinite(label, data, size);
  return found === undefined ? { data, size } : { data, size, names: found };
}
