// Effective recurrent weights from raw ones, in the lists of the synapses that may exist (lib/sparse_lists.wgsl).
//
//   parameters, rules [R, P] as in pack_weights.wgsl
//   places [R, entries]: of each entry of the incoming lists where its weight lies in the flat parameter vector, and which
//     entry of all lists is the same synapse in an outgoing list; 0xffffffff where it fills up a pair: its weight stays 0
//   packed [R, packed4] as vec4f elsewhere
//
// One invocation owns one synapse and writes its two places.
//!include lib/shape.wgsl
//!include lib/constraint.wgsl
struct Place { parameter: u32, outgoing: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> rules: array<u32>;
@group(0) @binding(3) var<storage, read> places: array<Place>;
@group(0) @binding(4) var<storage, read_write> packed: array<f32>;

override WORKGROUP_SIZE: u32;
override LAYERS: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_pack(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let entries = arrayLength(&places) / shape.replicas;
  if (item >= entries) { return; }
  let place = places[id.z * entries + item];
  let p = place.parameter;
  if (p == 0xffffffffu) { return; }
  let flat = id.z * shape.parameters;
  let w = effective_weight(parameters[flat + p], rules[flat + p]);
  let post = (p - offset_weight_hh(shape)) / shape.hidden;
  let weights = 4u * (id.z * shape.packed4 + packed_layers(shape) + 3u * LAYERS + 6u * shape.hidden4) + 1u;
  packed[weights + 2u * item] = w;
  packed[weights + 2u * place.outgoing] = w * parameters[flat + offset_alpha(shape) + post];
}
