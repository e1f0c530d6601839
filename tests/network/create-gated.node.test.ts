import { describe, expect, test } from "vitest";
import { modelsFromJson } from "../../src/cli/model-source.ts";
import { ConfigError, ConstraintError, ShapeError, ValueError } from "../../src/errors.ts";
import { cells } from "../../src/io/cells.ts";
import { parseWith } from "../../src/io/config.ts";
import { modelSchema } from "../../src/io/model-schema.ts";
import { modelTensorAxes } from "../../src/io/model-tensors.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { fileNames } from "../../src/network/convert.ts";
import { createModel, type ModelOptions, modelFromFile, modelToFile } from "../../src/network/create.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { gru, lstm } from "../../src/network/gated.ts";
import { parameterNames, parameterShape } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { checkStimuli } from "../../src/network/trials.ts";
import { validateModel } from "../../src/network/validate.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { dense } from "../../src/structure/structure.ts";
import { gradients } from "../../src/train/gradients.ts";
import type { RuleInput } from "../../src/train/rule.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

const gpu = testDevice({ backend: "null" });
const structure = dense({ inputs: 4, hidden: 9, outputs: 2 });
const signed = multiAreaEI({ inputs: 4, hidden: 20, outputs: 2, areas: 2, excitatory: 0.8, seed: 3 });
const make = (options: Partial<ModelOptions> = {}) => createModel({ structure, cell: "lstm", ...options });
const inside = (values: Float32Array, bound: number): boolean => values.every((value) => Math.abs(value) <= bound);

describe("a new LSTM or GRU", () => {
  test("has PyTorch's weights, no bias but the forget gate's, and starts at rest", () => {
    const { parameters, spec } = make({ seed: 2 });
    for (const name of parameterNames)
      expect(parameters[name].length, name).toBe(parameterShape(spec, name).reduce((size, length) => size * length, 1));
    for (const name of ["weightIH", "weightHH", "weightHO"] as const) {
      expect(inside(parameters[name], 1 / 3), name).toBe(true);
      expect(inside(parameters[name], 0.2), name).toBe(false);
    }
    expect([...parameters.biasH]).toEqual([9, 9, 9, 9].flatMap((count, gate) => Array(count).fill(gate === 1 ? 1 : 0)));
    expect(make({ forgetBias: -2 }).parameters.biasH[9]).toBe(-2);
    for (const name of ["biasO", "v0", "r0"] as const)
      expect(parameters[name].every((value) => value === 0)).toBe(true);
    const { parameters: other } = make({ cell: "gru" });
    expect(other.weightHH.length).toBe(3 * 81);
    for (const name of ["biasH", "biasN", "r0"] as const) expect(other[name].every((value) => value === 0)).toBe(true);
    expect([other.v0.length, other.alpha.length]).toEqual([0, 0]);
  });

  test("is the same for a seed, and differs from gate to gate", () => {
    expect(make({ seed: 4 }).parameters).toEqual(make({ seed: 4 }).parameters);
    const { weightHH } = make({ seed: 4 }).parameters;
    expect(weightHH).not.toEqual(make({ seed: 5 }).parameters.weightHH);
    expect(weightHH.slice(0, 81)).not.toEqual(weightHH.slice(81, 162));
  });

  test("of PsychRNN: normal weights and initial states, all biases of gates 1", () => {
    const large = dense({ inputs: 4, hidden: 60, outputs: 2 });
    const { parameters } = make({ structure: large, initialisation: "psychrnn", lstmOutput: "sigmoid" });
    expect(parameters.biasH.every((value) => value === 1)).toBe(true);
    const deviation = (values: Float32Array): number =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(deviation(parameters.weightHH)).toBeCloseTo(0.1, 2);
    for (const name of ["weightIH", "v0", "r0"] as const) {
      expect(deviation(parameters[name]), name).toBeGreaterThan(0.07);
      expect(deviation(parameters[name]), name).toBeLessThan(0.13);
    }
    expect(parameters.v0).not.toEqual(parameters.r0);
  });

  test("draws every gate with the initialiser that is given", () => {
    const { weightHH } = make({ cell: "gru", weights: { weightHH: { type: "identity", a: 2 } } }).parameters;
    for (const gate of [0, 1, 2])
      for (let k = 0; k < 81; k += 1) expect(weightHH[gate * 81 + k]).toBe(k % 10 === 0 ? 2 : 0);
  });

  test("keeps the structure's masks and signs in every gate", () => {
    for (const constraint of ["project", "abs", "rectify"] as const) {
      const { masks, signs, parameters } = make({ structure: signed, constraint });
      for (const [name, columns] of [["weightIH", 4] as const, ["weightHH", 20] as const]) {
        const own = signed.masks[name] as Float32Array;
        expect(masks[name]?.length).toBe(4 * 20 * columns);
        for (const [index, value] of (masks[name] as Float32Array).entries())
          expect(value).toBe(own[index % own.length]);
        for (const [index, weight] of parameters[name].entries()) {
          const sign = signs[name]?.[index] ?? 0;
          expect(sign).toBe(signed.signs[name]?.[index % own.length] ?? 0);
          if (masks[name]?.[index] === 0) expect(weight).toBe(0);
          else if (constraint === "project" ? sign !== 0 && weight * sign < 0 : sign !== 0 && weight < 0)
            expect(weight, `${name}[${index}]`).toBe(sign);
        }
      }
      expect(masks.weightHO?.length).toBe(40);
    }
    const plasticity = { weightIH: new Float32Array(36).fill(0.5), weightHH: new Float32Array(4 * 81).fill(0.25) };
    const all = make({ plasticity }).plasticity;
    expect([all.weightIH?.length, all.weightHH?.length]).toEqual([4 * 36, 4 * 81]);
    expect(all.weightIH?.every((value) => value === 0.5)).toBe(true);
  });

  test("comes from lstm() and gru(), with replicas", () => {
    const networks = [
      lstm(gpu.device, { structure, seed: 7, replicas: 2, lstmOutput: "sigmoid", dtMs: 40 }),
      gru(gpu.device, { structure, seed: 7, learn: { r0: true } }),
    ] as const;
    expect(networks.map(({ spec, seeds }) => [spec.cell, spec.dtMs, seeds])).toEqual([
      ["lstm", 40, [7, 8]],
      ["gru", undefined, [7]],
    ]);
    networks[1].freeze("r0");
    networks[1].unfreeze("r0");
    expect(() => networks[1].unfreeze("v0")).toThrow("unfreeze: a gru has no v0; a ctrnn or an lstm has one");
    expect(() => networks[0].unfreeze("r0")).toThrow("learn: { r0: true }");
    for (const network of networks) network.dispose();
  });
});

describe("a model.json", () => {
  const json = { format: "cortrain/model@1", inputs: 2, hidden: 3, outputs: 1 };
  const parse = (value: object) => parseWith(modelSchema, value, "model");

  test("has a CTRNN's noise scale or the unit scale, by its cell, and stays as it is when read again", () => {
    expect(parse({ ...json, alpha: 0.2 })).toMatchObject({ cell: "ctrnn", noise: { scale: "sqrt2alpha" } });
    for (const cell of ["lstm", "gru"]) {
      const once = parse({ ...json, cell, noise: { pre: 0.1 } });
      expect(once).toMatchObject({ cell, noise: { pre: 0.1, post: 0, scale: "unit" } });
      expect(parse(once)).toEqual(once);
      const [model] = modelsFromJson(once, 1);
      expect(model?.spec).toMatchObject({ cell, noise: { scale: "unit" } });
    }
  });

  test("names a cell that does not exist, and settings that the cell does not have", () => {
    expect(() => parse({ ...json, cell: "lstn" })).toThrow('model: cell: expected one of "ctrnn", "lstm", "gru"');
    const refused = (part: object, message: string): void => {
      expect(() => modelsFromJson(parse({ ...json, cell: "gru", ...part }), 1)).toThrow(ConfigError);
      expect(() => modelsFromJson(parse({ ...json, cell: "gru", ...part }), 1)).toThrow(message);
    };
    refused({ activation: "tanh" }, "activation: a gru does not take it");
    refused({ form: "rate" }, "form: a gru does not take it");
    refused({ tauMs: 100 }, "tauMs: a gru does not take it (it has no leak)");
    refused({ alpha: 0.2 }, "alpha: a gru does not take it");
    refused({ noise: { scale: "sqrt2alpha" } }, 'only "unit" is possible; got "sqrt2alpha"');
    refused({ lstmOutput: "tanh" }, "lstmOutput: it is of an lstm, this is a gru");
    refused({ learn: { v0: true } }, "learn.v0: a gru has no v0");
    refused({ learn: { alpha: true } }, "learn.alpha: a gru has no alpha; a ctrnn has one");
    refused({ units: { gain: [1, 1, 1] } }, "units.gain: a gru does not take it");
    expect(() => modelsFromJson(parse({ ...json, alpha: 0.2, learn: { r0: true } }), 1)).toThrow("a ctrnn has no r0");
  });

  test("with tensors of another cell is refused", () => {
    const file = modelToFile(make());
    const tensors = new Map(file.tensors).set("alpha", { shape: [9], data: new Float32Array(9) });
    expect(() => modelFromFile({ json: file.json, tensors })).toThrow('unknown tensor "alpha"');
    expect(() => modelFromFile({ ...file, json: { ...file.json, cell: "gru" } })).toThrow(
      "weight_ih: expected [27, 4] (gates × hidden, inputs), got [36, 4]",
    );
    expect(() => modelFromFile({ ...file, json: { ...file.json, tauMs: 100 } })).toThrow(
      "tauMs: an lstm does not take",
    );
  });

  test("and the schema of tensors agree on which cell has what", () => {
    for (const cell of cells) {
      const own = parameterNames.filter((name) => hasParameter(cell, name)).map((name) => fileNames[name]);
      const allowed = [...modelTensorAxes(cell).keys()].filter((name) => Object.values(fileNames).includes(name));
      expect(allowed.sort(), cell).toEqual(own.sort());
    }
  });
});

describe("what an LSTM or a GRU cannot have is refused by name", () => {
  test("options", () => {
    const refused = (options: object, message: string): void => {
      expect(() => make(options)).toThrow(ConfigError);
      expect(() => make(options)).toThrow(message);
    };
    refused({ activation: "relu" }, "activation: an lstm does not take it (its gates are sigmoid and its candidate");
    refused({ spectralRadius: 1 }, "spectralRadius: an lstm does not take it (it is of a ctrnn)");
    refused({ balance: "row" }, "balance: an lstm does not take it");
    refused(
      { shortTermPlasticity: { release: 0.1, recoveryMs: 200, facilitationMs: 1500 } },
      "shortTermPlasticity: an",
    );
    refused({ noise: { pre: 0.1, scale: "alpha" } }, "noise.scale: an lstm has no alpha to scale its noise by");
    refused(
      { customActivations: { own: { value: "x", slope: "1.0" } } },
      "customActivations: an lstm does not take it",
    );
    refused({ initialisation: "psychrn" }, 'initialisation: unknown "psychrn"; did you mean "psychrnn"?');
    refused({ initialisation: "psychrnn", forgetBias: 2 }, "give one of the two");
    refused({ cell: "gru", initialisation: "psychrnn" }, "it has no gru");
    refused({ cell: "gru", forgetBias: 2 }, "only an lstm has a forget gate");
    refused({ cell: "ctrnn", forgetBias: 2 }, "forgetBias: it is of an lstm or a gru, this is a ctrnn");
    refused({ cell: "ctrnn", lstmOutput: "tanh" }, "lstmOutput: it is of an lstm, this is a ctrnn");
    expect(() => make({ forgetBias: Number.NaN })).toThrow(ValueError);
    refused({ initial: { alpha: new Float32Array(9) } }, "alpha: an lstm has no alpha; a ctrnn has one");
    expect(() => ctrnn(gpu.device, { structure, cell: "lstm" } as never)).toThrow('unknown option "cell"');
    expect(() => gru(gpu.device, { structure, lstmOutput: "tanh" } as never)).toThrow('unknown option "lstmOutput"');
    expect(() => lstm(gpu.device, { structure, tauMs: 100 } as never)).toThrow('unknown option "tauMs"');
  });

  test("properties of the structure", () => {
    const layers = [
      { name: "a", from: 0, to: 4 },
      { name: "b", from: 4, to: 9 },
    ];
    expect(() => make({ structure: { ...structure, layers } })).toThrow("structure.layers: an lstm does not take it");
    const units = { tauMs: new Float32Array(9).fill(50) };
    expect(() => make({ structure: { ...structure, units } })).toThrow("structure.units.tauMs: an lstm does not take");
    const { spec, ...rest } = make();
    const unknown = () => new Network(gpu.device, [{ ...rest, spec: { ...spec, cell: "rnn" as never } }]);
    expect(unknown).toThrow('cell: expected one of ctrnn, lstm, gru, got "rnn"');
    expect(() => new Network(gpu.device, [{ ...rest, spec: { ...spec, layers } }])).toThrow("layers: an lstm does not");
  });

  test("values, with the gate named", () => {
    const { parameters, ...rest } = make();
    const broken = (name: "weightHH" | "biasH", values: Float32Array) => () =>
      validateModel({ ...rest, parameters: { ...parameters, [name]: values } });
    expect(broken("weightHH", new Float32Array(81))).toThrow(ShapeError);
    expect(broken("weightHH", new Float32Array(81))).toThrow("expected [36, 9] (gates i, f, g, o × hidden, hidden)");
    const model = make({ structure: signed });
    const weightHH = model.parameters.weightHH.slice();
    const masked = model.masks.weightHH?.findIndex((value, index) => index >= 2 * 400 && value === 0) ?? -1;
    weightHH[masked] = 1;
    const outside = () => validateModel({ ...model, parameters: { ...model.parameters, weightHH } });
    expect(outside).toThrow(ConstraintError);
    expect(outside).toThrow(/onto gate g of unit \d+ \(area/);
    const signHH = new Float32Array(4 * 81);
    signHH[3] = 1;
    signHH[2 * 81 + 9 + 3] = -1;
    const law = () => validateModel({ ...make(), signs: { weightHH: signHH } });
    expect(law).toThrow("presynaptic unit 3 breaks Dale's law: its sign is +1 onto unit 0 and -1 onto unit 1");
  });

  test("a GRU's state that is not its rate", async () => {
    const network = gru(gpu.device, { structure });
    const [v, r] = [new Float32Array(9), new Float32Array(9).fill(0.5, 3)];
    const data = { steps: 1, trials: 1, inputs: new Float32Array(4) };
    const message = /value 3 is 0, but 0.5 in .*; a gru's state is its rate/;
    await expect(network.run(data, { state: { v, r } })).rejects.toThrow(message);
    expect(() => checkStimuli({ ...data, v0: v, r0: r }, network.spec)).toThrow(message);
    network.dispose();
  });

  test("losses on single synapses, and local rules", async () => {
    const network = gru(gpu.device, { structure });
    const trials = randomTrials({ inputs: 4, hidden: 9, outputs: 2, time: 2, batch: 2, seed: 1 });
    const asked = (loss: LossInput, rule?: RuleInput) =>
      gradients(network, trials, [{ type: "meanSquaredError" }, loss], rule && { rule });
    for (const type of ["hebbian", "drivePenalty", "omega", "wiringCost"] as const) {
      const message = `${type}: is about one synapse between two units, and a gru has one for each gate`;
      await expect(asked({ type })).rejects.toThrow(message);
    }
    await expect(asked({ type: "spectralNorm" })).rejects.toThrow(
      "matrices that hold several gates, as those of a gru",
    );
    const local = asked({ type: "rateL2" }, { type: "rflo" });
    await expect(local).rejects.toThrow('rule: "rflo" is made for the leak of a ctrnn, and this is a gru. Use "bptt".');
    network.dispose();
  });
});

test("tensors that a cell does not have may be left out of a model", () => {
  const { parameters, ...rest } = make({ cell: "gru" });
  const { alpha: _alpha, v0: _v0, ...own } = parameters;
  const checked = validateModel({ ...rest, parameters: own as typeof parameters });
  expect([checked.parameters.alpha.length, checked.parameters.v0.length]).toEqual([0, 0]);
  expect(bitsOf(checked.parameters.weightHH)).toEqual(bitsOf(parameters.weightHH));
});
