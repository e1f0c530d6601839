// The adapter's bandwidth to and from storage: out = in.
//
//   in, out [groups.x * groups.y * WORKGROUP_SIZE] vec4f
//
// One invocation owns one vec4f.
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn roof_copy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item < arrayLength(&out)) { out[item] = source[item]; }
}
