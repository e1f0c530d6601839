import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { lowRankConnectivity, lowRankPlasticity, lowRankWeights } from "../../src/network/low-rank.ts";
import { lowRank } from "../../src/structure/low-rank.ts";
import { dense } from "../../src/structure/structure.ts";
import { rowsOf } from "./statistics.ts";

const sizes = { inputs: 1, hidden: 3, outputs: 2, rank: 1 };

describe("lowRank", () => {
  it("is neurons, and latents between them", () => {
    const structure = lowRank(sizes);
    expect(structure.hidden).toBe(4);
    const areas = [
      { name: "neurons", from: 0, to: 3 },
      { name: "latents", from: 3, to: 4 },
    ];
    expect(structure.areas).toEqual(areas);
    expect(structure.layers).toEqual(areas);
    expect([...(structure.masks.weightIH ?? [])]).toEqual([1, 1, 1, 0]);
    expect(rowsOf(structure.masks.weightHH, 4, 4)).toEqual([
      [0, 0, 0, 1],
      [0, 0, 0, 1],
      [0, 0, 0, 1],
      [1, 1, 1, 0],
    ]);
    expect(rowsOf(structure.masks.weightHO, 2, 4)).toEqual([[1, 1, 1, 0], [1, 1, 1, 0]]); // biome-ignore format: rows
    expect([...(lowRank({ ...sizes, readout: "latents" }).masks.weightHO ?? [])]).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
    expect(structure.units).toEqual({
      tauMs: Float32Array.of(100, 100, 100, 0),
      activation: [null, null, null, "linear"],
      noisePre: Float32Array.of(1, 1, 1, 0),
      noisePost: Float32Array.of(1, 1, 1, 0),
    });
    expect(structure.noise).toBeUndefined();
  });

  it("leaves the neurons' time, activation and noise to the network, and the latents without", () => {
    const structure = lowRank(sizes);
    const model = createModel({ structure, dtMs: 10, tauMs: 50, activation: "tanh", noise: { pre: 0.05 } });
    expect(model.parameters.alpha).toEqual(Float32Array.of(0.2, 0.2, 0.2, 1));
    expect(model.spec.units?.activation).toEqual(["tanh", "tanh", "tanh", "linear"]);
    expect(model.spec.noise.pre).toBe(0.05);
    expect(createModel({ structure, dtMs: 10 }).parameters.alpha).toEqual(Float32Array.of(0.1, 0.1, 0.1, 1));
  });

  it("has a background where asked, with or without self-connections", () => {
    const full = lowRank({ ...sizes, background: 1 });
    expect(rowsOf(full.masks.weightHH, 4, 4)).toEqual([
      [0, 1, 1, 1],
      [1, 0, 1, 1],
      [1, 1, 0, 1],
      [1, 1, 1, 0],
    ]);
    const self = lowRank({ ...sizes, background: 1, selfConnections: true });
    expect(rowsOf(self.masks.weightHH, 4, 4)[0]).toEqual([1, 1, 1, 1]);
    expect(self.masks.weightHH?.[15]).toBe(0);
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => lowRank({ ...sizes, ...options });
    expect(make({ rnak: 2 })).toThrow(/did you mean "rank"/);
    expect(make({ rank: 0 })).toThrow(ValueError);
    expect(make({ rank: 4 })).toThrow(/rank 4 is more than 3 neurons can have/);
    expect(make({ tauMs: 0 })).toThrow(ValueError);
    expect(make({ background: 2 })).toThrow(ValueError);
    expect(make({ readout: "latent" })).toThrow(ConfigError);
  });
});

describe("lowRankConnectivity", () => {
  it("is M Nᵀ of the effective weights, with the background and the bias of the latents", () => {
    const structure = lowRank({ ...sizes, rank: 2, background: 1 });
    // Rows: three neurons, two latents.
    const weightHH = Float32Array.of(
      ...[0, 0.5, 0, 1, 2],
      ...[0, 0, 0, 3, 4],
      ...[0, 0, 0, -1, 0],
      ...[1, 2, 3, 0, 0],
      ...[0, -1, 1, 0, 0],
    );
    const biasH = Float32Array.of(0.5, 0, 0, 1, 10);
    const model = createModel({ structure, initial: { weightHH, biasH } });
    const { weights, m, n, bias } = lowRankConnectivity(model);
    expect(m).toEqual({ shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, -1, 0) });
    expect(n).toEqual({ shape: [3, 2], data: Float32Array.of(1, 0, 2, -1, 3, 1) });
    expect(weights.shape).toEqual([3, 3]);
    expect([...weights.data]).toEqual([1, 0.5, 5, 3, 2, 13, -1, -2, -3]);
    expect([...bias]).toEqual([21.5, 43, -1]);
  });

  it("refuses other structures", () => {
    expect(() => lowRankConnectivity(createModel({ structure: dense({ inputs: 1, hidden: 2, outputs: 1 }) }))).toThrow(
      ConfigError,
    );
    const structure = lowRank(sizes);
    const { layers: _, ...atOnce } = structure;
    expect(() => lowRankConnectivity(createModel({ structure: atOnce }))).toThrow(/areas and layers "neurons"/);
    const open = { ...structure, masks: {} };
    const weightHH = new Float32Array(16).fill(1);
    expect(() => lowRankConnectivity(createModel({ structure: open, initial: { weightHH } }))).toThrow(ConstraintError);
    expect(() => lowRankConnectivity(createModel({ structure: open, initial: { weightHH } }))).toThrow(
      /weightHH\[3, 3\] is 1, from latent to latent/,
    );
  });
});

describe("lowRankWeights", () => {
  it("scales as 1/N: M of variance 1, N/N of variance 1/N², with the overlap asked for", () => {
    const hidden = 4000;
    const structure = lowRank({ ...sizes, hidden: 400, rank: 2 });
    for (const overlap of [0, 2]) {
      let [mm, nn, same, crossed] = [0, 0, 0, 0];
      for (let seed = 0; seed < 10; seed += 1) {
        const { weightHH } = lowRankWeights(structure, { seed, overlap });
        for (let i = 0; i < 400; i += 1) {
          const [m0, m1] = [weightHH[402 * i + 400] ?? Number.NaN, weightHH[402 * i + 401] ?? Number.NaN];
          const n0 = 400 * (weightHH[402 * 400 + i] ?? Number.NaN);
          mm += m0 * m0;
          nn += n0 * n0;
          same += m0 * n0;
          crossed += m1 * n0;
        }
      }
      const variance = 1 + overlap * overlap;
      const error = 4 / Math.sqrt(hidden);
      expect(Math.abs(mm / hidden - 1)).toBeLessThan(1.5 * error);
      expect(Math.abs(nn / hidden / variance - 1)).toBeLessThan(1.5 * error);
      expect(Math.abs(same / hidden - overlap)).toBeLessThan(error * Math.sqrt(variance + overlap * overlap));
      expect(Math.abs(crossed / hidden)).toBeLessThan(error * Math.sqrt(variance));
    }
  });

  it("draws the background with gain / √fan-in, and only where it exists", () => {
    const structure = lowRank({ ...sizes, hidden: 200, background: 0.25, seed: 1 });
    const { weightHH } = lowRankWeights(structure, { gain: 0.5 });
    const hidden = 201;
    let [squares, count] = [0, 0];
    weightHH.forEach((weight, index) => {
      if (structure.masks.weightHH?.[index] === 0) expect(weight).toBe(0);
      if (index % hidden === 200 || index >= 200 * hidden || weight === 0) return;
      squares += weight * weight;
      count += 1;
    });
    const fanIn = count / 200;
    // The mean of about 10,000 squares of normal numbers: its relative standard error is √(2/10,000).
    expect(Math.abs((squares / count) * fanIn * 4 - 1)).toBeLessThan(3 * Math.sqrt(2 / count));
  });

  it("has factors that fix the background and nothing else", () => {
    const { weightHH } = lowRankPlasticity(lowRank({ ...sizes, background: 1 }));
    expect(rowsOf(weightHH, 4, 4)).toEqual([
      [0, 0, 0, 1],
      [0, 0, 0, 1],
      [0, 0, 0, 1],
      [1, 1, 1, 1],
    ]);
    expect(() => lowRankPlasticity(dense({ inputs: 1, hidden: 2, outputs: 1 }))).toThrow(ConfigError);
  });

  it("is the same for the same seed, and names what is wrong", () => {
    const structure = lowRank(sizes);
    expect(lowRankWeights(structure, { seed: 4 })).toEqual(lowRankWeights(structure, { seed: 4 }));
    expect(lowRankWeights(structure, { seed: 4 })).not.toEqual(lowRankWeights(structure));
    expect(() => lowRankWeights(structure, { gain: 1 })).toThrow(/no background/);
    expect(() => lowRankWeights(structure, { overlap: Number.NaN })).toThrow(ValueError);
    expect(() => lowRankWeights(dense({ inputs: 1, hidden: 2, outputs: 1 }))).toThrow(ConfigError);
  });
});
