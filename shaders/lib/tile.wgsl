// A register tile: the sums of TILE_ROWS rows (trials, or time x trial) by 4 * TILE_COLUMNS4 columns (units) of a product
// A B, for one invocation. The code of the tile's shape is put in where the kernel is made (src/ops/tiles.ts):
//
//   Tile, Rows, Values, Block        sums; where rows of A start; four columns of those rows; four rows of B
//   Outer                            four rows of A, of a product A^T B
//   tile_rows(start, stride, last)   rows past the last one repeat it, and their results are dropped
//   tile_add(&t, values, block)      t += values * block, the four terms of the sum over k in their order
//   tile_outer(&t, outer, block)     t += outer^T * block, the four terms of the sum over rows in their order
//   tile_sums(t)                     [row][column of four]
//
// and the loads that a kernel names: a line `!rows name(more: parameters) = expression of at` makes
// `name(rows, k, more) -> Values`, a line `!block name = expression of at` makes `name(start, width, room) -> Block`, where
// `width` is the length of a row of B and `room` the number of columns behind the first. `!block name(left) = ...` and
// `!outer name = ...` make `name(start, width, room, left)`: of the four rows only `left` exist, the others count as 0.
//
// With quads, the four invocations of a quad load a quarter of the rows each and broadcast them. So all invocations of a
// workgroup must own the same rows and run the same loops; those past the last column work along and store nothing.
// A kernel that the compiler cannot prove to do so, but does, says `!quads unproved`.
//!include lib/madd4.wgsl
//!place tile
