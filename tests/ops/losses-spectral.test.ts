import { describe, expect, test } from "vitest";
import type { Model } from "../../src/network/model.ts";
import { Random } from "../../src/random.ts";
import { generateModel } from "../reference/generate.ts";
import { powerIteration, spectralNorm } from "../reference/loss-weights.ts";
import { euclideanNorm } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { expectWeightAgreement, spatialModel, weightGradients } from "../support/weight-loss-run.ts";

const gpu = testDevice();

/** A network whose recurrent matrix is given. */
function withRecurrent(weightHH: Float32Array): Model {
  const hidden = Math.sqrt(weightHH.length);
  const model = generateModel({ inputs: 1, hidden, outputs: 1, seed: 1, activation: "tanh" });
  return { ...model, parameters: { ...model.parameters, weightHH, weightHO: new Float32Array(hidden) } };
}

function normals(length: number, seed: number): Float32Array {
  const random = new Random(seed, 10);
  return Float32Array.from({ length }, () => random.normal());
}

describe("spectral norm", () => {
  test("follows the documented start and steps also before it has converged", async () => {
    const models = [1, 2].map((seed) => spatialModel({ inputs: 6, hidden: 21, outputs: 5 }, seed, "abs"));
    for (const iterations of [1, 2, 7]) {
      await expectWeightAgreement(gpu.device, models, [
        { type: "spectralNorm", iterations, squared: true, weight: 0.3 },
      ]);
      for (const matrix of ["weightIH", "weightHO"] as const)
        await expectWeightAgreement(gpu.device, models, [{ type: "spectralNorm", iterations, matrix }]);
    }
  });

  for (const hidden of [2, 33]) {
    test(`the default agrees with the SVD of a random ${hidden} × ${hidden} matrix`, async () => {
      const weightHH = normals(hidden * hidden, hidden);
      const block = { rows: hidden, columns: hidden };
      const exact = spectralNorm(weightHH, block);
      const plain = await weightGradients(gpu.device, [withRecurrent(weightHH)], [{ type: "spectralNorm" }]);
      expect(Math.abs(plain.loss / exact.value - 1)).toBeLessThan(1e-4);
      const far = await weightGradients(
        gpu.device,
        [withRecurrent(weightHH)],
        [{ type: "spectralNorm", iterations: 1000 }],
      );
      expect(Math.abs(far.loss / exact.value - 1)).toBeLessThan(2e-6);
      expect(relative(far.parameters.weightHH, exact.gradient)).toBeLessThan(1e-4);
      const squared = await weightGradients(
        gpu.device,
        [withRecurrent(weightHH)],
        [{ type: "spectralNorm", iterations: 1000, squared: true }],
      );
      expect(relative(squared.parameters.weightHH, spectralNorm(weightHH, block, true).gradient)).toBeLessThan(1e-4);
    });
  }

  test("more units than a workgroup has places, and more than its memory could hold", async () => {
    const hidden = 1030;
    const [a, b, noise] = [normals(hidden, 1), normals(hidden, 2), normals(hidden * hidden, 3)];
    const weightHH = noise.map((x, k) => (a[Math.floor(k / hidden)] ?? 0) * (b[k % hidden] ?? 0) * 0.1 + 0.3 * x);
    const expected = powerIteration(weightHH, { rows: hidden, columns: hidden }, 5);
    const model = withRecurrent(weightHH);
    const actual = await weightGradients(gpu.device, [model], [{ type: "spectralNorm", iterations: 5 }]);
    expect(Math.abs(actual.loss / expected.value - 1)).toBeLessThan(1e-5);
    expect(relative(actual.parameters.weightHH, expected.gradient)).toBeLessThan(1e-4);
  });

  test("equal singular values: the value is right, and the gradient one of several right ones", async () => {
    const [hidden, size] = [10, 1.5];
    const turned = Float32Array.from({ length: 100 }, (_, k) => {
      return k % 10 === (Math.floor(k / 10) * 3) % 10 ? (k % 2 === 0 ? size : -size) : 0;
    });
    const { loss, parameters } = await weightGradients(gpu.device, [withRecurrent(turned)], [{ type: "spectralNorm" }]);
    expect(loss).toBeCloseTo(size, 6);
    expect(euclideanNorm(parameters.weightHH)).toBeCloseTo(1, 5);
    // u · W v = σ, with v of length 1 and u = W v / σ.
    const along = parameters.weightHH.reduce((total, slope, k) => total + slope * (turned[k] ?? 0), 0);
    expect(along).toBeCloseTo(size, 5);
    // Two of the same size, the others smaller.
    const pair = Float32Array.from({ length: hidden * hidden }, (_, k) => (k % 11 === 0 ? (k < 22 ? 2 : 1) : 0));
    const two = await weightGradients(gpu.device, [withRecurrent(pair)], [{ type: "spectralNorm", squared: true }]);
    expect(two.loss).toBeCloseTo(4, 5);
    expect(two.parameters.weightHH.every(Number.isFinite)).toBe(true);
  });

  test("a zero matrix has value 0 and gradient 0; one entry has its size", async () => {
    for (const squared of [false, true]) {
      const zero = await weightGradients(
        gpu.device,
        [withRecurrent(new Float32Array(49))],
        [{ type: "spectralNorm", squared }],
      );
      expect(zero.loss).toBe(0);
      expect(zero.parameters.weightHH.every((slope) => slope === 0)).toBe(true);
    }
    for (const value of [-2, 1e-12, 1e12]) {
      const single = new Float32Array(49);
      single[17] = value;
      const { loss, parameters } = await weightGradients(
        gpu.device,
        [withRecurrent(single)],
        [{ type: "spectralNorm" }],
      );
      expect(loss / Math.abs(value)).toBeCloseTo(1, 6);
      expect([...parameters.weightHH].map((slope, k) => (k === 17 ? slope : Math.abs(slope)))).toEqual(
        [...single].map((w) => (w === 0 ? 0 : expect.closeTo(Math.sign(w), 6))),
      );
    }
  });

  test("rows that balance, to which the vector of ones is orthogonal, are no trap", async () => {
    const weightHH = normals(64, 5);
    for (let row = 0; row < 8; row += 1) {
      const own = weightHH.subarray(8 * row, 8 * row + 8);
      const mean = own.reduce((a, b) => a + b, 0) / 8;
      for (let k = 0; k < 8; k += 1) own[k] = (own[k] ?? 0) - mean;
    }
    const { loss } = await weightGradients(gpu.device, [withRecurrent(weightHH)], [{ type: "spectralNorm" }]);
    expect(loss).toBeCloseTo(spectralNorm(weightHH, { rows: 8, columns: 8 }).value, 4);
  });
});
