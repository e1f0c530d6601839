// Effective weights from raw ones, in the layouts that the products over time read.
//
//   parameters [R, P]        flat raw parameters, order as in lib/shape.wgsl
//   rules      [R, P]        one u32 a parameter, see lib/constraint.wgsl
//   packed     [R, packed4]  as vec4f elsewhere; here written one float at a time. Padding stays 0 from creation.
//
// Without RECURRENT the recurrent weights are left out: the products are over lists (sparse_pack.wgsl).
//
// One invocation owns one parameter and writes each of its one or two places; no two invocations share a place.
//!include lib/shape.wgsl
//!include lib/constraint.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> rules: array<u32>;
@group(0) @binding(3) var<storage, read_write> packed: array<f32>;

override WORKGROUP_SIZE: u32;
override RECURRENT: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn pack_weights(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  var p = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (!RECURRENT && p >= offset_weight_hh(shape)) { p += offset_bias_h(shape) - offset_weight_hh(shape); }
  let replica = id.z;
  if (p >= shape.parameters) { return; }
  let flat = replica * shape.parameters;
  let w = effective_weight(parameters[flat + p], rules[flat + p]);
  let base = 4u * replica * shape.packed4;
  let h4 = 4u * shape.hidden4;
  let g4 = shape.gates * h4;
  let padding = h4 - shape.hidden;  // behind the rows of every gate
  let o4 = 4u * shape.output4;
  if (p < offset_weight_hh(shape)) {
    let row = p / shape.inputs;
    let post = row + row / shape.hidden * padding;
    let pre = p % shape.inputs;
    packed[base + pre * g4 + post] = w;
  } else if (p < offset_bias_h(shape)) {
    let k = p - offset_weight_hh(shape);
    let row = k / shape.hidden;
    let post = row + row / shape.hidden * padding;
    let pre = k % shape.hidden;
    packed[base + 4u * packed_hidden_forward(shape) + pre * g4 + post] = w;
    var backward = w;
    if (shape.gates == 1u) { backward = w * parameters[flat + offset_alpha(shape) + post]; }
    packed[base + 4u * packed_hidden_backward(shape) + post * h4 + pre] = backward;
  } else if (p < offset_weight_ho(shape)) {
    let row = p - offset_bias_h(shape);
    packed[base + shape.inputs * g4 + row + row / shape.hidden * padding] = w;
  } else if (p < offset_bias_o(shape)) {
    let k = p - offset_weight_ho(shape);
    let post = k / shape.hidden;
    let pre = k % shape.hidden;
    packed[base + 4u * packed_output_forward(shape) + pre * o4 + post] = w;
    packed[base + 4u * packed_output_backward(shape) + post * h4 + pre] = w;
  } else if (p < offset_alpha(shape)) {
    packed[base + 4u * packed_bias_o(shape) + (p - offset_bias_o(shape))] = w;
  } else if (p < offset_v0(shape)) {
    packed[base + 4u * packed_alpha(shape) + (p - offset_alpha(shape))] = w;
  } else if (p < offset_bias_n(shape)) {
    packed[base + 4u * packed_v0(shape) + (p - offset_v0(shape))] = w;
  } else if (p < offset_r0(shape)) {
    packed[base + 4u * packed_bias_n(shape) + (p - offset_bias_n(shape))] = w;
  } else {
    packed[base + 4u * packed_r0(shape) + (p - offset_r0(shape))] = w;
  }
}
