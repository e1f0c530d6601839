// The loss of this step, the norms of the gradients, and whether the update may happen.
//   loss of a term = sum over rows of loss_rows; norm of a tensor = sqrt(sum of its squares)
//   factor = min(1, clip / norm), of all tensors together (CLIP 1) or each by itself (CLIP 2)
//
//   settings [R]; loss_rows [R, TERMS, T B]; squares [R, TENSORS, CHUNKS]; verdicts [R], `diverged_step` kept from step to step
//   history [slots, R, 16]: the terms of this step, and the gradient's norm in the last place
//
// One workgroup owns one replica. Sums have a fixed order (lib/sum.wgsl says where the barriers are).
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/verdict.wgsl
//!include lib/tensors.wgsl
//!include lib/gradient_chunks.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> loss_rows: array<f32>;
@group(0) @binding(3) var<storage, read> squares: array<f32>;
@group(0) @binding(4) var<storage, read_write> verdicts: array<Verdict>;
@group(0) @binding(5) var<storage, read_write> history: array<f32>;

override TERMS: u32;
override TENSORS: u32;
override CLIP: u32;
override HAS_GRADIENTS: bool;

// By its bits: arithmetic tests for NaN may be optimised away.
fn is_finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }

@compute @workgroup_size(WORKGROUP_SIZE)
fn verdict(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let replica = group.z;
  let rows = shape.steps * shape.batch;
  let record = (settings[replica].slot * shape.replicas + replica) * 16u;
  var finite = true;
  for (var term = 0u; term < TERMS; term += 1u) {
    var part = 0.0;
    for (var row = local; row < rows; row += WORKGROUP_SIZE) {
      part += loss_rows[(replica * TERMS + term) * rows + row];
    }
    let loss = workgroup_sum(local, part);
    finite = finite && is_finite(loss);
    if (local == 0u) { history[record + term] = loss; }
  }
  var total = 0.0;
  var norms: array<f32, 12>;
  if (HAS_GRADIENTS) {
    for (var tensor = 0u; tensor < TENSORS; tensor += 1u) {
      var part = 0.0;
      for (var chunk = local; chunk < chunks_of(tensor); chunk += WORKGROUP_SIZE) {
        part += squares[(replica * TENSORS + tensor) * CHUNKS + chunk];
      }
      let square = workgroup_sum(local, part);
      total += square;
      norms[tensor] = sqrt(square);
    }
  }
  if (local != 0u) { return; }
  let norm = sqrt(total);
  history[record + 15u] = norm;
  verdicts[replica].gradient_norm = norm;
  if (!(finite && is_finite(total)) && verdicts[replica].diverged_step == 0u) {
    verdicts[replica].diverged_step = settings[replica].update + 1u;
  }
  verdicts[replica].healthy = select(0u, 1u, verdicts[replica].diverged_step == 0u);
  for (var tensor = 0u; tensor < TENSORS; tensor += 1u) {
    var length = norm;
    if (CLIP == 2u) { length = norms[tensor]; }
    let clips = CLIP != 0u && length > settings[replica].clip;
    verdicts[replica].factor[tensor] = select(1.0, settings[replica].clip / max(length, 1e-30), clips);
  }
}
