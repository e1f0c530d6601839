// Slot 0 of the states and rates: v[-1] = v0, r[-1] = f(v0), and of the synapses, at rest before r[-1].
//
//   packed [R, packed4] vec4f     holds v0
//   states, rates [R, T + 1, B, hidden4] vec4f; synapses [R, T + 1, B, 4, hidden4] vec4f (only with SYNAPSES)
//
// One invocation owns four units of one trial. INITIAL: 0 every trial starts at the parameter v0; 1 slot 0 of the states
// was uploaded, one v0 a trial; 2 that of the rates too, and only the synapses are wanted.
//!include lib/shape.wgsl
//!include lib/unit.wgsl
//!include lib/synapse.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> rates: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> synapses: array<vec4f>;

override WORKGROUP_SIZE: u32;
override INITIAL: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn initial_state(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= shape.batch * shape.hidden4) { return; }
  let at = id.z * (shape.steps + 1u) * shape.batch * shape.hidden4 + item;
  let column = item % shape.hidden4;
  if (INITIAL == 0u) {
    states[at] = packed[id.z * shape.packed4 + packed_v0(shape) + column];
  }
  let unit = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
  if (INITIAL != 2u) {
    rates[at] = select(vec4f(0.0), unit_rate(id.z, column, states[at]), unit < vec4u(shape.hidden));
  }
  if (SYNAPSES) {
    let r = rates[at];
    let c = synapse_constants(id.z, column);
    let next = synapse_next(c, synapse_at_rest(c), r);
    let here = 4u * (at - column) + column;  // a row of synapses is four of rates
    synapses[here] = next.x;
    synapses[here + shape.hidden4] = next.u;
    synapses[here + 2u * shape.hidden4] = next.u * next.x * r;
    synapses[here + 3u * shape.hidden4] = r;
  }
}
