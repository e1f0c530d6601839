// Entropy of the activity of one row (time x trial) over the units UNIT_FIRST ... UNIT_END - 1, s = max(r, 0):
//   p = s / Z,   Z = e + sum s,   e = 1e-8,   c = weight / (T B)
//   loss = c (-sum p log(p + e) + SQUARE_WEIGHT sum r^2)
//   dL/dr = c ([r > 0] (g - sum g p) / Z + 2 SQUARE_WEIGHT r),   g = -log(p + e) - p / (p + e)
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T)
//   direct_gradients [R, T, B, hidden4] vec4f; loss_rows [R, TERMS, T B]: lib/loss_term.wgsl
//
// An invocation owns one row.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/lanes.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> direct_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override WORKGROUP_SIZE: u32;
override UNIT_FIRST: u32;
override UNIT_END: u32;
override SQUARE_WEIGHT: f32;

const tiny = 1e-8;

// d entropy / d p
fn entropy_slope(p: vec4f) -> vec4f { return -log(p + tiny) - p / (p + tiny); }

@compute @workgroup_size(WORKGROUP_SIZE)
fn rate_entropy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let ahead = (id.z + 1u) * shape.batch * shape.hidden4;  // rates have one slot more a replica
  var total = tiny;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let r = rates[start + ahead + k] * lanes(k, UNIT_FIRST, UNIT_END);
    total += dot(max(r, vec4f(0.0)), vec4f(1.0));
  }
  var entropy = 0.0;
  var squares = 0.0;
  var mean_slope = 0.0;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let r = rates[start + ahead + k] * lanes(k, UNIT_FIRST, UNIT_END);
    let p = max(r, vec4f(0.0)) / total;
    entropy -= dot(p, log(p + tiny));
    squares += dot(r, r);
    mean_slope += dot(p, entropy_slope(p));
  }
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let r = rates[start + ahead + k] * lanes(k, UNIT_FIRST, UNIT_END);
    let p = max(r, vec4f(0.0)) / total;
    let by_entropy = select(vec4f(0.0), (entropy_slope(p) - mean_slope) / total, r > vec4f(0.0));
    var gradient = scale * (by_entropy + 2.0 * SQUARE_WEIGHT * r);
    if (!FIRST) { gradient += direct_gradients[start + k]; }
    direct_gradients[start + k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * (entropy + SQUARE_WEIGHT * squares);
}
