import { describe, expect, test } from "vitest";
import { rSquared } from "../../src/analysis/r-squared.ts";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";

describe("R²", () => {
  // Two channels over four rows: means 2.5 and 5, squares 5 and 100.
  const measured = [1, 10, 2, 0, 3, 10, 4, 0];

  test("by hand: residuals 2 of 5 and 25 of 100", () => {
    const predicted = [2, 10, 2, 0, 3, 10, 5, 5];
    const { varianceWeighted, perChannel } = rSquared(measured, predicted, { channels: 2 });
    expect(perChannel).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.75, 12)]);
    expect(varianceWeighted).toBeCloseTo(1 - 27 / 105, 12);
  });

  test("is 1 for the truth, 0 for each channel's mean, and below 0 for worse", () => {
    expect(rSquared(measured, measured, { channels: 2 })).toEqual({ varianceWeighted: 1, perChannel: [1, 1] });
    const means = [2.5, 5, 2.5, 5, 2.5, 5, 2.5, 5];
    expect(rSquared(measured, means, { channels: 2 })).toEqual({ varianceWeighted: 0, perChannel: [0, 0] });
    const turned = measured.map((value) => -value);
    expect(rSquared(measured, turned, { channels: 2 }).varianceWeighted).toBeLessThan(-1);
  });

  test("under a mask is that of the rows that are left, whatever stands in the others", () => {
    const random = new Random(1, 1);
    const normal = (length: number): number[] => Array.from({ length }, () => random.normal());
    const [z, p] = [normal(30), normal(30)];
    const mask = z.map((_, index) => (Math.floor(index / 3) % 2 === 0 ? 1 : 0));
    const kept = (values: readonly number[]): number[] => values.filter((_, index) => mask[index] === 1);
    const gaps = z.map((value, index) => (mask[index] === 0 ? Number.NaN : value));
    expect(rSquared(gaps, p, { channels: 3, mask })).toEqual(rSquared(kept(z), kept(p), { channels: 3 }));
    // A weight of 2 counts a row twice.
    const twice = rSquared([...kept(z), ...kept(z).slice(0, 3)], [...kept(p), ...kept(p).slice(0, 3)], { channels: 3 });
    const weighted = rSquared(kept(z), kept(p), { channels: 3, mask: kept(z).map((_, k) => (k < 3 ? 2 : 1)) });
    expect(weighted.varianceWeighted).toBeCloseTo(twice.varianceWeighted, 12);
  });

  test("a channel that does not vary, or was never measured, has none and weighs nothing", () => {
    const still = [1, 7, 2, 7, 3, 7];
    const guess = [1, 7, 2, 7, 4, 7];
    expect(rSquared(still, guess, { channels: 2 })).toEqual({ varianceWeighted: 0.5, perChannel: [0.5, undefined] });
    const unseen = { channels: 2, mask: [1, 0, 1, 0, 1, 0] };
    expect(rSquared(still, guess, unseen).perChannel).toEqual([0.5, undefined]);
  });

  test("bad input is refused by name", () => {
    const scored = (part: { z?: number[]; p?: number[]; mask?: number[]; channels?: number }) => () =>
      rSquared(part.z ?? measured, part.p ?? measured, { channels: part.channels ?? 2, mask: part.mask });
    expect(scored({ z: [1, 2, 3] })).toThrow(
      new ShapeError("measured: expected [rows, 2] (time × trial, channel), got 3 values."),
    );
    expect(scored({ channels: 0 })).toThrow(ShapeError);
    expect(scored({ p: [1] })).toThrow("predicted: expected 8 values, as measured has, got 1.");
    expect(scored({ mask: [1] })).toThrow("mask: expected 8 values");
    expect(scored({ z: measured.with(3, Number.NaN) })).toThrow("measured: value 3 is NaN");
    expect(scored({ p: measured.with(3, Number.NaN) })).toThrow("predicted: value 3 is NaN");
    expect(scored({ mask: measured.map(() => -1) })).toThrow("mask: value 0 is -1");
    expect(scored({ z: measured.map(() => 4) })).toThrow(ValueError);
    expect(scored({ mask: measured.map(() => 0) })).toThrow("nothing that was measured varies");
  });
});
