// How far each row of rates (time x trial) agrees with the recurrent weights W:
//   a = (W + W^T) r,   q = r^T W r = r.a / 2
//
//   packed [R, packed4] vec4f: lib/shape.wgsl; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T; padding 0)
//   drives [R, T, B, hidden4] vec4f: a; loss_rows [R, TERMS, T B]: q, which hebbian_factor makes a loss
//
// A workgroup owns one row, an invocation every WORKGROUP_SIZE-th vec4f of it; lib/sum.wgsl says where the barriers are.
//!include lib/shape.wgsl
//!include lib/loss_term.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> drives: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn hebbian_drive(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = group.y * groups.x + group.x;
  let rows = shape.steps * shape.batch;
  if (row >= rows) { return; }
  let width = shape.hidden4;
  let weights = group.z * shape.packed4 + packed_hidden_forward(shape);
  let start = (group.z * rows + row) * width;
  let ahead = (group.z + 1u) * shape.batch * width;  // rates have one slot more a replica
  var part = 0.0;
  for (var k = local; k < width; k += WORKGROUP_SIZE) {
    var drive = vec4f(0.0);
    for (var j = 0u; j < width; j += 1u) {
      let r = rates[start + ahead + j];
      let into = weights + 4u * j * width + k;   // from the units of vec4f j to those of k: W r
      drive = fma(vec4f(r.x), packed[into], drive);
      drive = fma(vec4f(r.y), packed[into + width], drive);
      drive = fma(vec4f(r.z), packed[into + 2u * width], drive);
      drive = fma(vec4f(r.w), packed[into + 3u * width], drive);
      let out = weights + 4u * k * width + j;    // from the units of vec4f k to those of j: W^T r
      drive += vec4f(
        dot(packed[out], r),
        dot(packed[out + width], r),
        dot(packed[out + 2u * width], r),
        dot(packed[out + 3u * width], r),
      );
    }
    drives[start + k] = drive;
    part += dot(drive, rates[start + ahead + k]);
  }
  let agreement = 0.5 * workgroup_sum(local, part);
  if (local == 0u) { loss_rows[loss_row(group.z, row, rows)] = agreement; }
}
