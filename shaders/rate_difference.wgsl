// How much rates change over LAG steps, for one row (time t x trial) and the units UNIT_FIRST ... UNIT_END - 1, n of them:
//   loss = c sum (r[t] - r[t + LAG])^2, 0 in the last LAG steps,   c = weight / ((T - LAG) B n)
//   dL/dr[t] = 2 c ((r[t] - r[t + LAG]) + (r[t] - r[t - LAG])), each only where that step is one of the T
// Of a trial in segments, the steps before this one are in `earlier`; the LAG steps after it are the last of its own T.
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T; slot 0, the initial state, has no part)
//   earlier [R, EARLIER, B, hidden4] vec4f, EARLIER at least LAG, or 0 where the trial starts here
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
@group(0) @binding(5) var<storage, read> earlier: array<vec4f>;

override WORKGROUP_SIZE: u32;
override UNIT_FIRST: u32;
override UNIT_END: u32;
override LAG: u32;
override EARLIER: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn rate_difference(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let rows = shape.steps * shape.batch;
  if (item >= rows) { return; }
  let scale = settings[id.z].loss_scale[TERM];
  let start = (id.z * rows + item) * shape.hidden4;
  let ahead = (id.z + 1u) * shape.batch * shape.hidden4;  // rates have one slot more a replica
  let reach = LAG * shape.batch;                          // in rows
  let has_later = item + reach < rows;
  let has_earlier = item >= reach;
  var sum = 0.0;
  for (var k = 0u; k < shape.hidden4; k += 1u) {
    let at = start + ahead + k;
    let r = rates[at];
    var to_later = vec4f(0.0);
    var to_earlier = vec4f(0.0);
    if (has_later) { to_later = (r - rates[at + reach * shape.hidden4]) * lanes(k, UNIT_FIRST, UNIT_END); }
    if (has_earlier) {
      to_earlier = (r - rates[at - reach * shape.hidden4]) * lanes(k, UNIT_FIRST, UNIT_END);
    } else if (EARLIER > 0u) {
      let before = (id.z + 1u) * EARLIER * shape.batch + item - reach;
      to_earlier = (r - earlier[before * shape.hidden4 + k]) * lanes(k, UNIT_FIRST, UNIT_END);
    }
    sum += dot(to_later, to_later);
    var gradient = 2.0 * scale * (to_later + to_earlier);
    if (!FIRST) { gradient += direct_gradients[start + k]; }
    direct_gradients[start + k] = gradient;
  }
  loss_rows[loss_row(id.z, item, rows)] = scale * sum;
}
