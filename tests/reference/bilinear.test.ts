import { describe, expect, test } from "vitest";
import { activations } from "../../src/io/model-schema.ts";
import { bilinearCase, directed } from "../support/bilinear.ts";
import { relative } from "../support/compare.ts";
import { type BilinearReference, bilinearBackward, bilinearForward } from "./bilinear.ts";
import { centralDifferences } from "./central-differences.ts";
import { at } from "./numbers.ts";

describe("gradients of the reference with multiplicative input are central differences", () => {
  for (const [index, activation] of activations.entries()) {
    const dimensions = index % 3;
    test(`${activation}, ${dimensions} inputs`, () => {
      const one = bilinearCase({ units: 4, dimensions, steps: 4, trials: 2, activation, seed: index });
      const drive = { ...one, noise: directed(one.directions, 4, 0.3) };
      const lossOf = (network: BilinearReference, state = drive.state as ArrayLike<number>): number =>
        bilinearForward(network, { ...drive, state }).rates.reduce(
          (sum, rate, row) => sum + 0.5 * (rate - at(one.target, row)) ** 2,
          0,
        );
      const path = bilinearForward(one.network, drive);
      const direct = path.rates.map((rate, row) => rate - at(one.target, row));
      const gradients = bilinearBackward(one.network, drive, path, direct);
      for (const name of ["weights", "velocityWeights", "bias", "alpha"] as const) {
        const expected = centralDifferences(one.network[name], (moved) => lossOf({ ...one.network, [name]: moved }));
        expect(relative(gradients[name], expected), name).toBeLessThan(1e-6);
      }
      const expected = centralDifferences(one.state, (moved) => lossOf(one.network, moved));
      expect(relative(gradients.state, expected), "state").toBeLessThan(1e-6);
    });
  }
});
