import type { Constraint } from "../../src/io/model-schema.ts";
import { at, type Numbers } from "./numbers.ts";

/**
 * The weights the dynamics use. `project`: mask·W; `abs`: mask·|W|·sign; `rectify`: mask·max(W, 0)·sign; where the
 * sign is 0 the weight is free: mask·W. An absent mask is all 1, an absent sign all 0.
 */
export function effectiveWeight(
  constraint: Constraint,
  raw: Numbers,
  mask: Numbers | undefined,
  sign: Numbers | undefined,
): Float64Array {
  return Float64Array.from({ length: raw.length }, (_, index) => {
    const weight = at(raw, index);
    const m = mask ? at(mask, index) : 1;
    const s = sign ? at(sign, index) : 0;
    if (m === 0) return 0;
    if (s === 0 || constraint === "project") return m * weight;
    return m * s * (constraint === "abs" ? Math.abs(weight) : Math.max(weight, 0));
  });
}

/**
 * dL/dW from dL/dW_eff. `project`: dW_eff·mask; `abs`: dW_eff·mask·sign·sgn(W), with sgn(0) = 0; `rectify`:
 * dW_eff·mask·sign·[W > 0]; where the sign is 0: dW_eff·mask.
 */
export function rawWeightGradient(
  constraint: Constraint,
  effectiveGradient: Numbers,
  raw: Numbers,
  mask: Numbers | undefined,
  sign: Numbers | undefined,
): Float64Array {
  return Float64Array.from({ length: raw.length }, (_, index) => {
    const weight = at(raw, index);
    const gradient = at(effectiveGradient, index);
    const m = mask ? at(mask, index) : 1;
    const s = sign ? at(sign, index) : 0;
    if (m === 0) return 0;
    if (s === 0 || constraint === "project") return m * gradient;
    return m * s * gradient * (constraint === "abs" ? Math.sign(weight) : weight > 0 ? 1 : 0);
  });
}
