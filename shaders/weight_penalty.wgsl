// A loss term on the effective weights of one matrix, or of a block of it, and its gradient:
//   KIND 0  L1         loss = c sum |w|         d/dw = c sign w
//   KIND 1  L2         loss = c sum w^2         d/dw = 2 c w
//   KIND 2  Frobenius  loss = c sqrt(sum w^2)   d/dw = c w / sqrt(sum w^2), 0 where all are zero
// c is the term's factor in the settings: its weight, over the number of entries where the mean is asked for. With
// DISTANCES each entry of KIND 0 and 1, and its derivative, is multiplied by the distance d of its two units.
//
//   settings [R]; parameters, rules [R, P]; sums [R, CHUNKS] from weight_penalty_sum
//   penalties [R, P]: d loss / d effective weight, written by the first term on this matrix (FIRST), added to by later ones
//   loss_rows [R, TERMS, T B]: the term's loss in its first row; the others stay 0
//   distances [1 or R, H, H], not read without DISTANCES
//
// One invocation owns one weight, inside the block or not; every one adds up the few partial sums itself, in the same order.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/constraint.wgsl
//!include lib/tensors.wgsl
//!include lib/weight_penalty.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> rules: array<u32>;
@group(0) @binding(4) var<storage, read> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> penalties: array<f32>;
@group(0) @binding(6) var<storage, read_write> loss_rows: array<f32>;
@group(0) @binding(7) var<storage, read> distances: array<f32>;

override WORKGROUP_SIZE: u32;
override CHUNKS: u32;
override TERM: u32;
override TERMS: u32;
override FIRST: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn weight_penalty(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let start = tensor_start(shape, TENSOR);
  if (item >= tensor_start(shape, TENSOR + 1u) - start) { return; }
  var total = 0.0;
  for (var chunk = 0u; chunk < CHUNKS; chunk += 1u) { total += sums[id.z * CHUNKS + chunk]; }
  let c = settings[id.z].loss_scale[TERM];
  let at = id.z * shape.parameters + start + item;
  let w = effective_weight(parameters[at], rules[at]);
  var loss = c * total;
  var gradient = c * sign(w);
  if (KIND == 1u) { gradient = 2.0 * c * w; }
  if (KIND == 2u) {
    let norm = sqrt(total);
    loss = c * norm;
    gradient = select(0.0, c * w / norm, norm > 0.0);
  }
  if (DISTANCES) { gradient *= distances[id.z * DISTANCE_STRIDE + item]; }
  if (!is_in_part(shape, item)) { gradient = 0.0; }
  if (!FIRST) { gradient += penalties[at]; }
  penalties[at] = gradient;
  if (item == 0u) { loss_rows[(id.z * TERMS + TERM) * shape.steps * shape.batch] = loss; }
}
