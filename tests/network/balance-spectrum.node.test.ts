import { describe, expect, it } from "vitest";
import { eigenvalues } from "../../src/network/eigenvalues.ts";
import { initialWeights, spectralRadius } from "../../src/network/initialise.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";

/** Radius of the disc that the eigenvalues of the random part fill: √ of the sum of each column's variance. */
function circularRadius(matrix: Float32Array, n: number): number {
  let sum = 0;
  for (let column = 0; column < n; column += 1) {
    const values = matrix.filter((_, index) => index % n === column);
    const mean = values.reduce((total, value) => total + value, 0) / n;
    sum += values.reduce((total, value) => total + (value - mean) ** 2, 0) / n;
  }
  return Math.sqrt(sum);
}

describe("spectrum", () => {
  const n = 200;
  it.each([1, 2, 3])("seed %i: the outlying eigenvalue of an unbalanced matrix is gone once it is balanced", (seed) => {
    for (const within of [1, 0.3]) {
      const structure = multiAreaEI({ inputs: 1, hidden: n, outputs: 1, areas: 1, seed, connectivity: { within } });
      /** The largest |eigenvalue|, in radii of the circular law. */
      const largest = (balance: "row" | "neuron" | "synapse" | false): number => {
        const { weightHH } = initialWeights(structure, { seed, balance, spectralRadius: null });
        return spectralRadius(weightHH, n) / circularRadius(weightHH, n);
      };
      expect(largest(false)).toBeGreaterThan(3);
      // The edge of the disc itself moves by this much at 60 inhibitory neurons.
      const balanced = largest("row");
      expect(balanced).toBeGreaterThan(0.8);
      expect(balanced).toBeLessThan(1.25);
      // Balanced on average only: the rows' random rest moves the edge further.
      expect(largest("neuron")).toBeLessThan(2);
      expect(largest("synapse")).toBeLessThan(2);
    }
  });

  it("row: the uniform mode has the eigenvalue 0", () => {
    const structure = multiAreaEI({ inputs: 1, hidden: 100, outputs: 1 });
    const { weightHH } = initialWeights(structure);
    const smallest = Math.hypot(eigenvalues(weightHH, 100).re.at(-1) ?? 1, eigenvalues(weightHH, 100).im.at(-1) ?? 1);
    expect(smallest).toBeLessThan(1e-6);
  });
});
