// The mean over the N rows (time x trial) that count, times the term's weight c: Omega, and the factor on its derivative.
//
//   settings [R]; loss_rows [R, TERMS, T B]: (q - 1)^2 before, -1 for a row that is left out; c (q - 1)^2 / N after, or 0
//   term_scales [R]: c / N; both are 0 where no row counts
//
// One workgroup owns one replica. Sums have a fixed order (lib/sum.wgsl says where the barriers are).
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/loss_term.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read_write> loss_rows: array<f32>;
@group(0) @binding(3) var<storage, read_write> term_scales: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn omega_mean(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let rows = shape.steps * shape.batch;
  let start = loss_row(group.z, 0u, rows);
  var part = 0.0;
  for (var row = local; row < rows; row += WORKGROUP_SIZE) { part += select(1.0, 0.0, loss_rows[start + row] == -1.0); }
  let count = workgroup_sum(local, part);
  let scale = select(0.0, settings[group.z].loss_scale[TERM] / max(count, 1.0), count > 0.0);
  for (var row = local; row < rows; row += WORKGROUP_SIZE) {
    let loss = loss_rows[start + row];
    loss_rows[start + row] = select(scale * loss, 0.0, loss == -1.0);
  }
  if (local == 0u) { term_scales[group.z] = scale; }
}
