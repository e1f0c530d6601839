// The rates of slot 0 by unit, as the postsynaptic side sees them (lib/sparse_forward.wgsl).
//
//   rates [R, T + 1, B, hidden4] vec4f; synapses [R, T + 1, B, 4, hidden4] vec4f (only with SYNAPSES)
//   unit_rates [R, T + 1, 4 hidden4, batch4] vec4f
//
// One invocation owns four units of four trials.
//!include lib/shape.wgsl
override WORKGROUP_SIZE: u32;
override SYNAPSES: bool;
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rates: array<vec4f>;
@group(0) @binding(2) var<storage, read> synapses: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> unit_rates: array<vec4f>;

fn seen(replica: u32, trial: u32, column: u32) -> vec4f {
  if (trial >= shape.batch) { return vec4f(0.0); }
  let row = replica * (shape.steps + 1u) * shape.batch + trial;
  if (SYNAPSES) { return synapses[(4u * row + 2u) * shape.hidden4 + column]; }
  return rates[row * shape.hidden4 + column];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_start(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let batch4 = (shape.batch + 3u) / 4u;
  if (item >= shape.hidden4 * batch4) { return; }
  let column = item % shape.hidden4;
  let trials = item / shape.hidden4;
  let by_unit = transpose(mat4x4f(
    seen(id.z, 4u * trials, column), seen(id.z, 4u * trials + 1u, column),
    seen(id.z, 4u * trials + 2u, column), seen(id.z, 4u * trials + 3u, column)));
  let at = 4u * (id.z * (shape.steps + 1u) * shape.hidden4 + column) * batch4 + trials;
  unit_rates[at] = by_unit[0];
  unit_rates[at + batch4] = by_unit[1];
  unit_rates[at + 2u * batch4] = by_unit[2];
  unit_rates[at + 3u * batch4] = by_unit[3];
}
