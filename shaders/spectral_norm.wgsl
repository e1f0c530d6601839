// The largest singular value of a matrix W of effective weights, or of a block of it, with its two singular vectors, by power
// iteration on W^T W from a fixed start v_0:
//   ITERATIONS times   u = W v / |W v|,   v = W^T u / |W^T u|;   at last   sigma = |W v|,   u = W v / sigma
//   loss = c sigma, or c sigma^2 with SQUARED;  d loss / dW = f u v^T,  f = c, or 2 c sigma
// With s1 the largest singular value, s2 the next that differs, and a the angle between v and the right singular vectors of
// s1: tan a <= (s2 / s1)^(2 ITERATIONS) tan a_0, and s1 >= sigma >= s1 cos a. Also before v has converged, sigma is a lower
// bound of s1, and u v^T its derivative at fixed v.
//
// v_0: component j is +-(1/2 + x / 2), sign and x in [0, 1) the lowest bit and the upper 24 of Threefry-2x32 with key (0, 0)
// and counter (0, j). Nothing simple is orthogonal to it, such as the all-ones vector is to rows that balance.
// Where W v = 0 the loss is 0, and u = 0 makes the gradient 0. Squares underflow where all |w| are below about 1e-19.
//
//   settings [R]; packed [R, packed4] vec4f: lib/shape.wgsl, where W lies transposed, [pre][post]
//   vectors [R, VECTORS] vec4f: v [ceil(columns / 4)], then f u [ceil(rows / 4)]; 0 outside the block
//   loss_rows [R, TERMS, T B]: the term's loss in its first row; the others stay 0
//
// One workgroup owns one replica; an invocation every WORKGROUP_SIZE-th vec4f of v and of u, so that no sum depends on
// timing. A storageBarrier follows each vector, before others read it; lib/sum.wgsl has the barriers of its norm, which
// also keep the next vector from being written before all have read the last.
//!include lib/shape.wgsl
//!include lib/settings.wgsl
//!include lib/matrix_part.wgsl
//!include lib/random.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> settings: array<Settings>;
@group(0) @binding(2) var<storage, read> packed: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> vectors: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> loss_rows: array<f32>;

override ITERATIONS: u32;
override SQUARED: bool;
override VECTORS: u32;
override TERM: u32;
override TERMS: u32;

// Where things lie for one replica, in vec4f: the matrix with its rows of `post4`, and the two vectors.
struct Places {
  weights: u32,
  pre4: u32,
  post4: u32,
  v: u32,
  u: u32,
}

fn places(replica: u32) -> Places {
  var p: Places;
  p.weights = replica * shape.packed4;
  if (TENSOR == 1u) { p.weights += packed_hidden_forward(shape); }
  if (TENSOR == 3u) { p.weights += packed_output_forward(shape); }
  p.post4 = select(shape.hidden4, shape.output4, TENSOR == 3u);
  p.pre4 = (matrix_columns(shape) + 3u) / 4u;
  p.v = replica * VECTORS;
  p.u = p.v + p.pre4;
  return p;
}

fn in_post(k: u32) -> vec4<bool> {
  return vec4<bool>(is_in_post(4u * k), is_in_post(4u * k + 1u), is_in_post(4u * k + 2u), is_in_post(4u * k + 3u));
}

fn in_pre(j: u32) -> vec4<bool> {
  return vec4<bool>(is_in_pre(4u * j), is_in_pre(4u * j + 1u), is_in_pre(4u * j + 2u), is_in_pre(4u * j + 3u));
}

fn start_component(j: u32) -> f32 {
  let bits = threefry2x32(vec2u(0u, 0u), vec2u(0u, j)).x;
  return select(0.5, -0.5, (bits & 1u) != 0u) * (1.0 + f32(bits >> 8u) * 0x1p-24f);
}

// Divides what this invocation owns of a vector by the vector's norm, unless that is 0; gives the norm.
fn normalise(local: u32, start: u32, length: u32, squares: f32) -> f32 {
  let norm = sqrt(workgroup_sum(local, squares));
  if (norm > 0.0) {
    for (var k = local; k < length; k += WORKGROUP_SIZE) { vectors[start + k] /= norm; }
  }
  storageBarrier();
  return norm;
}

// u = W v / |W v|; gives |W v|.
fn forward(local: u32, p: Places) -> f32 {
  var squares = 0.0;
  for (var k = local; k < p.post4; k += WORKGROUP_SIZE) {
    var sum = vec4f(0.0);
    for (var j = 0u; j < p.pre4; j += 1u) {
      let v = vectors[p.v + j];
      let row = p.weights + 4u * j * p.post4 + k;
      sum = fma(vec4f(v.x), packed[row], sum);
      sum = fma(vec4f(v.y), packed[row + p.post4], sum);
      sum = fma(vec4f(v.z), packed[row + 2u * p.post4], sum);
      sum = fma(vec4f(v.w), packed[row + 3u * p.post4], sum);
    }
    sum = select(vec4f(0.0), sum, in_post(k));
    vectors[p.u + k] = sum;
    squares += dot(sum, sum);
  }
  return normalise(local, p.u, p.post4, squares);
}

// v = W^T u / |W^T u|. In the last vec4f of the input weights stand biases, too: columns outside the block count as 0.
fn backward(local: u32, p: Places) {
  var squares = 0.0;
  for (var j = local; j < p.pre4; j += WORKGROUP_SIZE) {
    var sum = vec4f(0.0);
    for (var k = 0u; k < p.post4; k += 1u) {
      let u = vectors[p.u + k];
      let row = p.weights + 4u * j * p.post4 + k;
      sum += vec4f(
        dot(packed[row], u),
        dot(packed[row + p.post4], u),
        dot(packed[row + 2u * p.post4], u),
        dot(packed[row + 3u * p.post4], u),
      );
    }
    sum = select(vec4f(0.0), sum, in_pre(j));
    vectors[p.v + j] = sum;
    squares += dot(sum, sum);
  }
  normalise(local, p.v, p.pre4, squares);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn spectral_norm(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let replica = group.z;
  let p = places(replica);
  var squares = 0.0;
  for (var j = local; j < p.pre4; j += WORKGROUP_SIZE) {
    let at = 4u * j;
    var v = vec4f(
      start_component(at),
      start_component(at + 1u),
      start_component(at + 2u),
      start_component(at + 3u),
    );
    v = select(vec4f(0.0), v, in_pre(j));
    vectors[p.v + j] = v;
    squares += dot(v, v);
  }
  normalise(local, p.v, p.pre4, squares);
  for (var iteration = 0u; iteration < ITERATIONS; iteration += 1u) {
    forward(local, p);
    backward(local, p);
  }
  let sigma = forward(local, p);
  let c = settings[replica].loss_scale[TERM];
  let factor = select(c, 2.0 * c * sigma, SQUARED);
  for (var k = local; k < p.post4; k += WORKGROUP_SIZE) { vectors[p.u + k] *= factor; }
  if (local == 0u) {
    loss_rows[(replica * TERMS + TERM) * shape.steps * shape.batch] = c * select(sigma, sigma * sigma, SQUARED);
  }
}
