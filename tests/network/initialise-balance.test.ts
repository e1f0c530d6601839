import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError } from "../../src/errors.ts";
import { balanceWeights } from "../../src/network/balance.ts";
import { eigenvalues } from "../../src/network/eigenvalues.ts";
import { initialWeights } from "../../src/network/initialise.ts";
import { projectWeights } from "../../src/network/validate.ts";
import { fromMasks } from "../../src/structure/from-masks.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import golden from "../fixtures/golden/nn4n/constraints-balance-plasticity.json" with { type: "json" };
import { largestDifference } from "../reference/numbers.ts";

const weights = Float32Array.of(1, 3, -2, 0, 2, 0, -1, -3, 4, 1, 0, 0);
const signs = Float32Array.of(1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1); // 2 E and 2 I columns; 3 rows

describe("balanceWeights", () => {
  it("row: inhibition cancels excitation in each row that has both", () => {
    expect([...balanceWeights(weights, signs, 4)]).toEqual([1, 3, -4, 0, 2, 0, -0.5, -1.5, 4, 1, 0, 0]);
  });

  it("row: between areas that only excitation joins, the difference of two areas keeps a negative eigenvalue", () => {
    const hidden = 200;
    const structure = multiAreaEI({ inputs: 1, hidden, outputs: 1, seed: 3 });
    const { weightHH } = initialWeights(structure, { seed: 1, spectralRadius: null });
    const half = hidden / 2;
    const fromOther = [half, 0].reduce((sum, from) => {
      const rows = Array.from({ length: half }, (_, unit) => half - from + unit);
      const received = rows.flatMap((row) => [...weightHH.subarray(row * hidden + from, row * hidden + from + half)]);
      return sum + received.reduce((total, weight) => total + weight, 0) / half;
    }, 0);
    const { re, im } = eigenvalues(weightHH, hidden);
    expect(im[0]).toBe(0);
    expect((re[0] as number) / -fromOther).toBeGreaterThan(0.95);
    expect((re[0] as number) / -fromOther).toBeLessThan(1.1);
    expect(-fromOther).toBeLessThan(-2 * Math.hypot(re[1] as number, im[1] as number) * 0.9);
  });

  it("neuron: E columns × 1/p, I columns × 1/(1-p)", () => {
    const columns = Float32Array.of(1, 1, 1, -1); // p = 3/4
    const ones = columns.slice();
    const balanced = [...balanceWeights(ones, columns, 4, "neuron")];
    expect(balanced).toEqual([Math.fround(4 / 3), Math.fround(4 / 3), Math.fround(4 / 3), -4]);
    expect(balanced.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
  });

  it("synapse: the share of the synapses that exist, not of the signs", () => {
    // 5 excitatory and 3 inhibitory synapses exist.
    expect([...balanceWeights(weights, signs, 4, "synapse")]).toEqual(
      [...weights].map((value) => Math.fround((value * 8) / (value > 0 ? 5 : 3))),
    );
  });

  it("matrix: nn4n 1.2.0's masked and signed weights, without its division by 10 (constraints-balance-plasticity.json)", () => {
    const { mask_in, mask_hid, mask_out, init_unconstrained_then_constrained_and_sums: file } = golden;
    const [before, after, sums] = file.value as unknown as readonly [number[][][], number[][][], number[]];
    for (const [layer, signed] of [mask_in, mask_hid, mask_out].entries()) {
      // An ei_mask entry of 0 means -1 there; those synapses are absent.
      const sign = Float32Array.from(signed.flat(), (value) => (value > 0 ? 1 : -1));
      const mask = Float32Array.from(signed.flat(), (value) => (value === 0 ? 0 : 1));
      const clipped = projectWeights(Float32Array.from(before[layer]?.flat() ?? []), mask, sign);
      const ours = balanceWeights(clipped, sign, signed[0]?.length ?? 0, "matrix");
      const kinds = new Set(sign.filter((_, index) => clipped[index] !== 0));
      const theirs = (after[layer] ?? []).flat().map((value) => (kinds.size === 1 ? 10 * value : value));
      expect(largestDifference(ours, theirs)).toBeLessThan(1e-6);
      const total = ours.reduce((sum, value) => sum + value, 0);
      if (kinds.size === 2) expect(Math.abs(total - (sums[layer] ?? Number.NaN))).toBeLessThan(1e-6);
    }
  });

  it("leaves weights of one kind and of free sign alone: no division by 10 (nn4n fault 2)", () => {
    const positive = weights.map(Math.abs);
    const ones = new Float32Array(12).fill(1);
    for (const mode of ["row", "neuron", "synapse", "matrix"] as const) {
      expect(balanceWeights(positive, ones, 4, mode)).toEqual(positive);
      expect(balanceWeights(weights, new Float32Array(12), 4, mode)).toEqual(weights);
      const free = signs.map((sign, index) => (index === 0 ? 0 : sign));
      expect(balanceWeights(weights, free, 4, mode)[0]).toBe(1);
    }
    const excitatory = fromMasks({ inputs: 1, hidden: 3, outputs: 1, signHH: new Float32Array(9).fill(1) });
    const drawn = (balance: "row" | false) => initialWeights(excitatory, { balance, spectralRadius: null }).weightHH;
    expect(drawn("row")).toEqual(drawn(false));
  });

  it("refuses shapes and names that do not fit", () => {
    expect(() => balanceWeights(weights, signs.slice(1), 4)).toThrow(ShapeError);
    expect(() => balanceWeights(weights, signs, 5)).toThrow(ShapeError);
    expect(() => balanceWeights(weights, signs, 4, "neurons" as never)).toThrow(ConfigError);
  });

  it("true is row", () => {
    const structure = multiAreaEI({ inputs: 1, hidden: 30, outputs: 1 });
    expect(initialWeights(structure, { balance: true })).toEqual(initialWeights(structure, { balance: "row" }));
    expect(initialWeights(structure, { balance: "neuron" })).not.toEqual(initialWeights(structure));
  });
});
