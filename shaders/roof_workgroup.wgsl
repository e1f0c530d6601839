// The adapter's rate of loads from workgroup memory: each invocation adds up ROUNDS entries of it, one after the other, each
// at a place of its own.
//
//   out [workgroups * WORKGROUP_SIZE] vec4f
//
// A workgroup owns 256 entries of its memory, 4 KB; one invocation owns one entry of out.
@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;

override WORKGROUP_SIZE: u32;
override ROUNDS: u32;

var<workgroup> shared_values: array<vec4f, 256>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn roof_workgroup(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) local: u32) {
  for (var k = local; k < 256u; k += WORKGROUP_SIZE) { shared_values[k] = vec4f(f32(k)); }
  workgroupBarrier();
  var sum = vec4f(0.0);
  for (var round = 0u; round < ROUNDS; round += 1u) { sum += shared_values[(local + round) & 255u]; }
  out[id.x] = sum;
}
