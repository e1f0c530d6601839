import { extname } from "node:path";
import { ConfigError, ConstraintError, FileFormatError, ShapeError, ValueError } from "../errors.ts";
import { type ArrayData, formatShape, type OnNotice } from "../io/array.ts";
import { suggestName } from "../io/nearest.ts";
import { readFileBytes } from "../io/node/files.ts";
import { decodeNpy } from "../io/npy.ts";
import { decodeNpz } from "../io/npz.ts";
import type { ConnectomeOptions } from "../structure/connectome.ts";
import { type NamedMatrix, parseEdgeListCsv, parseMatrixCsv } from "../structure/csv.ts";
import { definedOnly } from "./model-source.ts";
import type { ArrayFile, ConnectomeConfig } from "./structure-schema.ts";

const textTypes = [".csv", ".tsv", ".txt"];

/** A file as messages name it. */
function fileLabel(key: string, path: string): string {
  return `structure.${key}: ${path}`;
}

function pathOf(given: ArrayFile): string {
  return typeof given === "string" ? given : given.file;
}

/** @throws FileFormatError naming the key and the path. */
async function readBytes(key: string, path: string): Promise<Uint8Array> {
  try {
    return await readFileBytes(path);
  } catch (cause) {
    if (!(cause instanceof FileFormatError)) throw cause;
    throw new FileFormatError(`structure.${key}: ${cause.message}`, { cause });
  }
}

async function readText(key: string, path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(key, path));
}

function fromArchive(arrays: ReadonlyMap<string, ArrayData>, key: string | undefined, label: string): ArrayData {
  const names = [...arrays.keys()];
  const name = key ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined)
    throw new ConfigError(
      `${label}: expected { "file", "key" }: the archive holds ${names.length === 0 ? "no array" : `${names.length} arrays (${names.join(", ")})`}.`,
    );
  const found = arrays.get(name);
  if (found === undefined) throw new ConfigError(`${label}: there is no array "${name}"; ${suggestName(name, names)}`);
  return found;
}

/** An array from a .npy, .npz or CSV file. */
async function readArrayFile(key: string, given: ArrayFile, onNotice?: OnNotice): Promise<NamedMatrix> {
  const { file: path, key: name } = typeof given === "string" ? { file: given, key: undefined } : given;
  const label = fileLabel(key, path);
  const type = extname(path).toLowerCase();
  if (type === ".npz") return fromArchive(decodeNpz(await readBytes(key, path), label, onNotice), name, label);
  if (name !== undefined) throw new ConfigError(`${label}: "key" goes with a .npz archive.`);
  if (type === ".npy") return decodeNpy(await readBytes(key, path), label, onNotice);
  if (textTypes.includes(type)) return parseMatrixCsv(await readText(key, path), label);
  throw new FileFormatError(`${label}: expected a .npy, .npz, .csv, .tsv or .txt file.`);
}

/** A square matrix from a file. @throws ShapeError naming the file. */
async function readSquare(key: string, given: ArrayFile, onNotice?: OnNotice): Promise<NamedMatrix> {
  const array = await readArrayFile(key, given, onNotice);
  const [rows, columns] = array.shape;
  if (array.shape.length === 2 && rows === columns) return array;
  throw new ShapeError(`${fileLabel(key, pathOf(given))}: expected a square matrix, got ${formatShape(array.shape)}.`);
}

/** One value for each unit, from an array with one long axis at most. @throws ShapeError naming the file. */
async function readVector(key: string, given: ArrayFile, onNotice?: OnNotice): Promise<NamedMatrix> {
  const array = await readArrayFile(key, given, onNotice);
  if (array.shape.filter((length) => length > 1).length <= 1) return array;
  throw new ShapeError(
    `${fileLabel(key, pathOf(given))}: expected one value for each unit, got ${formatShape(array.shape)}.`,
  );
}

/** Names from text: a JSON array, a Python list of strings, or one name a line. @throws FileFormatError */
export function parseNames(text: string, label: string): string[] {
  const body = text.replace(/^\uFEFF/, "").trim();
  if (!body.startsWith("[")) {
    return body
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  }
  const literal = /u?'((?:[^'\\]|\\.)*)'|u?"((?:[^"\\]|\\.)*)"/g;
  const names = Array.from(body.matchAll(literal), ([, single, double]) => single ?? double ?? "");
  const rest = body.replaceAll(literal, "");
  if (!/^\[[\s,]*\]$/.test(rest) || names.some((name) => name.includes("\\")))
    throw new FileFormatError(`${label}: expected a list of quoted names without escapes, or one name a line.`);
  return names;
}

async function readNames(key: string, path: string): Promise<string[]> {
  const label = fileLabel(key, path);
  const names = parseNames(await readText(key, path), label);
  if (names.length === 0) throw new FileFormatError(`${label}: there is no name in it.`);
  return names;
}

/** Signs from a mask of inhibitory units. @throws ValueError naming the file and the entry. */
async function readInhibitoryMask(given: ArrayFile, onNotice?: OnNotice): Promise<NamedMatrix> {
  const mask = await readVector("inhibitory", given, onNotice);
  const wrong = mask.data.findIndex((value) => value !== 0 && value !== 1);
  if (wrong < 0) return { ...mask, data: mask.data.map((isInhibitory) => (isInhibitory === 1 ? -1 : 1)) };
  throw new ValueError(
    `${fileLabel("inhibitory", pathOf(given))}: value ${wrong} is ${mask.data[wrong]}: expected 1 (inhibitory) or 0 (excitatory). Signs of +1 and -1 go under "signs".`,
  );
}

/** What the files say of the units: their number and their names, as far as either is known before the connectome is read. */
interface Units {
  readonly count: number | undefined;
  readonly names: readonly string[] | undefined;
}

/** @throws ShapeError, ConstraintError naming the file whose length or names are not those of the matrix. */
function checkUnits(label: string, length: number, rowNames: readonly string[] | undefined, units: Units): void {
  const { count, names } = units;
  if (count !== undefined && length !== count)
    throw new ShapeError(`${label}: expected ${count} (the units of the matrix), got ${length}.`);
  const wrong = rowNames?.findIndex((name, index) => names !== undefined && name !== names[index]) ?? -1;
  if (wrong >= 0)
    throw new ConstraintError(
      `${label}: row ${wrong} is "${rowNames?.[wrong]}", but that unit is "${names?.[wrong]}": all files list the units in the same order.`,
    );
}

/** Everything of a connectome but its channels. */
type Measured = Omit<ConnectomeOptions, "inputs" | "outputs">;

/** Signs of the units, from either of the two keys. */
async function readSigns(
  { signs, inhibitory }: ConnectomeConfig,
  units: Units,
  onNotice?: OnNotice,
): Promise<Pick<Measured, "signs" | "inhibitory">> {
  if (signs !== undefined && inhibitory !== undefined)
    throw new ConfigError("structure: expected signs or inhibitory, not both.");
  if (Array.isArray(signs)) return { signs };
  if (Array.isArray(inhibitory)) return { inhibitory };
  const [key, file] = signs === undefined ? (["inhibitory", inhibitory] as const) : (["signs", signs] as const);
  if (file === undefined) return {};
  const isNames = key === "inhibitory" && textTypes.includes(extname(pathOf(file)).toLowerCase());
  if (isNames) return { inhibitory: await readNames(key, pathOf(file)) };
  const read = key === "signs" ? await readVector(key, file, onNotice) : await readInhibitoryMask(file, onNotice);
  checkUnits(fileLabel(key, pathOf(file)), read.data.length, read.rowNames, units);
  return { signs: read.data };
}

/**
 * Reads the files of a connectome in a configuration: the matrix, an edge list, names, signs or a mask of inhibitory
 * units, gap junctions. What is not a file is passed on.
 * @throws FileFormatError, ShapeError, ValueError, ConstraintError naming the file, ConfigError.
 */
export async function readConnectome(config: ConnectomeConfig, onNotice?: OnNotice): Promise<Measured> {
  const { matrix, weights, edges, names: givenNames, gaps: givenGaps } = config;
  const sources = Object.entries({ matrix, weights, edges }).flatMap(([key, given]) => (given ? [key] : []));
  if (sources.length !== 1)
    throw new ConfigError(
      `structure: expected one of matrix, weights or edges, got ${sources.length === 0 ? "none of them" : sources.join(" and ")}.`,
    );
  const read = matrix === undefined ? undefined : await readSquare("matrix", matrix, onNotice);
  const count = read?.shape[0] ?? weights?.length;
  const names = typeof givenNames === "string" ? await readNames("names", givenNames) : givenNames;
  if (typeof givenNames === "string" && names !== undefined)
    checkUnits(fileLabel("names", givenNames), names.length, undefined, { count, names });
  const units: Units = { count, names: names ?? read?.rowNames };
  const gaps =
    givenGaps === undefined || Array.isArray(givenGaps) ? givenGaps : await readSquare("gaps", givenGaps, onNotice);
  if (gaps !== undefined && !Array.isArray(gaps) && givenGaps !== undefined)
    checkUnits(fileLabel("gaps", pathOf(givenGaps as ArrayFile)), gaps.shape[0] ?? 0, gaps.rowNames, units);
  const { rows, hidden, signedReadout, seed } = config;
  return definedOnly({
    ...(await readSigns(config, units, onNotice)),
    weights: read ?? weights,
    edges:
      typeof edges === "string" ? parseEdgeListCsv(await readText("edges", edges), fileLabel("edges", edges)) : edges,
    names,
    gaps,
    ...{ rows, hidden, signedReadout, seed },
  }) as Measured;
}
