import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { initialWeights, spectralRadius } from "../../src/network/initialise.ts";
import { drawWeights } from "../../src/network/initialise-draw.ts";
import { type Initialiser, initialiserTypes } from "../../src/network/initialiser.ts";
import { weightNames } from "../../src/network/model.ts";
import { effectiveWeights } from "../../src/network/validate.ts";
import { Random, streams } from "../../src/random.ts";
import { fromMasks } from "../../src/structure/from-masks.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { dense } from "../../src/structure/structure.ts";

const signed = multiAreaEI({ inputs: 6, hidden: 60, outputs: 3, seed: 2, selfConnections: true });
const ofType = (type: Initialiser["type"]): Initialiser => (type === "constant" ? { type, value: -0.3 } : { type });
const random = (step = 0): Random => new Random(7, streams.weights, step);

function moments(values: ArrayLike<number>): { mean: number; variance: number; square: number } {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const square = list.reduce((sum, value) => sum + value * value, 0) / list.length;
  return { mean, variance: square - mean * mean, square };
}

/** A mask with `counts[row]` synapses in each row, at random columns. */
function maskOf(counts: readonly number[], columns: number): Float32Array {
  const mask = new Float32Array(counts.length * columns);
  counts.forEach((count, row) => {
    for (const column of new Random(row, 0).permutation(columns).subarray(0, count)) mask[row * columns + column] = 1;
  });
  return mask;
}

describe("initialisers", () => {
  it("have mean square 1/fan-in, counted in the mask row by row, unless told otherwise", () => {
    const columns = 4000;
    const counts = [4000, 2000, 500];
    const mask = maskOf(counts, columns);
    const expected = { uniform: 1 / 3, normal: 1, gamma: 1, logNormal: 1 } as const;
    for (const type of ["uniform", "normal", "gamma", "logNormal"] as const) {
      const weights = drawWeights({ type }, { rows: 3, columns, mask, random: random() });
      counts.forEach((count, row) => {
        const present = weights.subarray(row * columns, (row + 1) * columns).filter((value) => value !== 0);
        expect(present.length).toBe(count);
        expect(moments(present).square * count).toBeGreaterThan(expected[type] * 0.8);
        expect(moments(present).square * count).toBeLessThan(expected[type] * 1.2);
      });
    }
  });

  it("follow their parameters", () => {
    const draw = (initialiser: Initialiser) =>
      drawWeights(initialiser, { rows: 200, columns: 200, random: random(), signs: new Float32Array(40000).fill(1) });
    const free = (initialiser: Initialiser) => drawWeights(initialiser, { rows: 200, columns: 200, random: random() });
    const uniform = free({ type: "uniform", low: -0.1, high: 0.3 });
    expect(Math.min(...uniform)).toBeCloseTo(-0.1, 4);
    expect(Math.max(...uniform)).toBeCloseTo(0.3, 4);
    expect(moments(free({ type: "normal", sd: 0.25 })).variance).toBeCloseTo(0.0625, 2);
    // Five standard errors of a mean of 40 000.
    for (const [shape, scale] of [
      [0.5, 2],
      [2, 0.05],
      [3.7, 0.5],
      [12, 0.1],
    ] as const) {
      const { mean, variance } = moments(draw({ type: "gamma", shape, scale }));
      expect(Math.abs(mean - shape * scale)).toBeLessThan((5 * Math.sqrt(shape) * scale) / 200);
      expect(variance / (shape * scale * scale)).toBeGreaterThan(0.9);
      expect(variance / (shape * scale * scale)).toBeLessThan(1.1);
    }
    const logNormal = moments(draw({ type: "logNormal", mean: 0.5, variance: 0.1 }));
    expect(Math.abs(logNormal.mean - 0.5)).toBeLessThan((5 * Math.sqrt(0.1)) / 200);
    expect(logNormal.variance).toBeCloseTo(0.1, 2);
    expect(draw({ type: "constant", value: 0.5 }).every((value) => value === 0.5)).toBe(true);
    // Free signs: as many of one as of the other, and a mean of 0.
    expect(Math.abs(moments(free({ type: "gamma" })).mean)).toBeLessThan(5 / 200 / Math.sqrt(200));
  });

  it("gamma of fractional shape has the distribution of gamma: P(X < k) for k = 0.5 is erf(√0.5)", () => {
    const signs = new Float32Array(40000).fill(1);
    const draws = drawWeights(
      { type: "gamma", shape: 0.5, scale: 1 },
      { rows: 200, columns: 200, signs, random: random() },
    );
    const share = draws.filter((value) => value < 0.5).length / 40000;
    expect(Math.abs(share - 0.682689)).toBeLessThan(5 * Math.sqrt((0.68 * 0.32) / 40000));
  });

  it("Glorot counts fan-in and fan-out in the mask, entry by entry", () => {
    const [rows, columns] = [300, 200];
    const mask = maskOf(
      Array.from({ length: rows }, (_, row) => (row < 150 ? 200 : 20)),
      columns,
    );
    const outs = Array.from({ length: columns }, (_, column) => {
      return mask.reduce((sum, value, index) => sum + (index % columns === column ? value : 0), 0);
    });
    for (const type of ["glorotNormal", "glorotUniform"] as const) {
      const weights = drawWeights({ type, gain: 2 }, { rows, columns, mask, random: random() });
      const scaled = weights.map((value, index) => {
        const fans = (index < 150 * columns ? 200 : 20) + (outs[index % columns] ?? 0);
        return value / (2 * Math.sqrt(2 / fans));
      });
      const present = scaled.filter((_, index) => mask[index] === 1);
      expect(Math.abs(moments(present).square - 1)).toBeLessThan(0.04);
      const largest = present.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (type === "glorotUniform") expect(largest).toBeLessThanOrEqual(Math.sqrt(3) * (1 + 1e-6));
    }
  });

  it.each([
    [40, 40],
    [7, 90],
    [90, 7],
    [1, 5],
  ])("orthogonal [%i, %i] has orthonormal rows or columns, times the gain", (rows, columns) => {
    const gain = 1.5;
    const q = drawWeights({ type: "orthogonal", gain }, { rows, columns, random: random() });
    const at = (row: number, column: number): number => q[row * columns + column] ?? Number.NaN;
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    for (let i = 0; i < count; i += 1)
      for (let j = 0; j <= i; j += 1) {
        let dot = 0;
        for (let k = 0; k < length; k += 1) dot += rows <= columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
        expect(Math.abs(dot - (i === j ? gain * gain : 0))).toBeLessThan(1e-6);
      }
  });

  it("identity is a on the diagonal, of rectangles too, and needs one", () => {
    expect([...drawWeights({ type: "identity", a: -0.5 }, { rows: 2, columns: 3, random: random() })]).toEqual([
      -0.5, 0, 0, 0, -0.5, 0,
    ]);
    const mask = Float32Array.of(0, 1, 1, 0);
    const options = { rows: 2, columns: 2, mask, random: random(), label: "weights.weightHH" };
    expect(() => drawWeights({ type: "identity" }, options)).toThrow(/weights\.weightHH.*diagonal/);
    expect(() => drawWeights({ type: "identity" }, options)).toThrow(ConstraintError);
  });

  it.each(initialiserTypes)("%s: absent synapses are +0 and signed ones |draw|·sign (nn4n fault 7)", (type) => {
    const initialiser = ofType(type);
    for (const name of weightNames) {
      // The readout sees the last area only, so that its diagonal is masked.
      if (type === "identity" && name === "weightHO") continue;
      const [rows, columns] = { weightIH: [60, 6], weightHH: [60, 60], weightHO: [3, 60] }[name] as [number, number];
      const [mask, signs] = [signed.masks[name], signed.signs[name]];
      const free = drawWeights(initialiser, { rows, columns, mask, random: random() });
      const weights = drawWeights(initialiser, { rows, columns, mask, signs, random: random() });
      weights.forEach((value, index) => {
        const sign = signs?.[index] ?? 0;
        const drawn = free[index] ?? Number.NaN;
        const expected = mask?.[index] === 0 ? 0 : sign === 0 ? drawn : Math.abs(drawn) * sign + 0;
        if (!Object.is(value, expected)) throw new Error(`${name}[${index}] is ${value}, not ${expected}`);
        // No weight is thrown away: every synapse that may exist does.
        if (type !== "identity" && mask?.[index] !== 0 && value === 0) throw new Error(`${name}[${index}] is lost`);
      });
    }
  });

  it("never give -0", () => {
    const weights = drawWeights({ type: "constant", value: -0 }, { rows: 1, columns: 2, random: random() });
    expect(weights.every((value) => Object.is(value, 0))).toBe(true);
  });
});

describe("createModel with initialisers", () => {
  it("draws as it does by default when told the defaults", () => {
    const plain = dense({ inputs: 3, hidden: 40, outputs: 2 });
    for (const structure of [plain, signed]) {
      const told = {
        weightIH: { type: "uniform" },
        weightHH: { type: "normal" },
        weightHO: { type: "uniform" },
      } as const;
      expect(createModel({ structure, weights: told, spectralRadius: 1.1, seed: 3 })).toEqual(
        createModel({ structure, seed: 3 }),
      );
      expect(createModel({ structure, weights: { weightHH: { type: "gamma" } }, spectralRadius: 1.1 })).toEqual(
        createModel({ structure, distribution: "gamma" }),
      );
    }
  });

  it("gives each weight numbers of its own", () => {
    const normal = { type: "normal" } as const;
    const plain = dense({ inputs: 8, hidden: 8, outputs: 8 });
    const same = createModel({ structure: plain, weights: { weightIH: normal, weightHH: normal, weightHO: normal } });
    const { weightIH, weightHH, weightHO } = same.parameters;
    expect(weightIH).not.toEqual(weightHH);
    expect(weightHH).not.toEqual(weightHO);
    const other = createModel({ structure: plain, weights: { weightIH: { type: "gamma" }, weightHH: normal } });
    expect(other.parameters.weightHH).toEqual(weightHH);
  });

  it("takes a recurrent initialiser at its word, unless a radius or gain is asked for", () => {
    const plain = dense({ inputs: 1, hidden: 50, outputs: 1 });
    const orthogonal = { weightHH: { type: "orthogonal", gain: 0.8 } } as const;
    expect(spectralRadius(createModel({ structure: plain, weights: orthogonal }).parameters.weightHH, 50)).toBeCloseTo(
      0.8,
      6,
    );
    const scaled = createModel({ structure: plain, weights: orthogonal, spectralRadius: 1.2 });
    expect(spectralRadius(scaled.parameters.weightHH, 50)).toBeCloseTo(1.2, 5);
    const zero = createModel({ structure: signed, weights: { weightHH: { type: "constant", value: 0 } } });
    expect(zero.parameters.weightHH.every((value) => Object.is(value, 0))).toBe(true);
  });

  it("scales the effective matrix to the gain", () => {
    for (const structure of [dense({ inputs: 1, hidden: 60, outputs: 1 }), signed])
      for (const constraint of ["project", "abs"] as const) {
        const model = createModel({ structure, gain: 1.5, constraint });
        const { variance } = moments(effectiveWeights(model, "weightHH"));
        expect(Math.sqrt(variance * 60)).toBeCloseTo(1.5, 5);
      }
    // Free signs: the gain is the radius of the circular law.
    const large = createModel({ structure: dense({ inputs: 1, hidden: 400, outputs: 1 }), gain: 1.5 });
    expect(Math.abs(spectralRadius(large.parameters.weightHH, 400) - 1.5)).toBeLessThan(0.1);
  });

  it("has the same effective weights under every constraint", () => {
    for (const type of initialiserTypes) {
      const weights = { weightIH: ofType(type), weightHH: ofType(type) };
      const [project, ...others] = (["project", "abs", "rectify"] as const).map((constraint) =>
        createModel({ structure: signed, weights, constraint }),
      );
      for (const name of weightNames)
        for (const model of others)
          expect(effectiveWeights(model, name)).toEqual(project && effectiveWeights(project, name));
    }
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => createModel({ structure: signed, ...options } as never);
    const recurrent = (initialiser: object) => make({ weights: { weightHH: initialiser } });
    expect(make({ weights: { weightsHH: { type: "normal" } } })).toThrow(/"weightsHH"; did you mean "weightHH"/);
    expect(recurrent({ type: "ortogonal" })).toThrow(/weights\.weightHH: .*did you mean "orthogonal"/);
    expect(recurrent({ type: "normal", std: 1 })).toThrow(/weights\.weightHH \(normal\): unknown option "std"/);
    expect(recurrent({ type: "normal", sd: 0 })).toThrow(ValueError);
    expect(recurrent({ type: "constant" })).toThrow(/needs its value/);
    expect(recurrent({ type: "constant", value: Number.NaN })).toThrow(ValueError);
    expect(recurrent({ type: "uniform", low: 0 })).toThrow(/both low and high/);
    expect(recurrent({ type: "uniform", low: 1, high: 1 })).toThrow(/low < high/);
    expect(recurrent({ type: "logNormal", variance: 1 })).toThrow(/needs the mean/);
    expect(recurrent({ type: "gamma", shape: -1 })).toThrow(/weights\.weightHH: shape/);
    expect(make({ weights: { weightHH: "normal" } })).toThrow(/expected an initialiser such as/);
    expect(make({ weights: { weightHH: { type: "normal" } }, distribution: "gamma" })).toThrow(ConfigError);
    expect(make({ gain: 1, spectralRadius: 1 })).toThrow(/give one of them/);
    expect(make({ gain: 0 })).toThrow(/gain/);
    expect(make({ balance: "rows" })).toThrow(/did you mean "row"/);
    expect(() => initialWeights(signed, { weights: null as never })).toThrow(ConfigError);
    const noSelf = fromMasks({ inputs: 1, hidden: 2, outputs: 1, maskHH: Float32Array.of(0, 1, 1, 0) });
    expect(() => createModel({ structure: noSelf, weights: { weightHH: { type: "identity" } } })).toThrow(
      ConstraintError,
    );
    const options = { rows: 2, columns: 2, random: random() };
    expect(() => drawWeights({ type: "normal" }, { ...options, mask: new Float32Array(3) })).toThrow(ShapeError);
    expect(() => drawWeights({ type: "normal" }, { ...options, mask: Float32Array.of(1, 1, 1, 2) })).toThrow(
      ValueError,
    );
    expect(() => drawWeights({ type: "normal" }, { ...options, rows: 0 })).toThrow(ValueError);
  });
});
