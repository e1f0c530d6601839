import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import { fromMasks, splitSignedMask } from "../../src/structure/from-masks.ts";
import { dense } from "../../src/structure/structure.ts";

const sizes = { inputs: 1, hidden: 2, outputs: 1 };

describe("dense", () => {
  it("has no masks and no signs, and refuses a misspelt option", () => {
    expect(dense({ ...sizes })).toEqual({ ...sizes, areas: [], masks: {}, signs: {}, seed: 0 });
    expect(() => dense({ ...sizes, hiden: 3 } as typeof sizes)).toThrow(/"hiden"; did you mean "hidden"/);
    expect(() => dense({ ...sizes, hidden: 2.5 })).toThrow(ValueError);
  });
});

describe("fromMasks", () => {
  it("copies flat arrays and lists of rows, and finds the sign of each unit", () => {
    const maskHH = Float32Array.of(0, 1, 1, 0);
    const structure = fromMasks({ ...sizes, maskHH, signHH: [[0, -1], [1, 0]], maskHO: [[1, 0]] }); // biome-ignore format: rows
    expect(structure.masks.weightHH).toEqual(maskHH);
    expect(structure.masks.weightHH).not.toBe(maskHH);
    expect(structure.masks.weightHO).toEqual(Float32Array.of(1, 0));
    expect(structure.masks.weightIH).toBeUndefined();
    expect(structure.unitSigns).toEqual(Float32Array.of(1, -1));
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => fromMasks({ ...sizes, ...options });
    expect(make({ maskHH: Float32Array.of(1) })).toThrow(ShapeError);
    expect(make({ maskIH: [[1, 1]] })).toThrow(/transpose/);
    expect(make({ maskHH: [[1, 1], [1]] })).toThrow(/row 1 has 1/);
    expect(make({ maskHH: [[1, 0.5], [1, 1]] })).toThrow(/maskHH\[0, 1\].* is 0.5/); // biome-ignore format: rows
    expect(make({ signHH: [[1, 0], [2, 1]] })).toThrow(/signHH\[1, 0\].* is 2/); // biome-ignore format: rows
    expect(make({ signHH: [[1, 1], [1, -1]] })).toThrow(ConstraintError); // biome-ignore format: rows
    expect(
      make({
        signHH: [
          [1, 1],
          [1, -1],
        ],
        areas: [{ name: "v1", from: 1, to: 2 }],
      }),
    ).toThrow(/presynaptic unit 1 \(area "v1"\).*\+1 onto unit 0 and -1 onto unit 1/);
    expect(make({ maskhh: [] })).toThrow(ConfigError);
    expect(make({ areas: [{ name: "a", from: 0, to: 3 }] })).toThrow(ValueError);
    expect(
      make({
        areas: [
          { name: "b", from: 1, to: 2 },
          { name: "a", from: 0, to: 2 },
        ],
      }),
    ).toThrow(/"a" \[0, 2\) and "b" \[1, 2\) overlap/);
  });
});

describe("splitSignedMask", () => {
  it("splits nn4n's one mask into existence and sign, without -0", () => {
    const { mask, sign } = splitSignedMask([[1, -1, 0], [-0, 0.5, -2]]); // biome-ignore format: rows
    expect([...mask]).toEqual([1, 1, 0, 0, 1, 1]);
    expect([...sign]).toEqual([1, -1, 0, 0, 1, -1]);
    expect([...splitSignedMask(Float32Array.of(-1, 0)).sign]).toEqual([-1, 0]);
    expect(() => splitSignedMask([[Number.NaN]])).toThrow(ValueError);
    expect(() => splitSignedMask([])).toThrow(ShapeError);
  });
});
