import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { and, or, withoutSelfConnections, withSigns } from "../../src/structure/compose.ts";
import { fromConnectome } from "../../src/structure/connectome.ts";
import { distanceDependent } from "../../src/structure/distance-dependent.ts";
import { fromMasks, splitSignedMask } from "../../src/structure/from-masks.ts";
import { lowRank } from "../../src/structure/low-rank.ts";
import { multiArea } from "../../src/structure/multi-area.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { ratesOf, submatrix, unitsOf } from "../../src/structure/query.ts";
import { sparse } from "../../src/structure/sparse.ts";
import { stack } from "../../src/structure/stack.ts";
import { dense, type Structure } from "../../src/structure/structure.ts";

const sizes = { inputs: 2, hidden: 6, outputs: 1 };
const pair = { inputs: 1, hidden: 2, outputs: 1 };

describe("and, or", () => {
  it("combine masks as sets of synapses, for any structures", () => {
    const arbitrary = fc
      .record({ density: fc.double({ min: 0, max: 1, noNaN: true }), seed: fc.nat(), isDense: fc.boolean() })
      .map(({ density, seed, isDense }) =>
        isDense ? dense(sizes) : sparse({ ...sizes, weightHH: { density }, weightIH: { density }, seed }),
      );
    const at = (structure: Structure, index: number) => structure.masks.weightHH?.[index] ?? 1;
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        const [both, either] = [and(a, b), or(a, b)];
        for (let index = 0; index < 36; index += 1) {
          expect(at(both, index)).toBe(Math.min(at(a, index), at(b, index)));
          expect(at(either, index)).toBe(Math.max(at(a, index), at(b, index)));
        }
        expect(and(a, b).masks).toEqual(and(b, a).masks);
        expect(and(a, a)).toEqual(a);
        expect(or(a, a)).toEqual(a);
      }),
    );
  });

  it("keep areas, signs, positions and strengths", () => {
    const signed = multiAreaEI({ ...sizes, seed: 1 });
    const spatial = distanceDependent({ ...sizes, layout: "ring", lengthScale: 0.3, seed: 2 });
    const both = and(signed, spatial);
    expect(both.areas).toEqual(signed.areas);
    expect(both.signs).toEqual(signed.signs);
    expect(both.unitSigns).toEqual(signed.unitSigns);
    expect(both.units?.positions).toEqual(spatial.units.positions);
    expect(both.distances).toEqual(spatial.distances);
    expect(both.seed).toBe(1);
    const worm = fromConnectome({ inputs: 1, outputs: 1, weights: [[0, 2], [4, 0]] }); // biome-ignore format: rows
    const cut = fromMasks({ ...pair, maskHH: [[1, 0], [1, 1]] }); // biome-ignore format: rows
    expect([...(and(worm, cut).strengths?.weightHH ?? [])]).toEqual([0, 0, 1, 0]);
    expect([...(or(worm, cut).strengths?.weightHH ?? [])]).toEqual([1, 0.5, 1, 1]);
    expect([...(or(worm, dense(pair)).strengths?.weightHH ?? [])]).toEqual([1, 1, 1, 1]);
  });

  it("keep layers where both agree or one says nothing, and noise with its factors", () => {
    const layers = [{ size: 2, noise: { pre: 0.1 } }, { size: 4 }]; // biome-ignore format: pair
    const stacked = stack({ inputs: 2, outputs: 1, layers, seed: 1 });
    const thin = sparse({ ...sizes, weightHH: { density: 0.5 }, selfConnections: true });
    for (const combined of [and(stacked, thin), and(thin, stacked), or(stacked, thin), and(stacked, stacked)]) {
      expect(combined.layers).toEqual(stacked.layers);
      expect(combined.noise).toEqual({ pre: 1 });
      expect(combined.units?.noisePre).toEqual(Float32Array.of(0.1, 0.1, 0, 0, 0, 0));
    }
    expect(and(stacked, stacked)).toEqual(stacked);
    const kept = withoutSelfConnections(withSigns(stacked, [1, 1, 1, 1, 1, -1]));
    expect(kept.layers).toEqual(stacked.layers);
    const other = { ...stack({ inputs: 2, outputs: 1, layers: [{ size: 3 }, { size: 3 }] }), areas: [] }; // biome-ignore format: pair
    expect(() => and(stacked, other)).toThrow(ConstraintError);
    expect(() => or(stacked, other)).toThrow(
      /or: the first structure is updated in the layers layer1 \[0, 2\), layer2 \[2, 6\), the second in layer1 \[0, 3\)/,
    );
    // Factors without a base are the network's: the base of the other's factors must not become theirs.
    const latents = lowRank({ inputs: 2, hidden: 5, outputs: 1, rank: 1 });
    expect(and({ ...latents, areas: [], layers: [] }, { ...stacked, layers: [] }).noise).toBeUndefined();
  });

  it("name signs, sizes and areas that contradict each other", () => {
    const make = (options: object) => fromMasks({ ...pair, ...options });
    const inputs = [make({ signIH: [[0], [1]] }), make({ signIH: [[1], [-1]] })] as const;
    expect(() => or(...inputs)).toThrow(ConstraintError);
    expect(() => or(...inputs)).toThrow(/weightIH\[1, 0\] .* has sign 1 in the first structure and -1 in the second/);
    const units = [withSigns(dense(pair), [1, -1]), withSigns(dense(pair), [1, 1])] as const;
    expect(() => and(...units)).toThrow(/and: unit 1 has sign -1 in the first structure and 1 in the second/);
    const columns = [make({ signHH: [[1, 0], [0, 0]] }), make({ signHH: [[0, 0], [-1, 0]] })] as const; // biome-ignore format: pair
    expect(() => and(...columns)).toThrow(ConstraintError);
    expect(() => and(dense(pair), dense(sizes))).toThrow(ShapeError);
    const overlapping = multiArea({ ...sizes, areas: 3 });
    expect(() => or(multiArea(sizes), overlapping)).toThrow(ValueError);
    const oneSide = and(withSigns(dense(pair), [0, -1]), withSigns(dense(pair), [1, 0]));
    expect(oneSide.unitSigns).toEqual(Float32Array.of(1, -1));
    expect([...(oneSide.signs.weightHH ?? [])]).toEqual([1, -1, 1, -1]);
  });
});

describe("withoutSelfConnections, withSigns", () => {
  it("change what they say and nothing else", () => {
    const full = dense(sizes);
    const hollow = withoutSelfConnections(full);
    hollow.masks.weightHH?.forEach((value, index) => {
      expect(value).toBe(index % 7 === 0 ? 0 : 1);
    });
    expect(full.masks).toEqual({});
    const area = multiArea({ ...sizes, seed: 4 });
    expect(withoutSelfConnections(area)).toEqual(multiArea({ ...sizes, seed: 4, selfConnections: false }));
    const worm = fromConnectome({ inputs: 1, outputs: 1, weights: [[3, 2], [4, 0]] }); // biome-ignore format: rows
    expect([...(withoutSelfConnections(worm).strengths?.weightHH ?? [])]).toEqual([0, 0.5, 1, 0]);
    const signed = withSigns(area, [1, 1, -1, 1, 0, -1]);
    expect(signed.signs.weightHH?.subarray(30)).toEqual(Float32Array.of(1, 1, -1, 1, 0, -1));
    expect(signed.signs.weightHO).toEqual(Float32Array.of(1, 1, -1, 1, 0, -1));
    expect(signed.masks).toEqual(area.masks);
    expect(() => withSigns(area, [1])).toThrow(ShapeError);
    expect(() => withSigns(area, [1, 1, 1, 1, 1, 2])).toThrow(ValueError);
  });
});

describe("questions by area name", () => {
  const areas = [
    { name: "v1", size: 2 },
    { name: "pfc", size: 4 },
  ];
  const structure = multiArea({ ...sizes, areas });
  const numbered = Float32Array.from({ length: 36 }, (_, index) => index);

  it("gives units, submatrices and rates", () => {
    expect(unitsOf(structure, "pfc")).toEqual({ from: 2, to: 6 });
    expect(submatrix(structure, numbered, "v1", "pfc")).toEqual({
      shape: [2, 4],
      data: Float32Array.of(2, 3, 4, 5, 8, 9, 10, 11),
    });
    expect([...ratesOf(structure, numbered.subarray(0, 18), "v1")]).toEqual([0, 1, 6, 7, 12, 13]);
  });

  it("names the nearest area, and wrong sizes", () => {
    expect(() => unitsOf(structure, "pcf")).toThrow(ConfigError);
    expect(() => unitsOf(structure, "pcf")).toThrow(/"pcf"; did you mean "pfc"/);
    expect(() => submatrix(structure, numbered, "v1", "V2x")).toThrow(ConfigError);
    expect(() => ratesOf(structure, numbered, "hidden")).toThrow(/known are v1, pfc/);
    expect(() => submatrix(structure, new Float32Array(4), "v1", "v1")).toThrow(ShapeError);
    expect(() => ratesOf(structure, new Float32Array(7), "v1")).toThrow(ShapeError);
    expect(() => unitsOf(dense(sizes), "v1")).toThrow(/none is allowed here/);
  });
});

describe("nn4n's faults of masks and signs", () => {
  it("fault 3: a 0 in a sign mask is free, in every layer, and never a sign of the column", () => {
    const hidden = 20;
    const unitSigns = Array.from({ length: hidden }, (_, unit) => [1, -1, 0][unit % 3] ?? 0);
    const structure = withSigns(dense({ inputs: 2, hidden, outputs: 2 }), unitSigns);
    const { parameters } = createModel({ structure, seed: 1 });
    for (const name of ["weightHH", "weightHO"] as const) {
      const found = [new Set<number>(), new Set<number>(), new Set<number>()];
      parameters[name].forEach((weight, index) => {
        found[(index % hidden) % 3]?.add(Math.sign(weight));
      });
      expect(found[0]?.has(-1)).toBe(false);
      expect(found[1]?.has(1)).toBe(false);
      expect(found[2]).toEqual(new Set([1, -1]));
    }
  });

  it("fault 4: sparsity and sign are two masks; one signed mask is split", () => {
    const structure = multiAreaEI({ ...sizes, seed: 1 });
    expect(new Set(structure.masks.weightHH)).toEqual(new Set([0, 1]));
    expect(new Set(structure.signs.weightHH)).toEqual(new Set([1, -1]));
    const { mask, sign } = splitSignedMask([[1, -1], [0, -1]]); // biome-ignore format: rows
    const split = fromMasks({ ...pair, maskHH: mask, signHH: sign });
    expect(split.masks.weightHH).toEqual(Float32Array.of(1, 1, 0, 1));
    expect(split.unitSigns).toEqual(Float32Array.of(1, -1));
    expect(() => fromMasks({ ...pair, maskHH: [[1, -1], [0, -1]] })).toThrow(/splitSignedMask/); // biome-ignore format: rows
  });

  it("fault 5: signs must agree within a column, and between recurrent and readout weights", () => {
    expect(() => fromMasks({ ...pair, signHH: [[1, 0], [-1, 0]] })).toThrow(/unit 0 breaks Dale's law/); // biome-ignore format: rows
    const hidden = { ...pair, signHH: [[1, -1], [1, -1]] }; // biome-ignore format: rows
    expect(() => fromMasks({ ...hidden, signHO: [[1, 1]] })).toThrow(
      /unit 1 breaks Dale's law.*1 onto output 0 and -1/,
    );
    expect(fromMasks({ ...hidden, signHO: [[0, -1]] }).unitSigns).toEqual(Float32Array.of(1, -1));
  });
});
