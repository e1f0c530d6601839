import type { ModelSpec } from "../../src/network/model.ts";

/** f(v), float64; `swish` and `elu` stand for custom activations of these names. */
export function activate(activation: string, v: number): number {
  switch (activation) {
    case "relu":
      return Math.max(v, 0);
    case "tanh":
      return Math.tanh(v);
    case "sigmoid":
      return logistic(v);
    case "retanh":
      return Math.max(Math.tanh(v), 0);
    case "softplus":
      return Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
    case "power":
      return Math.max(v, 0) ** 2;
    case "linear":
      return v;
    case "swish":
      return v * logistic(v);
    case "elu":
      return v > 0 ? v : Math.expm1(v);
    default:
      throw new RangeError(`the activation ${activation} has no reference`);
  }
}

/** f'(v), float64; 0 at the kink of `relu` and `retanh`, as in PyTorch and TensorFlow. */
export function activationSlope(activation: string, v: number): number {
  switch (activation) {
    case "relu":
      return v > 0 ? 1 : 0;
    case "tanh":
      return 1 - Math.tanh(v) ** 2;
    case "sigmoid":
      return logistic(v) * logistic(-v);
    case "retanh":
      return v > 0 ? 1 - Math.tanh(v) ** 2 : 0;
    case "softplus":
      return logistic(v);
    case "power":
      return v > 0 ? 2 * v : 0;
    case "linear":
      return 1;
    case "swish":
      return logistic(v) + v * logistic(v) * logistic(-v);
    case "elu":
      return v > 0 ? 1 : Math.exp(v);
    default:
      throw new RangeError(`the activation ${activation} has no reference`);
  }
}

/** Whether f or f' jumps at v = 0, where differences and derivatives need not agree. */
export function hasKinkAtZero(activation: string): boolean {
  return activation === "relu" || activation === "retanh" || activation === "power";
}

/** 1 / (1 + e^-v), without overflow for large negative v. */
function logistic(v: number): number {
  if (v >= 0) return 1 / (1 + Math.exp(-v));
  const e = Math.exp(v);
  return e / (1 + e);
}

/** What a rate depends on besides the preactivation. */
type UnitSpec = Pick<ModelSpec, "activation" | "units">;

/** r = f(gain (v - threshold)) of one unit, with its own activation where it has one. */
export function unitRate({ activation, units }: UnitSpec, unit: number, v: number): number {
  const x = (units?.gain?.[unit] ?? 1) * (v - (units?.threshold?.[unit] ?? 0));
  return activate(units?.activation?.[unit] ?? activation, x);
}

/** dr/dv of one unit. */
export function unitSlope({ activation, units }: UnitSpec, unit: number, v: number): number {
  const gain = units?.gain?.[unit] ?? 1;
  return gain * activationSlope(units?.activation?.[unit] ?? activation, gain * (v - (units?.threshold?.[unit] ?? 0)));
}

/** Standard deviations of one unit's noise. */
export function unitNoise(
  { noise, units }: Pick<ModelSpec, "noise" | "units">,
  unit: number,
): { pre: number; post: number } {
  return { pre: noise.pre * (units?.noisePre?.[unit] ?? 1), post: noise.post * (units?.noisePost?.[unit] ?? 1) };
}
