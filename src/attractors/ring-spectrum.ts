import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { ValueError } from "../errors.ts";
import { type BilinearNetwork, checkArray, checkBilinearNetwork } from "./bilinear-network.ts";

/** The linearised map of a network around a state, by its eigenvalues. */
export interface AttractorSpectrum {
  /** Eigenvalues [N] of du[t + 1] / du[t], the largest absolute value first. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** The mode that turns the bump: its eigenvalue is 1 of an exact line attractor, smaller at a stable fixed point. */
  readonly neutral: {
    readonly eigenvalue: number;
    /** |cos| of the angle between its eigenvector and the change of the state from unit to unit. */
    readonly overlap: number;
    /** Steps in which a displacement shrinks by e, 1 / -ln eigenvalue; Infinity from 1 on. */
    readonly timeConstant: number;
  };
  /** Largest absolute eigenvalue of all other modes. */
  readonly next: number;
}

/**
 * Linearises a network at a state without input: J = (1 - alpha) + alpha f'(W u + bias) W, in float64. The neutral mode is the
 * real eigenvector that is most like the derivative of the bump along the ring.
 * @param state u [N], at a fixed point for the eigenvalues to mean anything; @param network units in the order of the ring.
 * @throws ShapeError; ValueError for divisive inhibition, which is not linearised, or a state without a bump.
 */
export function attractorSpectrum(network: BilinearNetwork, state: ArrayLike<number>): AttractorSpectrum {
  checkBilinearNetwork("attractorSpectrum", network);
  const { units, weights, bias, alpha = 1, activation = "retanh", inhibition = 0 } = network;
  checkArray("attractorSpectrum: state", state, [units], "unit");
  if (inhibition > 0)
    throw new ValueError("attractorSpectrum: a network with divisive inhibition is not linearised; give one without.");
  const jacobian = new Matrix(units, units);
  for (let post = 0; post < units; post += 1) {
    const leak = typeof alpha === "number" ? alpha : (alpha[post] as number);
    let drive = bias?.[post] ?? 0;
    for (let pre = 0; pre < units; pre += 1) drive += (weights[post * units + pre] as number) * (state[pre] as number);
    const slope = slopeOf(activation, drive);
    for (let pre = 0; pre < units; pre += 1)
      jacobian.set(post, pre, leak * slope * (weights[post * units + pre] as number) + (post === pre ? 1 - leak : 0));
  }
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(jacobian);
  const tangent = Array.from(
    { length: units },
    (_, unit) => (state[(unit + 1) % units] as number) - (state[(unit + units - 1) % units] as number),
  );
  const length = Math.hypot(...tangent);
  if (!(length > 0)) throw new ValueError("attractorSpectrum: the state is the same in all units; there is no bump.");
  let [neutral, overlap] = [0, -1];
  for (let mode = 0; mode < units; mode += 1) {
    if (imaginaryEigenvalues[mode] !== 0) continue;
    const vector = eigenvectorMatrix.getColumn(mode);
    const along = Math.abs(vector.reduce((sum, value, unit) => sum + value * (tangent[unit] as number), 0));
    const cosine = along / (length * Math.hypot(...vector) || 1);
    if (cosine > overlap) [neutral, overlap] = [mode, cosine];
  }
  const order = Array.from({ length: units }, (_, mode) => mode).sort((a, b) => size(b) - size(a));
  function size(mode: number): number {
    return Math.hypot(realEigenvalues[mode] as number, imaginaryEigenvalues[mode] as number);
  }
  const eigenvalue = realEigenvalues[neutral] as number;
  return {
    re: Float64Array.from(order, (mode) => realEigenvalues[mode] as number),
    im: Float64Array.from(order, (mode) => imaginaryEigenvalues[mode] as number),
    neutral: {
      eigenvalue,
      overlap,
      timeConstant: eigenvalue >= 1 ? Number.POSITIVE_INFINITY : -1 / Math.log(Math.max(eigenvalue, Number.MIN_VALUE)),
    },
    next: Math.max(0, ...order.filter((mode) => mode !== neutral).map(size)),
  };
}

/** f'(v); at a kink that of the silent side, as in shaders/lib/activation.wgsl. */
function slopeOf(activation: NonNullable<BilinearNetwork["activation"]>, v: number): number {
  const sigmoid = 1 / (1 + Math.exp(-v));
  switch (activation) {
    case "relu":
      return v > 0 ? 1 : 0;
    case "tanh":
      return 1 - Math.tanh(v) ** 2;
    case "retanh":
      return v > 0 ? 1 - Math.tanh(v) ** 2 : 0;
    case "sigmoid":
      return sigmoid * (1 - sigmoid);
    case "softplus":
      return sigmoid;
    case "power":
      return 2 * Math.max(v, 0);
    case "linear":
      return 1;
  }
}
