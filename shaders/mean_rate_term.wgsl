// A loss term on mean rates, and its derivative by every rate. m are the mean rates (or mean absolute rates), over time and
// trials for each unit, or over time for each unit and trial (PER_TRIAL); E their number; y = m, or m^2 with SQUARED.
//   METRIC 0  sum |m| / E                   1  sum m^2 / E
//          2  sd(y), divided by E - CORRECTION        3  sd(y) / mean(y), 0 where mean(y) = 0 (a silent network)
//          4  sum |y - mean y| / E          5  max |y - mean y| (of equal ones, the first counts)
//
//   settings [R]; trial_means [R, B, hidden4 * 4]
//   factors [R, B, hidden4 * 4]: d loss / d r, but for the sign of r where the means are of |r|
//   loss_rows [R, TERMS, T B]: the term's loss in its first row; the others stay 0
//
// One workgroup owns one replica; an invocation owns every WORKGROUP_SIZE-th mean. `factors` first holds the means; each is
// read again only by its owner, but in METRIC 5, where the storageBarrier before the search makes them visible.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> trial_means: array<f32>;
@group(0) @binding(3) var<storage, read_write> factors: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override METRIC: u32;
override PER_TRIAL: bool;
override SQUARED: bool;
override CORRECTION: u32;
override TERM: u32;
override TERMS: u32;

// Where mean number e of a replica lies; padding units are passed over.
fn place(replica: u32, e: u32) -> u32 {
  return replica * shape.batch * shape.hidden4 * 4u + (e / shape.hidden) * shape.hidden4 * 4u + e % shape.hidden;
}

fn measured(m: f32) -> f32 { return select(m, m * m, SQUARED); }

@compute @workgroup_size(WORKGROUP_SIZE)
fn mean_rate_term(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let replica = group.z;
  let count = select(shape.hidden, shape.hidden * shape.batch, PER_TRIAL);
  let number = f32(count);
  var part = 0.0;
  for (var e = local; e < count; e += WORKGROUP_SIZE) {
    var m = trial_means[place(replica, e)];
    if (!PER_TRIAL) {
      for (var b = 1u; b < shape.batch; b += 1u) { m += trial_means[place(replica, e + b * shape.hidden)]; }
      m /= f32(shape.batch);
    }
    factors[place(replica, e)] = m;
    if (METRIC == 0u) { part += abs(m); } else if (METRIC == 1u) { part += m * m; } else { part += measured(m); }
  }
  let mean = workgroup_sum(local, part) / number;

  // Deviations from the mean: their squares, their sizes, and their signs.
  var squares = 0.0;
  var sizes = 0.0;
  var signs = 0.0;
  for (var e = local; e < count; e += WORKGROUP_SIZE) {
    let d = measured(factors[place(replica, e)]) - mean;
    squares = fma(d, d, squares);
    sizes += abs(d);
    signs += sign(d);
  }
  let divisor = max(number - f32(CORRECTION), 1.0);
  let sd = sqrt(workgroup_sum(local, squares) / divisor);
  let deviation = workgroup_sum(local, sizes) / number;
  let lean = workgroup_sum(local, signs) / number;

  var farthest = 0u;
  var distance = -1.0;
  var side = 0.0;
  if (METRIC == 5u) {
    storageBarrier();
    for (var e = 0u; e < count; e += 1u) {
      let d = measured(factors[place(replica, e)]) - mean;
      if (abs(d) > distance) {
        distance = abs(d);
        farthest = e;
        side = sign(d);
      }
    }
    storageBarrier();
  }

  let c = settings[replica].loss_scale[TERM];
  let rates_per_mean = f32(shape.steps) * select(f32(shape.batch), 1.0, PER_TRIAL);
  for (var e = local; e < count; e += WORKGROUP_SIZE) {
    let m = factors[place(replica, e)];
    let d = measured(m) - mean;
    var slope = 0.0;
    switch METRIC {
      case 0u: { slope = sign(m) / number; }
      case 1u: { slope = 2.0 * m / number; }
      case 2u: { slope = select(0.0, d / (divisor * sd), sd > 0.0); }
      case 3u: {
        if (sd > 0.0 && mean != 0.0) { slope = d / (divisor * sd * mean) - sd / (mean * mean * number); }
      }
      case 4u: { slope = (sign(d) - lean) / number; }
      default: { slope = side * (select(0.0, 1.0, e == farthest) - 1.0 / number); }
    }
    if (METRIC >= 2u && SQUARED) { slope *= 2.0 * m; }
    let factor = c * slope / rates_per_mean;
    factors[place(replica, e)] = factor;
    if (!PER_TRIAL) {
      for (var b = 1u; b < shape.batch; b += 1u) { factors[place(replica, e + b * shape.hidden)] = factor; }
    }
  }
  if (local != 0u) { return; }
  var loss = mean;
  switch METRIC {
    case 2u: { loss = sd; }
    case 3u: { loss = select(0.0, sd / mean, mean != 0.0); }
    case 4u: { loss = deviation; }
    case 5u: { loss = distance; }
    default: {}
  }
  loss_rows[(replica * TERMS + TERM) * shape.steps * shape.batch] = c * loss;
}
