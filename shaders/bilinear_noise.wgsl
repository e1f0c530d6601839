// Noise of one length and a random direction, for every step and trial: noise = scale xi / |xi|, xi ~ N(0, 1) for each unit.
// With GIVEN the numbers in `noise` are xi.
//
//   seeds [R]; noise [R, most_steps, B, units4] vec4f, padding 0
//
// An invocation owns one row: a step of a trial. Numbers are counted by (step, trial and pair of units), so that a run goes on
// as if it had never stopped, and a replica equals a run alone with its seed.
//!include lib/bilinear.wgsl
//!include lib/stretch.wgsl
//!include lib/random.wgsl
struct Noise { scale: f32, stream: u32, first_step: u32 }
@group(0) @binding(0) var<uniform> bilinear: Bilinear;
@group(0) @binding(1) var<uniform> noise_source: Noise;
@group(0) @binding(2) var<storage, read> seeds: array<u32>;
@group(0) @binding(3) var<storage, read_write> noise: array<vec4f>;

override WORKGROUP_SIZE: u32;
override GIVEN: bool;

@compute @workgroup_size(WORKGROUP_SIZE)
fn bilinear_noise(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= stretch.count * bilinear.batch) { return; }
  let n4 = bilinear.units4;
  let start = (id.z * bilinear.most_steps * bilinear.batch + item) * n4;
  let key = vec2u(seeds[id.z], noise_source.stream);
  let step = noise_source.first_step + stretch.first + item / bilinear.batch;
  var square = 0.0;
  for (var k = 0u; k < n4; k += 1u) {
    if (!GIVEN) {
      let index = 2u * (item % bilinear.batch * n4 + k);
      let first = normal_pair(threefry2x32(key, vec2u(step, index)));
      let second = normal_pair(threefry2x32(key, vec2u(step, index + 1u)));
      let inside = 4u * k + vec4u(0u, 1u, 2u, 3u) < vec4u(bilinear.units);
      noise[start + k] = select(vec4f(0.0), vec4f(first, second), inside);
    }
    let xi = noise[start + k];
    square += dot(xi, xi);
  }
  // A direction does not exist where all xi are 0, which is then no noise.
  let factor = select(0.0, noise_source.scale / sqrt(square), square > 0.0);
  for (var k = 0u; k < n4; k += 1u) { noise[start + k] *= factor; }
}
