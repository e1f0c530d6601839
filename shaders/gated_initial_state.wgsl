// Slot 0 of the states and rates of an LSTM (c[-1] = v0, h[-1] = r0) or a GRU (h[-1] = r0 in both).
//
//   packed [R, packed4] vec4f     holds v0 and r0
//   states, rates [R, T + 1, B, hidden4] vec4f
//
// One invocation owns four units of one trial. INITIAL: 0 every trial starts at the parameters; 1 slot 0 of the states was
// uploaded, one v0 a trial: an LSTM's h still starts at the parameter r0, a GRU's is its state.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> rates: array<vec4f>;

override WORKGROUP_SIZE: u32;
override GRU: bool;
override INITIAL: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn gated_initial_state(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= shape.batch * shape.hidden4) { return; }
  let at = id.z * (shape.steps + 1u) * shape.batch * shape.hidden4 + item;
  let parameters = id.z * shape.packed4 + item % shape.hidden4;
  let h = packed[parameters + packed_r0(shape)];
  if (INITIAL == 0u) { states[at] = select(packed[parameters + packed_v0(shape)], h, GRU); }
  rates[at] = select(h, states[at], GRU);
}
