// The block of a matrix that a term is about: rows (postsynaptic) POST_FIRST ... POST_END - 1 and columns (presynaptic)
// PRE_FIRST ... PRE_END - 1. Needs lib/shape.wgsl.
override TENSOR: u32;  // 0 weight_ih, 1 weight_hh, 3 weight_ho
override POST_FIRST: u32;
override POST_END: u32;
override PRE_FIRST: u32;
override PRE_END: u32;

fn matrix_columns(s: Shape) -> u32 { return select(s.hidden, s.inputs, TENSOR == 0u); }

fn is_in_post(row: u32) -> bool { return row >= POST_FIRST && row < POST_END; }
fn is_in_pre(column: u32) -> bool { return column >= PRE_FIRST && column < PRE_END; }
