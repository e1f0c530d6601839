// The adapter's rate of multiply-add: each invocation does 8 ROUNDS of a x + b on eight independent sums.
//
//   out [workgroups * WORKGROUP_SIZE] f32, so that nothing can be left out
//
// One invocation owns one entry.
@group(0) @binding(0) var<storage, read_write> out: array<f32>;

override WORKGROUP_SIZE: u32;
override ROUNDS: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn roof_multiply_add(@builtin(global_invocation_id) id: vec3u) {
  // Close to 1 and to 0: sums stay finite, and the compiler does not know them.
  let a = 1.0 - f32(id.x & 7u) * 1e-7;
  let b = 1e-7;
  var s0 = f32(id.x);
  var s1 = s0 + 1.0;
  var s2 = s0 + 2.0;
  var s3 = s0 + 3.0;
  var s4 = s0 + 4.0;
  var s5 = s0 + 5.0;
  var s6 = s0 + 6.0;
  var s7 = s0 + 7.0;
  for (var round = 0u; round < ROUNDS; round += 1u) {
    s0 = fma(s0, a, b);
    s1 = fma(s1, a, b);
    s2 = fma(s2, a, b);
    s3 = fma(s3, a, b);
    s4 = fma(s4, a, b);
    s5 = fma(s5, a, b);
    s6 = fma(s6, a, b);
    s7 = fma(s7, a, b);
  }
  out[id.x] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
}
