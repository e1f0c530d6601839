// What a training step may do, per replica: whether loss and gradient are finite, and the factor on each tensor's gradient.
struct Verdict {
  healthy: u32,            // 1: update. 0: this step, or an earlier one, was not finite
  diverged_step: u32,      // settings.step + 1 of the first step that was not finite; 0 = none
  gradient_norm: f32,
  padding: u32,
  factor: array<f32, 12>,  // clip factor per tensor (lib/tensors.wgsl)
}
