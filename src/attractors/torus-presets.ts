import type { TorusParameters } from "./torus.ts";

export type TorusPresetName = "burak2009" | "guanella2007" | "nsi";

const burak2009: TorusParameters = {
  ...{ side: 64, lattice: "square", boundary: "periodic", envelope: { steepness: 4, taper: 1 } },
  ...{ dtMs: 0.5, tauMs: 10, activation: "relu", input: 1, normalised: 0, noise: 0 },
  kernel: { type: "difference", strength: 5, excitation: 1, wavelength: 13, ratio: 1.05 },
  velocity: { type: "directions", shift: 2, gain: 0.10315 },
};

/**
 * Published parameters. Burak & Fiete print a kernel of strength 1. With rates as they are here a square sheet of 64 or 128
 * units a side then has no pattern: the largest eigenvalue of a wave is 0.97 and 0.98, and must be above 1. The 5 is that of
 * their code (FieteLab/Grid-cell-continuous-attractor-models: rates are 5 times the rectified drive) and of nsi.
 *
 * Guanella et al. have 10 x 9 units on a rectangle whose ends meet with a twist; here they are as many as the transform
 * takes, on the rhombus that is the same torus. Their gain is 30 sides a step at 1 m/ms.
 */
export const torusPresets: Readonly<Record<TorusPresetName, TorusParameters>> = {
  burak2009,
  guanella2007: {
    ...burak2009,
    ...{ side: 16, lattice: "rhombic", dtMs: 20, tauMs: 20, input: 0, normalised: 0.8 },
    kernel: { type: "gaussian", strength: 0.3, width: 0.24, offset: 0.05 },
    velocity: { type: "shift", gain: 0.03 },
  },
  nsi: {
    ...burak2009,
    ...{ side: 32, dtMs: 20, tauMs: 100, activation: "retanh" },
    kernel: { type: "difference", strength: 5, excitation: 1, wavelength: 13, ratio: 1.05 },
    velocity: { type: "derivative", gain: 1 },
  },
};
