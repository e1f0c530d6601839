import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { constraints, dynamicsForms, noiseScales } from "../../src/io/model-schema.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { type Model, type ParameterName, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { Random, streams } from "../../src/random.ts";
import { type Gradients, gradients } from "../../src/train/gradients.ts";
import { localRule, type RuleInput, ruleSchema } from "../../src/train/rule.ts";
import { forward } from "../reference/ctrnn.ts";
import { localGradients } from "../reference/eligibility.ts";
import { type GeneratedModelOptions, generateModel, generateTrials } from "../reference/generate.ts";
import { meanSquaredError, rateL2 } from "../reference/loss.ts";
import { noiseTwin, relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const error: LossInput = { type: "meanSquaredError" };

interface RuleCase {
  readonly model: GeneratedModelOptions;
  readonly time: number;
  readonly batch: number;
  readonly rule: RuleInput;
  readonly rateWeight: number;
  readonly replicas: number;
  readonly givenV0?: boolean;
}

/** Fails unless all gradients agree with the float64 traces, in the last replica and, if there are several, the first. */
async function expectAgreement(one: RuleCase): Promise<void> {
  const models = Array.from({ length: one.replicas }, (_, replica) => {
    const model = generateModel({ ...one.model, seed: one.model.seed + replica });
    return { ...model, spec: { ...model.spec, seed: one.model.seed + replica } };
  });
  const network = new Network(gpu.device, models);
  const options = { ...one.model, time: one.time, batch: one.batch };
  const trials = randomTrials({ ...options, withV0: one.givenV0 ?? false });
  const { v0 } = generateTrials(options);
  const sequence = { time: one.time, batch: one.batch, inputs: trials.inputs };
  const losses: LossInput[] = [
    error,
    ...(one.rateWeight > 0 ? [{ type: "rateL2", weight: one.rateWeight } as const] : []),
  ];
  const rule = ruleSchema.parse(one.rule);
  for (const replica of new Set([0, one.replicas - 1])) {
    const model = models[replica] as Model;
    const { spec } = model;
    const noise = noiseTwin(spec.seed, one.time * one.batch * spec.hidden);
    const start = { ...(one.givenV0 && { v0 }), ...noise };
    const trajectory = forward(model, sequence, start);
    const direct = {
      outputs: meanSquaredError(trajectory.outputs, trials.targets, trials.mask).gradient,
      r: rateL2(trajectory.r).gradient.map((value) => one.rateWeight * value),
    };
    const feedback = localRule(rule, [], spec, network.seeds)?.feedback?.[replica];
    const type = rule.type === "rflo" ? "rflo" : "eprop";
    const expected = localGradients(model, sequence, start, trajectory, direct, { type, feedback });
    const actual = await gradients(network, trials, losses, { rule: one.rule, replica });
    for (const name of parameterNames) {
      if (name === "v0" && one.givenV0) continue;
      expect(relative(actual.parameters[name], expected[name]), `${name}, replica ${replica}`).toBeLessThan(1e-4);
    }
  }
  network.dispose();
}

const rules: readonly RuleInput[] = [
  { type: "eprop" },
  { type: "eprop", feedback: "random" },
  { type: "rflo" },
  { type: "rflo", feedback: "symmetric" },
];
const sizes = [1, 2, 3, 7, 17, 33];

/** Case number `index` of an endless list of random shapes and options. */
function randomCase(index: number): RuleCase {
  const random = new Random(2027, 78, index);
  const size = (): number => random.choice(sizes);
  const hidden = size();
  const activation = random.choice(["tanh", "relu", "softplus"] as const);
  const gains = { gain: Array.from({ length: hidden }, () => random.uniform(0.5, 1.5)) };
  return {
    model: {
      ...{ seed: index, inputs: size(), hidden, outputs: size(), activation },
      form: random.choice(dynamicsForms),
      constraint: random.choice(constraints),
      noise: random.uniform() < 0.5 ? { pre: 0.1, post: 0.05, scale: random.choice(noiseScales) } : {},
      ...(random.uniform() < 0.3 && { units: gains }),
      ...(random.uniform() < 0.5 && { density: 0.6 }),
      signed: random.uniform() < 0.5,
    },
    time: size(),
    batch: size(),
    rule: rules[index % rules.length] ?? { type: "eprop" },
    rateWeight: random.choice([0, 0.3]),
    replicas: random.choice([1, 3]),
    givenV0: random.uniform() < 0.3,
  };
}

describe("local rules on the GPU agree with traces that run forward in time, in float64", () => {
  for (let index = 0; index < 16; index += 1) {
    const one = randomCase(index);
    const { inputs, hidden, outputs, activation, form } = one.model;
    const kind = `${JSON.stringify(one.rule)}, ${activation}, ${form} form, ${one.replicas} replicas`;
    test(`T ${one.time} B ${one.batch} N ${hidden} I ${inputs} O ${outputs}, ${kind}`, () => expectAgreement(one));
  }

  const model = { seed: 5, inputs: 3, hidden: 9, outputs: 2, activation: "softplus" } as const;
  const layers = [
    { name: "first", from: 0, to: 3 },
    { name: "second", from: 3, to: 9 },
  ];
  const synapses = { dtMs: 100, shortTermPlasticity: { release: 0.4, recoveryMs: 300, facilitationMs: 500 } };
  for (const [index, rule] of rules.entries()) {
    const form = dynamicsForms[index % 2] ?? "state";
    test(`more rows than one slice, ${JSON.stringify(rule)}`, () =>
      expectAgreement({ model: { ...model, form }, time: 40, batch: 27, rule, rateWeight: 0, replicas: 2 }));
    test(`layers whose synapses change, ${JSON.stringify(rule)}`, () =>
      expectAgreement({
        ...{ model: { ...model, ...synapses, form, layers }, time: 6, batch: 3, rule, rateWeight: 0.2, replicas: 1 },
      }));
  }
});

describe("e-prop with the readout's own weights is BPTT", () => {
  const shape = { inputs: 3, hidden: 7, outputs: 2, seed: 9 };
  const losses: LossInput[] = [error, { type: "rateL2", weight: 0.5 }];

  async function both(model: Model, time: number): Promise<[Gradients, Gradients]> {
    const network = new Network(gpu.device, [model]);
    const trials = randomTrials({ ...shape, time, batch: 5 });
    const exact = await gradients(network, trials, losses);
    const local = await gradients(network, trials, losses, { rule: { type: "eprop" } });
    network.dispose();
    return [exact, local];
  }

  for (const form of dynamicsForms) {
    test(`of all parameters where no unit reaches another, ${form} form`, async () => {
      const model = generateModel({ ...shape, activation: "tanh", form, noise: { pre: 0.1, post: 0.1 } });
      const alone = { ...model, parameters: { ...model.parameters, weightHH: new Float32Array(49) } };
      const [exact, local] = await both(alone, 12);
      for (const name of parameterNames) {
        expect(relative(local.parameters[name], exact.parameters[name]), name).toBeLessThan(1e-6);
      }
      for (const name of ["states", "rates", "initialState", "initialRates"] as const) {
        expect(relative(local[name], exact[name]), name).toBeLessThan(1e-6);
      }
      expect(local.loss).toBe(exact.loss);
      expect(local.outputs).toEqual(exact.outputs);
    });

    test(`of all but v0 in one time step, and of the readout alone in more, ${form} form`, async () => {
      const model = generateModel({ ...shape, activation: "sigmoid", form });
      const differ = ([exact, local]: [Gradients, Gradients]): ParameterName[] =>
        parameterNames.filter((name) => relative(local.parameters[name], exact.parameters[name]) > 1e-6);
      expect(differ(await both(model, 1))).toEqual(["v0"]);
      const hidden = parameterNames.filter(
        (name) => name !== "weightHO" && name !== "biasO" && hasParameter("ctrnn", name),
      );
      expect(differ(await both(model, 3))).toEqual(hidden);
    });
  }
});

describe("random feedback", () => {
  const spec = { cell: "ctrnn", hidden: 400, outputs: 9 } as const;
  const feedbackOf = (rule: RuleInput, seeds: readonly number[]): readonly Float32Array[] =>
    localRule(ruleSchema.parse(rule), [], spec, seeds)?.feedback ?? [];

  test("is normal, with a seed for each replica, from a stream of its own", () => {
    const [first, second] = feedbackOf({ type: "rflo" }, [7, 8]);
    const mean = (values: Float32Array, power: number): number =>
      values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    for (const values of [first, second] as Float32Array[]) {
      expect(values).toHaveLength(3600);
      expect(Math.abs(mean(values, 1))).toBeLessThan(0.03);
      expect(9 * mean(values, 2)).toBeCloseTo(1, 1);
    }
    expect(feedbackOf({ type: "eprop", feedback: "random", seed: 7 }, [1, 2])).toEqual([first, second]);
    expect(feedbackOf({ type: "rflo", scale: 3 }, [7])[0]?.[5]).toBeCloseTo(3 * (first?.[5] ?? 0), 6);
    expect(Object.values(streams).filter((stream) => stream === streams.feedback)).toEqual([streams.feedback]);
  });
});

describe("errors say what to do", () => {
  const shape = { inputs: 2, hidden: 3, outputs: 1, seed: 1 };
  const trials = randomTrials({ ...shape, time: 2, batch: 2 });

  async function failure(rule: unknown, losses: readonly LossInput[] = [error]): Promise<unknown> {
    const network = new Network(gpu.device, [generateModel(shape)]);
    try {
      return await gradients(network, trials, losses, { rule: rule as RuleInput });
    } catch (thrown) {
      return thrown;
    } finally {
      network.dispose();
    }
  }

  test("a rule that does not exist, a key that does not", async () => {
    expect(await failure({ type: "e-prop" })).toEqual(
      new ConfigError(
        'gradients: rule: type: expected one of "bptt", "eprop", "rflo", got "e-prop"; did you mean "eprop"?',
      ),
    );
    expect(await failure({ type: "rflo", feedbak: "random" })).toEqual(
      new ConfigError('gradients: rule: feedbak: unknown key; did you mean "feedback"?'),
    );
    expect(await failure({ type: "bptt", feedback: "random" })).toBeInstanceOf(ConfigError);
  });

  test("numbers of weights that are not random", async () => {
    expect(await failure({ type: "eprop", seed: 3 })).toEqual(
      new ConfigError(
        'rule: seed is of random feedback weights, and feedback is "symmetric". Leave it out, or set feedback: "random".',
      ),
    );
    expect(await failure({ type: "rflo", feedback: "symmetric", scale: 3 })).toBeInstanceOf(ConfigError);
  });

  test("Ω, which is about gradients of BPTT", async () => {
    expect(await failure({ type: "eprop" }, [error, { type: "omega" }])).toEqual(
      new ConfigError(
        'rule: the term omega is about gradients that go back through time, and under "eprop" there are none. Leave out one of the two.',
      ),
    );
  });
});
