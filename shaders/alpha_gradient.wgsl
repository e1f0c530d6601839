// dL/dalpha[n] = sum over time and trials of dL/dv[t, b, n] dv[t, b, n]/dalpha[n].
//
//   state_gradients [R, T + 1, B, hidden4] vec4f (slots 1 ... T); slopes [R, T, B, hidden4] vec4f
//   partials [R, splits, P]: at the place of alpha; with ACCUMULATE added to
//
// An invocation owns four units of one slice of the rows; z runs over replica x slice. The last SHARED steps do not count.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> state_gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> slopes: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

override WORKGROUP_SIZE: u32;
override SHARED: u32;
override ACCUMULATE: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn alpha_gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.hidden4) { return; }
  let replica = id.z / shape.splits;
  let slice = id.z % shape.splits;
  let rows = shape.steps * shape.batch;
  let counted = rows - SHARED * shape.batch;
  let chunk = (counted + shape.splits - 1u) / shape.splits;
  let end = min((slice + 1u) * chunk, counted);
  var sum = vec4f(0.0);
  for (var row = slice * chunk; row < end; row += 1u) {
    let at = (replica * rows + row) * shape.hidden4 + id.x;
    sum = fma(state_gradients[at + (replica + 1u) * shape.batch * shape.hidden4], slopes[at], sum);
  }
  let n = 4u * id.x;
  let out = id.z * shape.parameters + offset_alpha(shape) + n;
  for (var i = 0u; i < min(4u, shape.hidden - n); i += 1u) {
    if (ACCUMULATE) { partials[out + i] += sum[i]; } else { partials[out + i] = sum[i]; }
  }
}
