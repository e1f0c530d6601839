// Rate r = f(v) and slope f'(v), four units at a time. Where all units agree, the code is an override, and only one
// branch is compiled in.
// 0 relu, 1 tanh, 2 sigmoid, 3 retanh = max(tanh v, 0), 4 softplus, 5 power = max(v, 0)^2, 6 linear, 7 each unit its own
// (lib/unit.wgsl). From 8 on custom ones, which are put in at the `//!place` lines (src/ops/custom-activations.ts).
// At a kink the slope is that of the silent side (0), as in PyTorch.
//!include lib/scalar.wgsl
override ACTIVATION: u32;

//!place activation_functions

// The built-in tanh may be off by 1e-5 and may overflow; this one is good to float32 and never overflows.
fn safe_tanh(v: vec4f) -> vec4f {
  let e = exp(-2.0 * abs(v));
  return sign(v) * (1.0 - e) / (1.0 + e);
}

// log(1 + exp v) without overflow, and without losing exp v when it is small against 1.
fn softplus(v: vec4f) -> vec4f {
  let e = exp(-abs(v));
  let series = e - e * e * 0.5 + e * e * e * (1.0 / 3.0);
  return max(v, vec4f(0.0)) + select(log(1.0 + e), series, e < vec4f(1e-2));
}

fn sigmoid(v: vec4f) -> vec4f {
  let e = exp(-abs(v));
  return select(e, vec4f(1.0), v >= vec4f(0.0)) / (1.0 + e);
}

fn activation(code: u32, v: vec4f) -> vec4f {
  switch code {
    case 0u: { return max(v, vec4f(0.0)); }
    case 1u: { return safe_tanh(v); }
    case 2u: { return sigmoid(v); }
    case 3u: { return max(safe_tanh(v), vec4f(0.0)); }
    case 4u: { return softplus(v); }
    case 5u: { let p = max(v, vec4f(0.0)); return p * p; }
    //!place activation_values
    default: { return v; }
  }
}

fn activation_slope(code: u32, v: vec4f) -> vec4f {
  let silent = v <= vec4f(0.0);
  switch code {
    case 0u: { return select(vec4f(1.0), vec4f(0.0), silent); }
    case 1u: { let r = safe_tanh(v); return 1.0 - r * r; }
    case 2u: { let s = sigmoid(v); return s * sigmoid(-v); }
    case 3u: { let r = safe_tanh(v); return select(1.0 - r * r, vec4f(0.0), silent); }
    case 4u: { return sigmoid(v); }
    case 5u: { return 2.0 * max(v, vec4f(0.0)); }
    //!place activation_slopes
    default: { return vec4f(1.0); }
  }
}
