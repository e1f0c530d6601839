import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { ConfigError, ConstraintError, FileFormatError, ShapeError, ValueError } from "../../src/errors.ts";
import { decodeModelSingle, encodeModelSingle, type ModelFile } from "../../src/io/model-file.ts";
import { modelFromFile, modelToFile } from "../../src/network/convert.ts";
import { createModel, type ModelOptions } from "../../src/network/create.ts";
import { describeModel } from "../../src/network/describe.ts";
import { initialWeights, spectralRadius } from "../../src/network/initialise.ts";
import { parameterNames, weightNames } from "../../src/network/model.ts";
import { effectiveWeights } from "../../src/network/validate.ts";
import { Random } from "../../src/random.ts";
import { fromMasks } from "../../src/structure/from-masks.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { dense } from "../../src/structure/structure.ts";

const plain = dense({ inputs: 3, hidden: 5, outputs: 2 });
const signedStructure = multiAreaEI({ inputs: 6, hidden: 60, outputs: 2, seed: 1, excitatoryInputs: true });

function change(file: ModelFile, name: string, index: number, value: number): ModelFile {
  const tensors = new Map(file.tensors);
  const old = tensors.get(name);
  if (old === undefined) throw new Error(name);
  const data = old.data.slice();
  data[index] = value;
  return { json: file.json, tensors: tensors.set(name, { shape: old.shape, data }) };
}

function without(file: ModelFile, ...names: string[]): ModelFile {
  return { json: file.json, tensors: new Map([...file.tensors].filter(([name]) => !names.includes(name))) };
}

describe("spectralRadius", () => {
  it("is exact for matrices whose eigenvalues are known", () => {
    expect(spectralRadius([3], 1)).toBe(3);
    expect(spectralRadius([0, -2, 2, 0], 2)).toBeCloseTo(2, 12); // ±2i
    expect(spectralRadius([0, 1, 0, 0, 0, 1, 1, 0, 0], 3)).toBeCloseTo(1, 12); // cube roots of 1
    expect(spectralRadius([1, 100, 0, 1], 2)).toBe(1);
    expect(spectralRadius(Float32Array.of(1, 5, 0, -4), 2)).toBe(4);
    // Roots of x³ = 2x² + x - 2, its companion matrix: 1, -1, 2.
    expect(spectralRadius([2, 1, -2, 1, 0, 0, 0, 1, 0], 3)).toBeCloseTo(2, 12);
  });

  it("is exactly 0 for a nilpotent matrix, in whatever order its units are", () => {
    const n = 40;
    const order = new Random(1, 0).permutation(n);
    const matrix = new Float32Array(n * n);
    for (let i = 0; i < n; i += 1)
      for (let j = 0; j < i; j += 1) matrix[(order[i] ?? 0) * n + (order[j] ?? 0)] = 1 + i - j;
    expect(spectralRadius(matrix, n)).toBe(0);
  });

  it("agrees with ml-matrix on random matrices, dense, sparse and with inhibitory columns", () => {
    const random = new Random(3, 0);
    for (let n = 1; n <= 60; n += 1) {
      const matrix = Float32Array.from({ length: n * n }, (_, index) => {
        const value = random.uniform() < 0.5 ? random.normal() : 0;
        if (n % 3 === 0) return value;
        return Math.abs(value) * (index % n > 0.8 * n ? -4 : 1);
      });
      const square = Matrix.from1DArray(n, n, [...matrix]);
      const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(square, { assumeSymmetric: false });
      const sizes = realEigenvalues.map((real, index) => Math.hypot(real, imaginaryEigenvalues[index] ?? 0));
      const expected = Math.max(...sizes);
      expect(Math.abs(spectralRadius(matrix, n) - expected)).toBeLessThanOrEqual(1e-9 * expected);
    }
  });

  it("ends on the sparse matrix on which JAMA's QR runs for ever", () => {
    const rows = [[0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 0], [1, 1, 0, 0, 1], [1, 0, 1, 0, 1]]; // biome-ignore format: matrix
    expect(spectralRadius(rows.flat(), 5)).toBeCloseTo((1 + Math.sqrt(5)) / 2, 12);
  });

  it("finds the radius of block-triangular and of large matrices", () => {
    const random = new Random(2, 0);
    const n = 600;
    const matrix = Float32Array.from({ length: n * n }, () => random.normal(0, 1 / Math.sqrt(n)));
    const radius = spectralRadius(matrix, n); // estimated: n > 512
    expect(Math.abs(radius - 1)).toBeLessThan(0.1); // the circular law
    const half = new Float32Array(n * n); // two blocks of 300, computed exactly; one is twice a copy of the other
    for (let i = 0; i < 300; i += 1)
      for (let j = 0; j < 300; j += 1) {
        const value = matrix[i * n + j] ?? 0;
        half[i * n + j] = value;
        half[(i + 300) * n + j + 300] = 2 * value;
        half[(i + 300) * n + j] = 1;
      }
    const block = Float32Array.from({ length: 300 * 300 }, (_, index) => {
      return matrix[Math.floor(index / 300) * n + (index % 300)] ?? 0;
    });
    expect(spectralRadius(half, n) / spectralRadius(block, 300)).toBeCloseTo(2, 6);
    // [[0, B], [B, 0]] has the eigenvalues of B and their negatives, and is one component: estimated against exact.
    const crossed = new Float32Array(n * n);
    for (let i = 0; i < 300; i += 1)
      for (let j = 0; j < 300; j += 1) {
        crossed[i * n + j + 300] = block[i * 300 + j] ?? 0;
        crossed[(i + 300) * n + j] = block[i * 300 + j] ?? 0;
      }
    expect(Math.abs(spectralRadius(crossed, n) / spectralRadius(block, 300) - 1)).toBeLessThan(1e-3);
  });
});

describe("initialWeights", () => {
  it("is the same for the same seed, and keeps every synapse under signs", () => {
    const first = initialWeights(signedStructure, { seed: 4 });
    expect(initialWeights(signedStructure, { seed: 4 })).toEqual(first);
    expect(initialWeights(signedStructure, { seed: 5 }).weightHH).not.toEqual(first.weightHH);
    for (const name of weightNames) {
      first[name].forEach((value, index) => {
        const exists = (signedStructure.masks[name]?.[index] ?? 1) === 1;
        const sign = signedStructure.signs[name]?.[index] ?? 0;
        if (exists ? value * sign <= 0 : !Object.is(value, 0)) throw new Error(`${name}[${index}] is ${value}`);
      });
    }
  });

  it("balances every row and scales the effective matrix to the radius", () => {
    for (const distribution of ["normal", "gamma"] as const) {
      const { weightHH } = initialWeights(signedStructure, { seed: 1, spectralRadius: 1.3, distribution });
      for (let row = 0; row < 60; row += 1) {
        const values = [...weightHH.subarray(row * 60, row * 60 + 60)];
        const mass = values.reduce((sum, value) => sum + Math.abs(value), 0);
        const sum = values.reduce((total, value) => total + value, 0);
        expect(Math.abs(sum) / mass).toBeLessThan(1e-6);
      }
      expect(spectralRadius(weightHH, 60)).toBeCloseTo(1.3, 5);
    }
    const { weightHH } = initialWeights(plain, { spectralRadius: 0.7 });
    expect(spectralRadius(weightHH, 5)).toBeCloseTo(0.7, 5);
  });

  it("has the fan-in of the mask in the readout and the input", () => {
    const structure = fromMasks({ inputs: 400, hidden: 1, outputs: 1, maskIH: new Float32Array(400).fill(1, 0, 100) });
    const { weightIH } = initialWeights(structure);
    const largest = weightIH.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(0.1);
    expect(largest).toBeGreaterThan(0.09);
  });

  it("has the same effective weights under every constraint", () => {
    const models = (["project", "abs", "rectify"] as const).map((constraint) =>
      createModel({ structure: signedStructure, constraint, seed: 3 }),
    );
    for (const name of weightNames)
      for (const model of models)
        expect(effectiveWeights(model, name)).toEqual(models[0] && effectiveWeights(models[0], name));
  });

  it("leaves a feedforward network unscaled and finite", () => {
    const maskHH = new Float32Array(25);
    for (let i = 0; i < 5; i += 1) maskHH.fill(1, i * 5, i * 5 + i);
    const { weightHH } = initialWeights(fromMasks({ inputs: 1, hidden: 5, outputs: 1, maskHH }), { spectralRadius: 1 });
    expect(weightHH.every(Number.isFinite)).toBe(true);
    expect(weightHH).toEqual(
      initialWeights(fromMasks({ inputs: 1, hidden: 5, outputs: 1, maskHH }), { spectralRadius: null }).weightHH,
    );
    expect(() => initialWeights(plain, { spectralRadius: 0 })).toThrow(ValueError);
    expect(() => initialWeights(plain, { spectral: 1 } as never)).toThrow(ConfigError);
  });
});

describe("createModel", () => {
  it("fills defaults and takes per-unit time constants", () => {
    const model = createModel({ structure: plain });
    expect(model.spec).toMatchObject({ dtMs: 20, activation: "relu", form: "state", constraint: "project", seed: 0 });
    expect(model.parameters.alpha).toEqual(new Float32Array(5).fill(0.2));
    expect(createModel({ structure: plain, dtMs: 10, tauMs: [10, 20, 50, 100, 40] }).parameters.alpha).toEqual(
      Float32Array.of(1, 0.5, 0.2, 0.1, 0.25),
    );
    const byAlpha = createModel({ structure: plain, alpha: 0.3 });
    expect(byAlpha.spec.dtMs).toBeUndefined();
    expect(createModel({ structure: plain, learn: { weightIH: false } }).spec.learn).toMatchObject({
      weightIH: false,
      weightHH: true,
    });
  });

  it("copies initial values and checks them", () => {
    const biasH = new Float32Array(5).fill(0.1);
    const model = createModel({ structure: plain, initial: { biasH } });
    expect(model.parameters.biasH).toEqual(biasH);
    expect(model.parameters.biasH).not.toBe(biasH);
    const weightHH = new Float32Array(3600).fill(1);
    expect(() => createModel({ structure: signedStructure, initial: { weightHH } })).toThrow(ConstraintError);
    expect(() => createModel({ structure: plain, initial: { biasH: new Float32Array(4) } })).toThrow(ShapeError);
  });

  it("names what is wrong", () => {
    const make = (options: object) => () => createModel({ structure: plain, ...options } as ModelOptions);
    expect(make({ dtMs: 200 })).toThrow(/dtMs 200 > tauMs 100/);
    expect(make({ dtMs: 20, tauMs: [100, 100, 10, 100, 100] })).toThrow(/tauMs\[2\] \(unit 2\).*tauMs 10/);
    expect(make({ tauMs: 0 })).toThrow(ValueError);
    expect(make({ tauMs: [1, 2] })).toThrow(ShapeError);
    expect(make({ alpha: 1.5 })).toThrow(ValueError);
    expect(make({ alpha: 0.5, tauMs: 100 })).toThrow(ConfigError);
    expect(make({ activaton: "tanh" })).toThrow(/"activaton"; did you mean "activation"/);
    expect(make({ activation: "rellu" })).toThrow(/"relu"/);
    expect(make({ noise: { pree: 1 } })).toThrow(ConfigError);
    expect(make({ initial: { weightsHH: biasless } })).toThrow(/did you mean "weightHH"/);
    expect(make({ seed: -1 })).toThrow(ConfigError);
    expect(make({ structure: undefined })).toThrow(ConfigError);
  });
});

const biasless = new Float32Array(1);

describe("describeModel", () => {
  it("says what the network is, and the range of its weights", () => {
    const text = describeModel(createModel({ structure: signedStructure, dtMs: 20, tauMs: 100, noise: { pre: 0.05 } }));
    expect(text).toContain("6 inputs, 60 hidden units, 2 outputs; relu, state form");
    expect(text).toContain("dt 20 ms, tau 100 ms, alpha 0.2");
    expect(text).toContain("constraint project");
    expect(text).toMatch(/weightHH \[60, 60\].*density 0\.\d+.*spectral radius 1\.100/);
  });
});

describe("model files", () => {
  it("give back the same model, through bytes too", () => {
    const variants: Partial<ModelOptions>[] = [
      { dtMs: 20, tauMs: 100 },
      { dtMs: 7, tauMs: Array.from({ length: 60 }, (_, unit) => 30 + unit / 3) },
      { alpha: 0.3 },
      { constraint: "abs", plasticity: { weightHH: new Float32Array(3600).fill(0.5) } },
      { constraint: "rectify", learn: { alpha: true, v0: true }, activation: "softplus", noise: { pre: 0.1 } },
    ];
    for (const variant of variants) {
      const model = createModel({ structure: signedStructure, seed: 9, ...variant });
      const file = modelToFile(model);
      expect(modelFromFile(file)).toEqual(model);
      expect(modelFromFile(decodeModelSingle(encodeModelSingle(file), "test"))).toEqual(model);
      expect(modelFromFile(file).parameters.weightHH).not.toBe(file.tensors.get("weight_hh")?.data);
    }
  });

  it("write times that a person would write", () => {
    expect(modelToFile(createModel({ structure: plain, dtMs: 20, tauMs: 100 })).json).toMatchObject({
      dtMs: 20,
      tauMs: 100,
    });
    const { json } = modelToFile(createModel({ structure: plain, alpha: 0.3 }));
    expect([json.alpha, json.tauMs, json.dtMs]).toEqual([0.3, undefined, undefined]);
    const learned = createModel({ structure: plain, dtMs: 20, learn: { alpha: true }, initial: { alpha: Float32Array.of(0.2, 0.25, 0.5, 1, 0.1) } }); // biome-ignore format: one line
    const file = modelToFile(learned);
    expect(file.json.tauMs).toEqual([100, 80, 40, 20, 200]);
    expect(file.tensors.get("alpha")?.data).toEqual(learned.parameters.alpha);
  });

  it("hold effective weights for any reader, and raw ones beside them", () => {
    const file = modelToFile(createModel({ structure: signedStructure, constraint: "rectify" }));
    const effective = file.tensors.get("weight_hh")?.data ?? new Float32Array();
    expect(effective.some((value) => value < 0)).toBe(true);
    expect(file.tensors.get("raw_weight_hh")?.data).toEqual(effective.map(Math.abs));
    expect(() => modelFromFile(change(file, "weight_hh", 1, 9))).toThrow(ConstraintError);
    const kept = modelFromFile(without(file, "raw_weight_hh", "raw_weight_ih", "raw_weight_ho"));
    expect(kept.parameters.weightHH).toEqual(effective);
  });

  it("fill absent tensors, and let a tensor alpha go before the times", () => {
    const file = modelToFile(createModel({ structure: signedStructure }));
    const bare = modelFromFile(
      without(file, "bias_h", "bias_o", "v0", "mask_ih", "mask_hh", "mask_ho", "sign_ih", "sign_hh", "sign_ho"),
    );
    expect(bare.parameters.biasH).toEqual(new Float32Array(60));
    expect([bare.masks, bare.signs, bare.plasticity]).toEqual([{}, {}, {}]);
    const alpha = { shape: [60], data: new Float32Array(60).fill(0.5) };
    const withAlpha = { json: file.json, tensors: new Map(file.tensors).set("alpha", alpha) };
    expect(modelFromFile(withAlpha).parameters.alpha).toEqual(alpha.data);
    const { tauMs: _tauMs, ...timeless } = file.json;
    expect(() => modelFromFile({ json: timeless, tensors: file.tensors })).toThrow(ConfigError);
    expect(() => modelFromFile({ json: { ...file.json, tauMs: 5 }, tensors: file.tensors })).toThrow(
      /dtMs 20 > tauMs 5/,
    );
  });

  it("refuse or project a weight that breaks its mask, and refuse unknown and missing tensors", () => {
    const file = modelToFile(createModel({ structure: signedStructure }));
    const broken = change(file, "weight_hh", 0, 0.5);
    expect(() => modelFromFile(broken)).toThrow(/weightHH\[0, 0\]/);
    expect(modelFromFile(broken, { project: true }).parameters.weightHH[0]).toBe(0);
    expect(() => modelFromFile(without(file, "weight_ho"))).toThrow(FileFormatError);
    const extra = new Map(file.tensors).set("weigth_hh", { shape: [1], data: biasless });
    expect(() => modelFromFile({ json: file.json, tensors: extra })).toThrow(/did you mean "weight_hh"/);
    expect(parameterNames.length).toBe(9);
  });
});
