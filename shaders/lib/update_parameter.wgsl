// Clip, optimiser, plasticity, and projection on mask and sign, for one parameter. No absent or wrong-signed weight exists
// after it, nor a moment of an absent one.
//   SGD      m = mu m + g;  d = lr (g + mu m if NESTEROV else m)         (mu = 0: d = lr g)
//   RMSProp  s = a s + (1 - a) g^2;  m = mu m + g / (sqrt s + eps);  d = lr m
//   Adam     m = b1 m + (1 - b1) g;  s = b2 s + (1 - b2) g^2;  d = step m / (sqrt s + eps)  (bias corrections in step, eps)
//   AdamW    the same, and d += lr * decay * w
//   w = project(w - plasticity * d);  alpha stays in [alpha_min, 1]
// Formulas and defaults are PyTorch's. L2 weight decay is added to g after clipping.
//
//   settings, verdicts [R]; parameters, previous, rules, gradients [R, P]; moments (m, s) [R, P, 2]
//
// `previous` keeps the parameters that gave the last finite loss; when a step is not finite they are put back.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/constraint.wgsl
//!include lib/verdict.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> verdicts: array<Verdict>;
@group(0) @binding(3) var<storage, read> rules: array<u32>;
@group(0) @binding(5) var<storage, read> gradients: array<f32>;
@group(0) @binding(6) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(7) var<storage, read_write> previous: array<f32>;
@group(0) @binding(8) var<storage, read_write> moments: array<vec2f>;

override WORKGROUP_SIZE: u32;
override OPTIMIZER: u32;  // 0 SGD, 1 RMSProp, 2 Adam and AdamW
override NESTEROV: bool;

const alpha_tensor = 5u;

// The change of one parameter, before its plasticity; the moments are updated in place. Settings are read one by one: a copy
// of the whole struct would be loaded in full.
fn optimizer_step(replica: u32, g: f32, moment: ptr<function, vec2f>) -> f32 {
  let s = &settings[replica];
  if (OPTIMIZER == 0u) {
    (*moment).x = (*s).decay_first * (*moment).x + g;
    return (*s).step_size * select((*moment).x, fma((*s).decay_first, (*moment).x, g), NESTEROV);
  }
  (*moment).y = (*s).decay_second * (*moment).y + (*s).gain_second * g * g;
  if (OPTIMIZER == 1u) {
    (*moment).x = (*s).decay_first * (*moment).x + g / (sqrt((*moment).y) + (*s).epsilon);
    return (*s).step_size * (*moment).x;
  }
  (*moment).x = (*s).decay_first * (*moment).x + (*s).gain_first * g;
  return (*s).step_size * (*moment).x / (sqrt((*moment).y) + (*s).epsilon);
}

// Sign projection; a weight that would cross zero becomes +0, never -0.
fn project(w: f32, rule: u32) -> f32 {
  if (CONSTRAINT != 0u) { return w; }
  let s = sign_of(rule);
  return select(w, 0.0, s != 0.0 && s * w <= 0.0);
}

fn update_parameter(replica: u32, item: u32, plasticity: f32) {
  let p = replica * shape.parameters + item;
  let rule = rules[p];
  if (!is_present(rule)) { parameters[p] = 0.0; }
  if (!is_present(rule) || !is_learned(rule) || settings[replica].ended != 0u) { return; }
  if (verdicts[replica].healthy == 0u) {
    parameters[p] = previous[p];
    return;
  }
  let s = &settings[replica];
  let w = parameters[p];
  var moment = moments[p];
  let tensor = tensor_of(rule);
  let g = fma((*s).weight_decay, w, gradients[p] * verdicts[replica].factor[tensor]);
  let change = optimizer_step(replica, g, &moment) + (*s).decoupled_decay * w;
  var next = project(w - plasticity * change, rule);
  if (tensor == alpha_tensor) { next = clamp(next, (*s).alpha_min, 1.0); }
  previous[p] = w;
  parameters[p] = next;
  moments[p] = moment;
}
