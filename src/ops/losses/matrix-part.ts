import { parameterNames, parameterShape, type WeightName } from "../../network/model.ts";
import type { Layout } from "../layout.ts";
import type { UnitRange } from "./place.ts";

/** A block of a matrix: its rows (postsynaptic) and its columns (presynaptic). */
export interface MatrixPart {
  readonly post: UnitRange;
  readonly pre: UnitRange;
}

/** Number of entries of a block. */
export function partSize({ post, pre }: MatrixPart): number {
  return (post.end - post.first) * (pre.end - pre.first);
}

/** Whether a block is all of its matrix. */
export function isWhole({ post, pre }: MatrixPart, layout: Layout, matrix: WeightName): boolean {
  const [rows, columns] = parameterShape(layout, matrix);
  return post.first === 0 && post.end === rows && pre.first === 0 && pre.end === columns;
}

/** The overrides of shaders/lib/matrix_part.wgsl. */
export function partOverrides({ post, pre }: MatrixPart, matrix: WeightName) {
  return {
    TENSOR: parameterNames.indexOf(matrix),
    POST_FIRST: post.first,
    POST_END: post.end,
    PRE_FIRST: pre.first,
    PRE_END: pre.end,
  };
}
