// What may become of a parameter, packed into one u32 (see src/ops/rules.ts):
// bit 0 present, bits 1-2 sign (0 free, 1 excitatory, 2 inhibitory), bit 3 learned, bits 4-7 which tensor.
override CONSTRAINT: u32;  // 0 project, 1 abs, 2 rectify

fn is_present(rule: u32) -> bool { return (rule & 1u) != 0u; }
fn is_learned(rule: u32) -> bool { return (rule & 8u) != 0u; }
fn tensor_of(rule: u32) -> u32 { return (rule >> 4u) & 15u; }
fn sign_of(rule: u32) -> f32 {
  let code = (rule >> 1u) & 3u;
  return select(select(0.0, -1.0, code == 2u), 1.0, code == 1u);
}

// The weight the network computes with: mask * W (project, or a free sign), mask * |W| * sign, mask * max(W, 0) * sign.
fn effective_weight(raw: f32, rule: u32) -> f32 {
  if (!is_present(rule)) { return 0.0; }
  let s = sign_of(rule);
  if (s == 0.0 || CONSTRAINT == 0u) { return raw; }
  return select(max(raw, 0.0), abs(raw), CONSTRAINT == 1u) * s;
}

// d effective / d raw. The slope of |W| at 0 is 0, as in PyTorch.
fn effective_slope(raw: f32, rule: u32) -> f32 {
  if (!is_present(rule)) { return 0.0; }
  let s = sign_of(rule);
  if (s == 0.0 || CONSTRAINT == 0u) { return 1.0; }
  return select(select(0.0, 1.0, raw > 0.0), sign(raw), CONSTRAINT == 1u) * s;
}
