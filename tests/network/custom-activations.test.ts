import { describe, expect, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import type { Shader } from "../../src/gpu/shader.ts";
import { adam, ctrnn, gradients, losses, registerActivation, train } from "../../src/index.ts";
import { decodeModelFolder, decodeModelSingle, encodeModelFolder, encodeModelSingle } from "../../src/io/model-file.ts";
import type { ModelJson } from "../../src/io/model-schema.ts";
import { modelFromFile, modelToFile } from "../../src/network/convert.ts";
import { createModel } from "../../src/network/create.ts";
import { describeModel } from "../../src/network/describe.ts";
import { Network } from "../../src/network/network.ts";
import { withActivations } from "../../src/ops/custom-activations.ts";
import type { Family } from "../../src/ops/recurrence.ts";
import { Random } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import * as shaders from "../../src/wgsl/generated.ts";
import { generateModel } from "../reference/generate.ts";
import { type ComparisonCase, expectAgreement } from "../support/compare.ts";
import { elu, swish, tableOf } from "../support/custom-activations.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const families: readonly Family[] = ["persistent", "stepwise"];
const customActivations = tableOf(swish, elu);
const structure = dense({ inputs: 2, hidden: 3, outputs: 1 });

describe("against float64: outputs, loss and every gradient", () => {
  const common = { denominator: "mask", rateWeight: 0.3, givenV0: false } as const;
  const noise = { pre: 0.1, post: 0.05 };
  const shapes = [
    { inputs: 1, hidden: 1, outputs: 1, time: 1, batch: 1 },
    { inputs: 3, hidden: 7, outputs: 2, time: 6, batch: 9 },
    { inputs: 2, hidden: 33, outputs: 5, time: 17, batch: 3 },
  ];
  for (const family of families) {
    for (const activation of ["swish", "elu"]) {
      test(`${activation}, ${family}`, async () => {
        for (const [seed, { time, batch, ...sizes }] of shapes.entries()) {
          const form = seed === 1 ? "rate" : "state";
          const model = { ...sizes, seed, activation, customActivations, noise, form, density: 0.8 } as const;
          await expectAgreement(gpu.device, { ...common, model, time, batch, family });
        }
      });
    }

    test(`mixed by unit with built-in ones, with gain and threshold, ${family}`, async () => {
      const random = new Random(5, 77);
      const hidden = 13;
      const each = <Value>(draw: () => Value): Value[] => Array.from({ length: hidden }, draw);
      const units = {
        activation: each(() => random.choice(["swish", "tanh", "elu", "relu", "linear"])),
        gain: each(() => random.uniform(0.5, 1.5)),
        threshold: each(() => random.uniform(-0.3, 0.3)),
      };
      expect(new Set(units.activation).size).toBe(5);
      const model: ComparisonCase["model"] = {
        inputs: 3,
        hidden,
        outputs: 2,
        seed: 8,
        customActivations,
        units,
        noise,
      };
      await expectAgreement(gpu.device, { ...common, model, time: 7, batch: 10, family, givenV0: true });
    });
  }

  test("a network trains with one, and each replica equals the single network, to the bit", async () => {
    const task = holdTask({ inputs: 2, outputs: 1, steps: 5 });
    const options = { structure, activation: swish, alpha: 0.5, noise: { pre: 0.1 } };
    const [both, second] = [
      ctrnn(gpu.device, { ...options, seed: 1, replicas: 2 }),
      ctrnn(gpu.device, { ...options, seed: 2 }),
    ];
    const settings = { steps: 30, batch: 8, optimizer: adam({ lr: 0.02 }), loss: [losses.meanSquaredError()] };
    const lossOf = async (network: Network, seed: number): Promise<number[]> => {
      const values: number[] = [];
      for await (const report of train(network, task, { ...settings, seed })) values.push(report.loss);
      return values;
    };
    const history = await lossOf(both, 1);
    await lossOf(second, 2);
    expect(history.at(-1)).toBeLessThan(0.8 * (history[0] ?? 0));
    const [replica, single] = [await both.read(1), await second.read()];
    expect(bitsOf(replica.parameters.weightHH)).toEqual(bitsOf(single.parameters.weightHH));
    both.dispose();
    second.dispose();
  });
});

describe("how one is given", () => {
  test("as an object, in place of a name, once or for each unit; or as a name in a table", () => {
    const table = tableOf(elu, swish);
    const named = createModel({ structure, activation: "swish", customActivations: table }).spec;
    expect([named.activation, named.customActivations]).toEqual(["swish", table]);
    const { spec } = createModel({ structure, activation: swish });
    expect([spec.activation, spec.customActivations]).toEqual(["swish", tableOf(swish)]);
    const mixed = createModel({
      structure,
      activation: elu,
      units: { activation: [swish, "relu", elu], gain: [1, 2, 3] },
    });
    expect(mixed.spec.units).toEqual({ activation: ["swish", "relu", "elu"], gain: [1, 2, 3] });
    expect(mixed.spec.customActivations).toEqual(table);
    const units = { activation: ["elu", "relu", "tanh"] };
    const own = createModel({ structure: { ...structure, units }, customActivations: tableOf(elu) });
    expect(own.spec.units).toEqual(units);
    expect(describeModel(mixed)).toContain("  swish(x) = x / (1.0 + exp(-x))\n");
  });

  const make = (options: object) => () => createModel({ structure, ...options });
  test("or wrongly", () => {
    expect(make({ activation: "swihs", customActivations: tableOf(swish) })).toThrow(
      /^createModel: activation: expected one of "relu", .*"linear", "swish", got "swihs"; did you mean "swish"\?$/,
    );
    expect(make({ activation: swish, units: { activation: ["swish", "tanh", "reluu"] } })).toThrow(
      /units\.activation\[2\]: .* did you mean "relu"\?/,
    );
    expect(make({ activation: swish, customActivations: tableOf({ ...swish, slope: "1.0" }) })).toThrow(
      new ConfigError('activation "swish": two different activations have this name; rename one of them.'),
    );
    expect(make({ activation: { value: "x", slope: "1.0" } })).toThrow(
      new ConfigError("activation: a custom one has the keys name, value, slope; got value,slope."),
    );
    expect(make({ activation: { ...swish, name: "tanh" } })).toThrow(
      "createModel: customActivations.tanh: is the name of a built-in activation; choose another",
    );
    expect(make({ activation: { ...swish, range: [0, 1] } })).toThrow("customActivations.swish.range: unknown key");
    expect(make({ activation: { ...swish, value: "x / (1.0 + exp(-v))" } })).toThrow(
      'createModel: customActivations.swish.value: unknown name "v" at column 17 (the variable is x), got',
    );
    expect(make({ units: { activation: "swish" } })).toThrow(/units\.activation: expected an array/);
    expect(make({ activation: 3 })).toThrow(/createModel: activation: expected .*, got 3/);
  });

  test("with a wrong slope, before any GPU work, also where no schema was asked", () => {
    const before = { ...gpu.device.counters };
    const wrong = { ...swish, slope: "1.0 / (1.0 + exp(-x))" };
    expect(() => ctrnn(gpu.device, { structure, activation: wrong })).toThrow(ValueError);
    expect(() => ctrnn(gpu.device, { structure, activation: wrong })).toThrow(
      /^activation "swish": slope is 0\.526287 at x = 0\.105245, where the central difference of value is 0\.55252/,
    );
    const model = generateModel({ inputs: 2, hidden: 3, outputs: 1, seed: 1, activation: "swish" });
    expect(() => new Network(gpu.device, [model])).toThrow(/^activation: expected one of .*, got "swish"$/);
    const spec = { ...model.spec, customActivations: { swish: { value: "x +", slope: "1" } } };
    expect(() => new Network(gpu.device, [{ ...model, spec }])).toThrow(
      new ConfigError('activation "swish": value: expected a value at column 4, found the end'),
    );
    expect(gpu.device.counters).toEqual(before);
  });
});

describe("in files", () => {
  const units = { activation: ["swish", "relu", "elu"] };
  const model = createModel({ structure, customActivations, units, activation: "elu", seed: 3 });

  test("they come back as they were, in every format, and compute the same", async () => {
    const file = modelToFile(model);
    const read = [
      decodeModelFolder(encodeModelFolder(file), "model"),
      decodeModelFolder(encodeModelFolder(file, { weights: "npz" }), "model"),
      decodeModelSingle(encodeModelSingle(file), "model"),
    ].map((one) => modelFromFile(one));
    for (const one of read) expect(one).toEqual(model);
    const trials = randomTrials({ inputs: 2, hidden: 3, outputs: 1, time: 4, batch: 2, seed: 1 });
    const networks = [model, ...read].map((one) => new Network(gpu.device, [one]));
    const outputs = await Promise.all(networks.map(async (network) => bitsOf((await network.run(trials)).rates)));
    for (const other of outputs) expect(other).toEqual(outputs[0]);
    for (const network of networks) network.dispose();
  });

  /** A folder whose model.json someone else has written. */
  function folder(change: (json: ModelJson) => unknown): () => unknown {
    const files = encodeModelFolder(modelToFile(model));
    const json = JSON.parse(new TextDecoder().decode(files.get("model.json"))) as ModelJson;
    files.set("model.json", new TextEncoder().encode(JSON.stringify(change(json))));
    return () => modelFromFile(decodeModelFolder(files, "m"));
  }

  test("what a hostile file says never gets further than its reading", () => {
    const swap = (value: unknown) =>
      folder((json) => ({ ...json, customActivations: { ...customActivations, elu: value } }));
    const inject = "0.0; } @group(0) @binding(9) var<storage, read_write> all: array<u32>; fn f() { all[0] = 1u";
    expect(swap({ value: inject, slope: "0.0" })).toThrow(
      /^m\/model\.json: customActivations\.elu\.value: unexpected ";" at column 4 \(give one expression, no statements\), got "0\.0; }/,
    );
    expect(swap({ value: "states[0].x", slope: "0.0" })).toThrow(/unexpected "\[" at column 7/);
    expect(swap({ value: "shape", slope: "0.0" })).toThrow(/unknown name "shape" at column 1/);
    expect(swap({ value: "custom_value_8(x)", slope: "0.0" })).toThrow(/unknown name "custom_value_8" at column 1/);
    expect(swap({ value: "(".repeat(1e5), slope: "0.0" })).toThrow(
      /model\.json: .*value: must have <= 1000 characters/,
    );
    expect(swap({ value: 3, slope: "0.0" })).toThrow(/value: expected a string, got 3/);
    expect(swap(["x", "1.0"])).toThrow(ConfigError);
    expect(folder((json) => ({ ...json, customActivations: tableOf(swish) }))).toThrow(/"swish", got "elu"/);
    const polluted = (name: string) => () =>
      modelFromFile(
        decodeModelFolder(
          encodeModelFolder(modelToFile(model)).set(
            "model.json",
            new TextEncoder().encode(
              JSON.stringify(modelToFile(model).json).replace(
                '"customActivations":{',
                `"customActivations":{"${name}":{"value":"x","slope":"1"},`,
              ),
            ),
          ),
          "m",
        ),
      );
    expect(polluted("hasOwnProperty")).not.toThrow();
    expect(Object.prototype).not.toHaveProperty("value");
    for (const name of ["__proto__", "a\\u0000b", ""]) {
      // What JSON calls __proto__ is passed over: nothing can name it.
      if (name === "__proto__") expect(polluted(name)).not.toThrow();
      else expect(polluted(name)).toThrow(/must be a letter, then at most 39 letters, digits or _/);
    }
  });

  test("a wrong slope is refused when the file is read, one that overflows here before the first run", async () => {
    const wrong = folder((json) => ({
      ...json,
      customActivations: { ...customActivations, elu: { ...customActivations["elu"], slope: "1.0" } },
    }));
    expect(wrong).toThrow(ValueError);
    expect(wrong).toThrow(/activation "elu": slope is 1 at x = -0\.445825/);
    const naive = { value: "log(1.0 + exp(x))", slope: "1.0 / (1.0 + exp(-x))" };
    const file = folder((json) => ({ ...json, customActivations: { ...customActivations, elu: naive } }));
    const network = new Network(gpu.device, [file() as typeof model]);
    const trials = randomTrials({ inputs: 2, hidden: 3, outputs: 1, time: 2, batch: 1, seed: 1 });
    const { buffers } = gpu.device.counters;
    const overflow = /activation "elu": at x = 100 this device .* gives Infinity for value/;
    await expect(network.run(trials)).rejects.toThrow(overflow);
    await expect(gradients(network, trials, [{ type: "meanSquaredError" }])).rejects.toThrow(overflow);
    // Nothing of the plan was made: only the points and results of the check, each time.
    expect(gpu.device.counters.buffers - buffers).toBeLessThanOrEqual(8);
    network.dispose();
  });
});

describe("kernels", () => {
  const including = Object.values<Shader>({ ...shaders }).filter(({ code }) => code.includes("//!place activation_"));

  test("that know activations are these; a new one must go through withActivations, too", () => {
    const persistent = ["ctrnn_backward_persistent", "ctrnn_forward_persistent"];
    const stepwise = ["ctrnn_backward_step", "ctrnn_forward_step"];
    const sparse = [...persistent, ...stepwise].map((name) => name.replace("ctrnn", "sparse"));
    const names = [...persistent, ...stepwise, ...sparse, "initial_state", "local_gradient", "omega_row"];
    // The gates of an LSTM and a GRU have activations of their own, and attractors know the built-in ones: custom ones are refused there.
    const others = including.filter(({ name }) => !/^(gated|bilinear|torus)_/.test(name));
    expect(others.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  test("of a network without custom activations are what they were; the others have each formula once", () => {
    for (const shader of including) {
      expect(withActivations(shader, { activation: "relu" })).toBe(shader);
      const { code, bindings, overrides } = withActivations(shader, { activation: "elu", customActivations });
      expect(code.match(/fn custom_value_\d+/g)).toEqual(["fn custom_value_8", "fn custom_value_9"]);
      expect(code.match(/case \d+u: { return vec4f\(custom_\w+/g)).toHaveLength(4);
      expect([bindings, overrides]).toEqual([shader.bindings, shader.overrides]);
      expect(code).toBe(
        withActivations(shader, { activation: "elu", customActivations: { ...customActivations } }).code,
      );
    }
  });

  test("are kept by their code: one name, two formulas, and no second compilation of either", async () => {
    const trials = randomTrials({ inputs: 2, hidden: 3, outputs: 1, time: 3, batch: 2, seed: 1 });
    const double = { name: "mine", value: "2.0 * x", slope: "2.0" };
    const half = { name: "mine", value: "0.5 * x", slope: "0.5" };
    const ratesOf = async (activation: typeof double): Promise<Float32Array> => {
      const network = ctrnn(gpu.device, { structure, activation, alpha: 1, seed: 4 });
      try {
        return (await network.run({ ...trials, steps: 1, inputs: trials.inputs.slice(0, 4) })).rates;
      } finally {
        network.dispose();
      }
    };
    await registerActivation(gpu.device, double);
    const [first, second] = [await ratesOf(double), await ratesOf(half)];
    const { pipelines } = gpu.device.counters;
    expect(await ratesOf({ ...double })).toEqual(first);
    expect(await ratesOf({ ...half })).toEqual(second);
    expect(gpu.device.counters.pipelines).toBe(pipelines);
    for (const [index, rate] of first.entries()) expect(rate).toBeCloseTo(4 * (second[index] ?? 0), 5);
    expect(Math.max(...first.map(Math.abs))).toBeGreaterThan(0.01);
  });
});
