// What may differ between replicas and between training steps: one element per replica, uploaded once a step.
struct Settings {
  seed: u32,               // key of the noise
  step: u32,               // counter of the noise: the number of the batch
  noise_stream: u32,
  slot: u32,               // where in the loss history this step is written
  update: u32,             // the training step, one for every window of a batch
  first_step: u32,         // time steps before this sequence: the noise goes on where that of the window before ended
  noise_pre: f32,          // standard deviation before the noise scale
  noise_post: f32,
  step_size: f32,          // learning rate, with Adam's bias correction of the first moment
  epsilon: f32,            // with Adam's bias correction of the second moment
  decay_first: f32,        // momentum, or Adam's beta1
  decay_second: f32,       // RMSProp's smoothing, or Adam's beta2
  weight_decay: f32,       // L2: added to the gradient
  decoupled_decay: f32,    // AdamW: learning rate times weight decay
  clip: f32,               // norm or absolute value, by the clip mode
  alpha_min: f32,          // alpha stays in [alpha_min, 1]
  ended: u32,              // 1: training of this replica is over, its parameters stay
  gain_first: f32,         // 1 - beta1, rounded on its own: 1 - f32(0.999) would be off by 1.3e-5
  gain_second: f32,        // 1 - beta2, or RMSProp's 1 - smoothing
  loss_scale: array<f32, 16>,  // per loss term: weight / denominator
}
