// What a penalty on the entries of a matrix is about: which entries, and by what each counts. Needs lib/shape.wgsl.
//!include lib/matrix_part.wgsl
override KIND: u32;             // 0 |w|, 1 and 2 w^2
override WHOLE: bool;           // all entries; the block of lib/matrix_part.wgsl is not looked at
override DISTANCES: bool;       // each entry counts by the distance of its two units; of weight_hh only
override DISTANCE_STRIDE: u32;  // from one replica's distances to the next; 0 = they share them

// Where the k-th entry of the block stands in the matrix.
fn part_entry(s: Shape, k: u32) -> u32 {
  if (WHOLE) { return k; }
  let width = PRE_END - PRE_FIRST;
  return (POST_FIRST + k / width) * matrix_columns(s) + PRE_FIRST + k % width;
}

fn part_size(whole: u32) -> u32 { return select((POST_END - POST_FIRST) * (PRE_END - PRE_FIRST), whole, WHOLE); }

fn is_in_part(s: Shape, entry: u32) -> bool {
  let columns = matrix_columns(s);
  return WHOLE || (is_in_post(entry / columns) && is_in_pre(entry % columns));
}
