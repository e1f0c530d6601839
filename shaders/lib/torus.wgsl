// What the kernels of a two-dimensional attractor sheet share. A sheet has n x n units and lies in the corner of a field of
// SIDE x SIDE points; SIDE = n where the sheet is periodic, and at least 2 n - 1 where nothing may wrap around.
// A complex image holds PACKED trials: two as its real and imaginary part, or one.
struct Sheet {
  // n, and trials that the images have room for.
  side: u32, trials: u32,
  // dt / tau, constant input, velocity gain, and the share of the drive that is divided by the sum of all rates.
  rate: f32, input: f32, gain: f32, share: f32,
  // Standard deviation of the noise in the drive at one step, and its random numbers.
  noise: f32, seed: u32, stream: u32,
}
