import type { Activation } from "../../src/io/model-schema.ts";

/** f(v), float64. */
export function activate(activation: Activation, v: number): number {
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
  }
}

/** f'(v), float64; 0 at the kink of `relu` and `retanh`, as in PyTorch and TensorFlow. */
export function activationSlope(activation: Activation, v: number): number {
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
  }
}

/** Whether f or f' jumps at v = 0, where differences and derivatives need not agree. */
export function hasKinkAtZero(activation: Activation): boolean {
  return activation === "relu" || activation === "retanh" || activation === "power";
}

/** 1 / (1 + e^-v), without overflow for large negative v. */
function logistic(v: number): number {
  if (v >= 0) return 1 / (1 + Math.exp(-v));
  const e = Math.exp(v);
  return e / (1 + e);
}
