// How differently each unit is active in two sets of trials s, s = 0: trials FIRST_0 ... END_0 - 1, s = 1: FIRST_1 ...
// END_1 - 1, as Gaussians over the N_s rates of a set (all its trials and steps): mean m_s, v_s = biased variance + FLOOR,
// d = m_0 - m_1; and its derivatives by m_s and v_s:
//   SYMMETRIC  KL = ((v0 - v1)^2 / (v0 v1) + d^2 (1 / v0 + 1 / v1)) / 4
//              by m0: d (1 / v0 + 1 / v1) / 2 = -by m1;  by v0: (1 / v1 - (v1 + d^2) / v0^2) / 4;  by v1: 0 and 1 exchanged
//   otherwise  KL = (log(v1 / v0) + (v0 + d^2) / v1 - 1) / 2
//              by m0: d / v1 = -by m1;  by v0: (1 / v1 - 1 / v0) / 2;  by v1: (1 / v1 - (v0 + d^2) / v1^2) / 2
// A unit's share of the loss is c (KL + SQUARES (mean of r^2 in set 0 + in set 1)), with c the term's scale; only units
// UNIT_FIRST ... UNIT_END - 1 have one.
//
//   settings [R]; rates [R, T + 1, B, hidden4] vec4f (slots 1 ... T, less the last SHARED)
//   factors [R, hidden4, 2, 3] vec4f: of each set the means, c (KL by m_s) / N_s, and 2 c (KL by v_s) / N_s
//   shares [R, hidden4]: shares of the loss of four units
// Of a trial in segments, `factors` first holds of each set the mean, the sum of squared deviations and N_s so far: they go on
// with CONTINUES, and become factors with ENDS. T of N_s is that of the `whole` trial.
//
// A workgroup owns four units of one replica; an invocation every WORKGROUP_SIZE-th rate of a set. Deviations are squared
// in a second pass, so that a small variance around a large mean is exact. Barriers are in lib/vector_sum.wgsl.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/lanes.wgsl
//!include lib/vector_sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> rates: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> shares: array<f32>;
@group(0) @binding(5) var<uniform> whole: Shape;

override UNIT_FIRST: u32;
override UNIT_END: u32;
override FIRST_0: u32;
override END_0: u32;
override FIRST_1: u32;
override END_1: u32;
override SYMMETRIC: bool;
override SQUARES: f32;
override FLOOR: f32;
override TERM: u32;
override SHARED: u32;
override CONTINUES: bool;
override ENDS: bool;

// Where rate number i of a set lies: its trials are first ... end - 1.
fn place(replica: u32, vector: u32, first: u32, end: u32, i: u32) -> u32 {
  let trials = end - first;
  let row = (replica * (shape.steps + 1u) + 1u + i / trials) * shape.batch + first + i % trials;
  return row * shape.hidden4 + vector;
}

struct Moments { mean: vec4f, squares: vec4f, number: f32 }

fn moments(replica: u32, vector: u32, local: u32, first: u32, end: u32) -> Moments {
  let number = (end - first) * (shape.steps - SHARED);
  var part = vec4f(0.0);
  for (var i = local; i < number; i += WORKGROUP_SIZE) { part += rates[place(replica, vector, first, end, i)]; }
  let mean = workgroup_vector_sum(local, part) / f32(number);
  part = vec4f(0.0);
  for (var i = local; i < number; i += WORKGROUP_SIZE) {
    let deviation = rates[place(replica, vector, first, end, i)] - mean;
    part = fma(deviation, deviation, part);
  }
  return Moments(mean, workgroup_vector_sum(local, part), f32(number));
}

// With those of the segments before (Chan, Golub & LeVeque 1983).
fn joined(at: u32, own: Moments) -> Moments {
  let before = factors[at + 2u].x;
  let number = before + own.number;
  let change = own.mean - factors[at];
  let mean = fma(change, vec4f(own.number / number), factors[at]);
  let squares = factors[at + 1u] + own.squares + change * change * (before * (own.number / number));
  return Moments(mean, squares, number);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn population_kl(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let replica = group.z;
  let vector = group.x;
  var a = moments(replica, vector, local, FIRST_0, END_0);
  var b = moments(replica, vector, local, FIRST_1, END_1);
  if (local != 0u) { return; }
  let at = (replica * shape.hidden4 + vector) * 6u;
  if (CONTINUES) {
    a = joined(at, a);
    b = joined(at + 3u, b);
  }
  if (!ENDS) {
    factors[at] = a.mean;
    factors[at + 1u] = a.squares;
    factors[at + 2u] = vec4f(a.number);
    factors[at + 3u] = b.mean;
    factors[at + 4u] = b.squares;
    factors[at + 5u] = vec4f(b.number);
    return;
  }
  let variance_0 = a.squares / a.number;
  let variance_1 = b.squares / b.number;
  let v0 = variance_0 + FLOOR;
  let v1 = variance_1 + FLOOR;
  let d = a.mean - b.mean;
  let both = 1.0 / v0 + 1.0 / v1;
  var divergence = 0.25 * ((v0 - v1) * (v0 - v1) / (v0 * v1) + d * d * both);
  var by_mean = 0.5 * d * both;
  var by_v0 = 0.25 * (1.0 / v1 - (v1 + d * d) / (v0 * v0));
  var by_v1 = 0.25 * (1.0 / v0 - (v0 + d * d) / (v1 * v1));
  if (!SYMMETRIC) {
    divergence = 0.5 * (log(v1 / v0) + (v0 - v1 + d * d) / v1);
    by_mean = d / v1;
    by_v0 = 0.5 * (1.0 / v1 - 1.0 / v0);
    by_v1 = 0.5 * (1.0 / v1 - (v0 + d * d) / (v1 * v1));
  }
  let own = lanes(vector, UNIT_FIRST, UNIT_END);
  let c = settings[replica].loss_scale[TERM];
  let by_0 = c * own / f32((END_0 - FIRST_0) * whole.steps);
  let by_1 = c * own / f32((END_1 - FIRST_1) * whole.steps);
  factors[at] = a.mean;
  factors[at + 1u] = by_0 * by_mean;
  factors[at + 2u] = 2.0 * by_0 * by_v0;
  factors[at + 3u] = b.mean;
  factors[at + 4u] = -by_1 * by_mean;
  factors[at + 5u] = 2.0 * by_1 * by_v1;
  let squares = variance_0 + a.mean * a.mean + variance_1 + b.mean * b.mean;
  shares[replica * shape.hidden4 + vector] = c * dot(own, divergence + SQUARES * squares);
}
