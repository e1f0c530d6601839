import summary from "../fixtures/golden/nsi/cann-summary.json" with { type: "json" };
import file from "../fixtures/golden/nsi/ring-and-identification.json" with { type: "json" };

/** Suggested by who made the numbers, over 40 steps. */
export const nsiTolerance = 1e-5;

/** Kernels of nsi's default ring: rows of W and W_v [post, pre], which are circulant. */
export const ringKernels = file.kernels_n100;

/** Paths of a ring of 16 units: where it starts, what it is given, and its rates. */
export const ringPaths = (["ring16_alpha1.0", "ring16_noise"] as const).map((name) => {
  const { params, u0, r, v } = file[name];
  const given = file[name];
  const steps = r.length;
  return {
    name,
    ring: { units: params.n, alpha: params.alpha, bias: params.b, velocityGain: params.a },
    kernel: { type: "cosine", waveNumber: params.k, derivative: "nsi" } as const,
    ...{ strength: params.c, offset: params.h },
    noise: "noise_scale" in params ? params.noise_scale : 0,
    state: Float32Array.from(u0),
    velocities: Array.isArray(v) ? v : new Array<number>(steps).fill(v),
    directions: "noise" in given ? Float32Array.from(given.noise.flat()) : undefined,
    rates: r.flat(),
    finalState: "u_final" in given ? given.u_final : undefined,
    phases: "phase" in given ? given.phase : undefined,
  };
});

/** Facts of the default ring, measured with a NumPy port of nsi. */
export const ringFacts = {
  peak: summary.bump_peak,
  active: summary.bump_active,
  halfWidth: summary.bump_fwhm_neurons,
  profile: summary.bump_profile,
  eigenvalues: summary.W_eigs_top8,
  lowestEigenvalues: summary.W_eigs_bottom3,
  /** Units active: that of the last four columns. */
  gainCurve: summary.gain_curve.map(([velocity, perStep, , gain, peak, active]) => ({
    velocity: Number(velocity),
    perStep: Number(perStep),
    gain,
    peak: Number(peak),
    active: Number(active),
  })),
  diffusion: summary.diffusion_rad2_per_step,
  drift: summary.noise_free_drift_2000_steps_rad_max,
} as const;
