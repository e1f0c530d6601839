import { expect, test } from "vitest";
import { activations } from "../../src/io/model-schema.ts";
import { rateFunction } from "../../src/network/rate.ts";
import { unitRate } from "../reference/activation.ts";

const values = [-40, -3, -0.2, 0, 0.1, 1.7, 25];

test.each(activations)("%s, with gain and threshold, is the reference's", (activation) => {
  const spec = { activation, units: { gain: [1, 0.5, -2], threshold: [0, 0.3, -1] } };
  const rateOf = rateFunction(spec);
  for (const unit of [0, 1, 2])
    for (const v of values) expect(rateOf(unit, v)).toBeCloseTo(unitRate(spec, unit, v), 12);
});

test("units of their own activation, built in or custom", () => {
  const customActivations = { cube: { value: "x * x * x", slope: "3.0 * x * x" } };
  const rateOf = rateFunction({ activation: "cube", units: { activation: ["cube", "tanh"] }, customActivations });
  for (const v of values) {
    expect(rateOf(0, v)).toBeCloseTo(v ** 3, 6);
    expect(rateOf(1, v)).toBe(Math.tanh(v));
  }
});
