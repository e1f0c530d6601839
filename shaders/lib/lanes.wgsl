// Which columns of vec4f number `vector` of a padded row lie in [first, end): 1 inside, 0 outside.
fn lanes(vector: u32, first: u32, end: u32) -> vec4f {
  let column = 4u * vector + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(0.0), vec4f(1.0), (column >= vec4u(first)) & (column < vec4u(end)));
}
