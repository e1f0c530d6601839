import type { Area } from "../io/model-schema.ts";
import type { Random } from "../random.ts";

/** A part of a matrix: its rows (postsynaptic) and columns (presynaptic). */
export interface BlockPlace {
  readonly rows: Pick<Area, "from" | "to">;
  readonly columns: Pick<Area, "from" | "to">;
  /** Columns of the whole matrix. */
  readonly width: number;
}

/** Calls `visit` for each entry of the block, row by row. */
export function visitBlock(
  { rows, columns, width }: BlockPlace,
  visit: (index: number, post: number, pre: number) => void,
): void {
  for (let post = rows.from; post < rows.to; post += 1)
    for (let pre = columns.from; pre < columns.to; pre += 1) visit(post * width + pre, post, pre);
}

/** Sets the block's entries of a mask, each an independent draw; those that may not exist are drawn, too. */
export function drawBlock(
  mask: Float32Array,
  place: BlockPlace,
  random: Random,
  density: number,
  mayExist: (post: number, pre: number) => boolean = () => true,
): void {
  visitBlock(place, (entry, post, pre) => {
    mask[entry] = random.uniform() < density && mayExist(post, pre) ? 1 : 0;
  });
}

/** Sets the block's entries of a matrix to values given row by row. */
export function setBlock(matrix: Float32Array, place: BlockPlace, values: Float32Array): void {
  let next = 0;
  visitBlock(place, (entry) => {
    matrix[entry] = values[next] as number;
    next += 1;
  });
}
