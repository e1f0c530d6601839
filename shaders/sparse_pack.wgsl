// Effective recurrent weights from raw ones, in the lists of the synapses that may exist (lib/sparse_lists.wgsl).
//
//   parameters, rules [R, P] as in pack_weights.wgsl
//   places [R, items]: of each entry of the lists, in order, where its weight lies in the flat parameter vector, with the
//     highest bit set in the outgoing lists; 0xffffffff where an entry fills up a pair, whose weight stays 0
//   packed [R, packed4] as vec4f elsewhere
//
// One invocation owns one entry.
//!include lib/shape.wgsl
//!include lib/constraint.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> rules: array<u32>;
@group(0) @binding(3) var<storage, read> places: array<u32>;
@group(0) @binding(4) var<storage, read_write> packed: array<f32>;

override WORKGROUP_SIZE: u32;
override LAYERS: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_pack(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let items = arrayLength(&places) / shape.replicas;
  if (item >= items) { return; }
  let place = places[id.z * items + item];
  if (place == 0xffffffffu) { return; }
  let p = place & 0x7fffffffu;
  let flat = id.z * shape.parameters;
  var w = effective_weight(parameters[flat + p], rules[flat + p]);
  if (place > p) {
    let post = (p - offset_weight_hh(shape)) / shape.hidden;
    w *= parameters[flat + offset_alpha(shape) + post];
  }
  let pairs = packed_layers(shape) + 3u * LAYERS + 6u * shape.hidden4;
  packed[4u * (id.z * shape.packed4 + pairs) + 2u * item + 1u] = w;
}
