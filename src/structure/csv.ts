import { FileFormatError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";

/** A matrix with the names of its rows and columns, where the text had them. */
export interface NamedMatrix extends ArrayData {
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
}

/** A synapse of an edge list: units by name or index. */
export interface Edge {
  /** The presynaptic unit. */
  readonly from: string | number;
  /** The postsynaptic unit. */
  readonly to: string | number;
  /** 1 unless given. */
  readonly weight?: number;
}

interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** Cells of a line; a cell may stand in double quotes, in which a doubled quote is one quote. */
function splitCells(line: string, delimiter: string, label: string): string[] {
  if (delimiter === " ") return line.trim().split(/\s+/);
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] as string;
    if (character === '"' && quoted && line[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (character === '"' && (quoted || cell.trim() === "")) {
      quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else {
      cell += character;
    }
  }
  if (quoted) throw new FileFormatError(`${label}: a quoted cell is not closed.`);
  return [...cells, cell.trim()];
}

/** Lines of cells, without blank lines and lines that begin with #. */
function splitLines(text: string, label: string): Line[] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "" && !line.startsWith("#"));
  const first = lines[0]?.line;
  if (first === undefined) throw new FileFormatError(`${label}: the text is empty.`);
  const delimiter = ["\t", ";", ","].find((character) => first.includes(character)) ?? " ";
  return lines.map(({ line, number }) => ({ number, cells: splitCells(line, delimiter, `${label}: line ${number}`) }));
}

/** Whether a cell is meant as a number; that it is finite is {@link readNumber}'s to see, or a line with NaN were a title. */
function isNumber(cell: string): boolean {
  return cell !== "" && (!Number.isNaN(Number(cell)) || /^[-+]?(nan|inf|infinity)$/i.test(cell));
}

function readNumber(label: string, cell: string): number {
  const value = Math.fround(Number(cell));
  if (cell !== "" && Number.isFinite(value)) return value;
  if (isNumber(cell)) throw new FileFormatError(`${label}: "${cell.slice(0, 60)}" is no finite float32.`);
  throw new FileFormatError(
    `${label}: expected a number, got ${cell === "" ? "an empty cell; write 0 where there is no synapse" : `"${cell.slice(0, 60)}"`}.`,
  );
}

/**
 * Reads a matrix from comma-, semicolon-, tab- or space-separated text. A first line of names and a first column of
 * names are found by themselves; a first line whose first cell is empty is always names.
 * @throws {@link FileFormatError} naming the line: a row of another length, a cell that is no number.
 */
export function parseMatrixCsv(text: string, label = "CSV matrix"): NamedMatrix {
  const lines = splitLines(text, label);
  const first = lines[0] as Line;
  const [corner = "", ...others] = first.cells;
  const isTitle = corner === "" || others.some((cell) => cell !== "" && !isNumber(cell)) || lines.length === 1;
  const hasHeader = isTitle && !first.cells.every(isNumber);
  const rows = hasHeader ? lines.slice(1) : lines;
  const top = rows[0];
  if (top === undefined) throw new FileFormatError(`${label}: line ${first.number}: there are names, but no numbers.`);
  const hasRowNames =
    !isNumber(top.cells[0] ?? "") || (hasHeader && (corner === "" || first.cells.length === top.cells.length - 1));
  const skip = hasRowNames ? 1 : 0;
  const columns = top.cells.length - skip;
  if (columns < 1) throw new FileFormatError(`${label}: line ${top.number}: there is a name, but no number.`);
  const header = hasHeader ? first.cells.slice(first.cells.length === columns ? 0 : skip) : undefined;
  if (header !== undefined && header.length !== columns)
    throw new FileFormatError(
      `${label}: line ${first.number}: ${header.length} names for ${columns} columns (line ${top.number}).`,
    );
  const data = new Float32Array(rows.length * columns);
  rows.forEach(({ cells, number }, row) => {
    if (cells.length !== columns + skip)
      throw new FileFormatError(
        `${label}: line ${number}: expected ${columns + skip} cells as on line ${top.number}, got ${cells.length}.`,
      );
    for (let column = 0; column < columns; column += 1)
      data[row * columns + column] = readNumber(
        `${label}: line ${number}, cell ${column + skip + 1}`,
        cells[column + skip] as string,
      );
  });
  return {
    shape: [rows.length, columns],
    data,
    ...(hasRowNames ? { rowNames: rows.map(({ cells }) => cells[0] as string) } : {}),
    ...(header === undefined ? {} : { columnNames: header }),
  };
}

const titles: Readonly<Record<keyof Edge, readonly string[]>> = {
  from: ["from", "pre", "presynaptic", "source", "sender"],
  to: ["to", "post", "postsynaptic", "target", "receiver"],
  weight: ["weight", "count", "synapses", "number", "n", "strength"],
};

/**
 * Reads an edge list: `from, to` or `from, to, weight` on each line. With a first line of titles (from, pre, presynaptic
 * or source; to, post, postsynaptic or target; weight, count, synapses, number or strength) columns may stand in any
 * order and others are passed over. Names that are whole numbers become unit indices, counted from 0, if all are.
 * @throws {@link FileFormatError} naming the line: a missing cell, a weight that is no number.
 */
export function parseEdgeListCsv(text: string, label = "CSV edge list"): Edge[] {
  const lines = splitLines(text, label);
  const first = lines[0] as Line;
  const columnOf = (field: keyof Edge): number =>
    first.cells.findIndex((cell) => titles[field].includes(cell.toLowerCase()));
  const hasHeader = columnOf("from") >= 0 && columnOf("to") >= 0;
  const width = first.cells.length;
  if (!hasHeader && width !== 2 && width !== 3)
    throw new FileFormatError(
      `${label}: line ${first.number}: expected from, to and perhaps weight, or titles that name them; got ${width} cells.`,
    );
  const [from, to, weight] = hasHeader
    ? [columnOf("from"), columnOf("to"), columnOf("weight")]
    : [0, 1, width === 3 ? 2 : -1];
  const body = hasHeader ? lines.slice(1) : lines;
  const edges = body.map(({ cells, number }) => {
    if (cells.length !== width)
      throw new FileFormatError(
        `${label}: line ${number}: expected ${width} cells as on line ${first.number}, got ${cells.length}.`,
      );
    const names = { from: cells[from] as string, to: cells[to] as string };
    if (names.from === "" || names.to === "")
      throw new FileFormatError(`${label}: line ${number}: the name of a unit is empty.`);
    if (weight < 0) return names;
    return { ...names, weight: readNumber(`${label}: line ${number}, cell ${weight + 1}`, cells[weight] as string) };
  });
  const areIndices = edges.every((edge) => /^\d+$/.test(edge.from) && /^\d+$/.test(edge.to));
  return areIndices ? edges.map((edge) => ({ ...edge, from: Number(edge.from), to: Number(edge.to) })) : edges;
}
