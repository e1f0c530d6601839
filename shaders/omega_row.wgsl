// How well one step of back-propagation keeps the size of a gradient (Pascanu, Mikolov & Bengio 2013), for one row: slot
// t + 1 of one trial, with g = dE/dv[t+1]:
//   h = g dv[t+1]/dv[t]:  state form  h = (1 - alpha) g + f' p;   rate form  h = f' ((1 - alpha) g + p);   p = W^T (alpha g)
//   q = |h|^2 / |g|^2,   loss = (q - 1)^2
//   dloss/dW[i, j] = alpha[i] g[i] e[j],   e = 4 (q - 1) / |g|^2 f' h     (g and f' held constant)
// f' is the slope at v[t], or with SLOPE_AFTER at v[t+1]. A row with |g|^2 < BOUND has no direction and is left out: e = 0.
//
//   packed [R, packed4] vec4f, which holds alpha; states, state_gradients [R, T + 1, B, hidden4] vec4f
//   products [R, T, B, hidden4] vec4f: p before, e after
//   loss_rows [R, TERMS, T B]: the loss, or -1 for a row that is left out; omega_mean makes a mean of them
//
// An invocation owns one row.
//!include lib/shape.wgsl
//!include lib/unit.wgsl
//!include lib/loss_term.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> state_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> products: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override RATE_FORM: bool;
override SLOPE_AFTER: bool;
override BOUND: f32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn omega_row(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let start = (id.z * rows + item) * shape.hidden4;
  let before = start + id.z * shape.batch * shape.hidden4;  // slot t: states have one slot more a replica
  let after = before + shape.batch * shape.hidden4;
  let alphas = id.z * shape.packed4 + packed_alpha(shape);
  var kept = 0.0;
  var given = 0.0;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let slope = unit_slope(id.z, k, states[select(before, after, SLOPE_AFTER) + k]);
    let g = state_gradients[after + k];
    let leak = (1.0 - packed[alphas + k]) * g;
    var h = fma(slope, products[start + k], leak);
    if (RATE_FORM) { h = slope * (leak + products[start + k]); }
    products[start + k] = slope * h;
    kept += dot(h, h);
    given += dot(g, g);
  }
  let counts = given >= BOUND;
  // Divided only where it counts, so that a gradient of exactly 0 makes no NaN.
  let size = select(1.0, given, counts);
  let change = kept / size - 1.0;
  let factor = select(0.0, 4.0 * change / size, counts);
  for (var k = 0u; k < shape.hidden4; k += 1u) { products[start + k] *= factor; }
  loss_rows[loss_row(id.z, item, rows)] = select(-1.0, change * change, counts);
}
