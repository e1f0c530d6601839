// The derivative of a loss term by the effective recurrent weights, where it reaches them directly:
//   dL/dW[i, j] = scale alpha[i] sum over slices of partials[i, j];   scale = 1, or term_scales with SCALED
//
//   packed [R, packed4] vec4f, which holds alpha; partials [R, splits, P] from weight_gradient; term_scales [R]
//   penalties [R, P]: written by the first term on weight_hh (FIRST), added to by later ones
//
// An invocation owns one weight. Sums run over slices in order.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> partials: array<f32>;
@group(0) @binding(3) var<storage, read> term_scales: array<f32>;
@group(0) @binding(4) var<storage, read_write> penalties: array<f32>;

override WORKGROUP_SIZE: u32;
override SCALED: bool;
override FIRST: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn direct_weight_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= shape.hidden * shape.hidden) { return; }
  let post = item / shape.hidden;
  var at = offset_weight_hh(shape) + item;
  var gradient = 0.0;
  for (var slice = 0u; slice < shape.splits; slice += 1u) {
    gradient += partials[(id.z * shape.splits + slice) * shape.parameters + at];
  }
  gradient *= packed[id.z * shape.packed4 + packed_alpha(shape) + post / 4u][post % 4u];
  if (SCALED) { gradient *= term_scales[id.z]; }
  at += id.z * shape.parameters;
  if (!FIRST) { gradient += penalties[at]; }
  penalties[at] = gradient;
}
