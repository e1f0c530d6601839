import { describe, expect, it } from "vitest";
import { meanSquaredError, rateL2 } from "./loss.ts";
import { at } from "./numbers.ts";

describe("mean squared error", () => {
  // Errors 1, -2, 3, 4.
  const outputs = [2, 0, 3, 5];
  const targets = [1, 2, 0, 1];
  const mask = [1, 2, 0, 0.5];

  it("over elements: the mask enters squared, masked elements count", () => {
    const { value, gradient } = meanSquaredError(outputs, targets, mask, "elements");
    expect(value).toBeCloseTo((1 + 16 + 0 + 4) / 4, 12);
    expect(Array.from(gradient)).toEqual([0.5, -4, 0, 0.5]);
  });

  it("over the mask: weights Σ to 1", () => {
    const { value, gradient } = meanSquaredError(outputs, targets, mask, "mask");
    expect(value).toBeCloseTo((1 + 8 + 0 + 8) / 3.5, 12);
    for (const [index, expected] of [2, -8, 0, 4].entries()) {
      expect(at(gradient, index)).toBeCloseTo(expected / 3.5, 12);
    }
  });

  it("without a mask is the plain mean under both", () => {
    for (const denominator of ["elements", "mask"] as const) {
      expect(meanSquaredError(outputs, targets, undefined, denominator).value).toBe(7.5);
    }
  });

  it("of a mask that is all 0 is 0, not NaN", () => {
    for (const denominator of ["elements", "mask"] as const) {
      const { value, gradient } = meanSquaredError(outputs, targets, [0, 0, 0, 0], denominator);
      expect(value).toBe(0);
      expect(gradient.every((g) => Math.abs(g) === 0)).toBe(true);
    }
  });
});

it("rateL2 is the mean of r²", () => {
  const { value, gradient } = rateL2([1, -2, 3, 0]);
  expect(value).toBe(3.5);
  expect(Array.from(gradient)).toEqual([0.5, -1, 1.5, 0]);
});
