/** The weight between two units of a ring as a function of their distance in units, and its derivative. */
export interface RingKernel {
  readonly value: (distance: number) => number;
  /** By the signed distance post - pre, for it in (-n/2, n/2]. */
  readonly derivative: (distance: number) => number;
}

/** Cosine: c cos(k d) + h, with k in radians per unit; nsi multiplies the derivative by the distance. */
export function cosineKernel(
  strength: number,
  waveNumber: number,
  offset: number,
  derivative: "exact" | "nsi",
): RingKernel {
  return {
    value: (d) => strength * Math.cos(waveNumber * Math.abs(d)) + offset,
    derivative: (d) =>
      -strength * waveNumber * (derivative === "nsi" ? d : Math.sign(d)) * Math.sin(waveNumber * Math.abs(d)),
  };
}

/** Von Mises: c exp(κ (cos θ - 1)) + h, θ = 2π d / n. */
export function vonMisesKernel(units: number, strength: number, concentration: number, offset: number): RingKernel {
  const angle = (2 * Math.PI) / units;
  const bump = (d: number): number => strength * Math.exp(concentration * (Math.cos(angle * d) - 1));
  return {
    value: (d) => bump(d) + offset,
    derivative: (d) => -concentration * angle * Math.sin(angle * d) * bump(d),
  };
}

/** Gaussian: c exp(-θ² / 2σ²) + h, θ = 2π d / n of the shorter way round. */
export function gaussianKernel(units: number, strength: number, width: number, offset: number): RingKernel {
  const angle = (2 * Math.PI) / units;
  const bump = (d: number): number => strength * Math.exp(-((angle * d) ** 2) / (2 * width ** 2));
  return {
    value: (d) => bump(d) + offset,
    derivative: (d) => (-(angle ** 2) * d * bump(d)) / width ** 2,
  };
}

/** The signed distance post - pre the shorter way round, in [-n/2, n/2): nsi's, so that the antipode is at -n/2. */
export function ringDistance(post: number, pre: number, units: number): number {
  const half = units / 2;
  return ((((post - pre + half) % units) + units) % units) - half;
}

/** The circulant matrix [N, N] (post, pre) of a function of the signed distance. */
export function circulant(units: number, of: (distance: number) => number): Float32Array {
  const matrix = new Float32Array(units * units);
  for (let post = 0; post < units; post += 1)
    for (let pre = 0; pre < units; pre += 1) matrix[post * units + pre] = of(ringDistance(post, pre, units));
  return matrix;
}

/** The eigenvalue of a symmetric circulant matrix for a wave that goes `wave` times round: Σ_d w(d) cos(2π wave d / n). */
export function ringEigenvalue(units: number, value: (distance: number) => number, wave: number): number {
  let sum = 0;
  for (let unit = 0; unit < units; unit += 1)
    sum += value(ringDistance(unit, 0, units)) * Math.cos((2 * Math.PI * wave * unit) / units);
  return sum;
}
