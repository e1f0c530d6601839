// Functions of one number that users' expressions become (src/io/expression-operations.ts).

// The built-in tanh may be off by 1e-5 and may overflow; this one is good to float32 and never overflows.
fn scalar_tanh(v: f32) -> f32 {
  let e = exp(-2.0 * abs(v));
  return sign(v) * (1.0 - e) / (1.0 + e);
}
