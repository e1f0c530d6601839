// Value and slope of a user's formula as this device computes them, to be compared with float64 (src/ops/confirm-formula.ts).
//
//   points [N] vec4f: the formula's variables, in order; results [N] vec2f: value, slope
//
// An invocation owns one point. The formula is put in at the two places; without it both are 0.
//!include lib/scalar.wgsl
@group(0) @binding(0) var<storage, read> points: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> results: array<vec2f>;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn formula_check(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= arrayLength(&points)) { return; }
  let point = points[item];
  var value = 0.0;
  var slope = 0.0;
  //!place value
  //!place slope
  results[item] = vec2f(value, slope);
}
