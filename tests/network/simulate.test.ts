import { afterEach, describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Perturbation } from "../../src/network/perturbation.ts";
import { simulate } from "../../src/network/simulate.ts";
import { Random } from "../../src/random.ts";
import psychrnnFile from "../fixtures/golden/psychrnn/basic-forward.json" with { type: "json" };
import { unitRate } from "../reference/activation.ts";
import { forward } from "../reference/ctrnn.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { goldenTolerance, psychrnnCases } from "../reference/golden.ts";
import { flatten } from "../reference/golden-model.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { perturbed, type ReferencePerturbation } from "../reference/perturb.ts";
import { noiseTwin } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const networks: Network[] = [];
function networkOf(...models: Model[]): Network {
  const network = new Network(gpu.device, models);
  networks.push(network);
  return network;
}
afterEach(() => {
  for (const network of networks.splice(0)) network.dispose();
});

const areas = [
  { name: "early", from: 0, to: 2 },
  { name: "late", from: 4, to: 7 },
];
const layers = [
  { name: "first", from: 0, to: 3 },
  { name: "second", from: 3, to: 7 },
];
const synapses = { release: 0.3, recoveryMs: 200, facilitationMs: 900 };
const gain = [1, 2, 0.5, 1, 1, 3, 1];
const threshold = [0, 0.1, 0, -0.2, 0, 0, 0];
const kinds: [string, Partial<GeneratedModelOptions>][] = [
  ["tanh, 7 units", { activation: "tanh" }],
  ["softplus, one unit", { activation: "softplus", hidden: 1 }],
  ["relu in rate form, 13 units", { activation: "relu", form: "rate", hidden: 13 }],
  ["Dale's law by abs, sparse", { activation: "sigmoid", constraint: "abs", density: 0.6, signed: true }],
  ["layers", { activation: "tanh", layers }],
  ["short-term plasticity and layers", { activation: "sigmoid", shortTermPlasticity: synapses, dtMs: 20, layers }],
  ["gains and thresholds", { activation: "sigmoid", units: { gain, threshold } }],
];
const noise = { pre: 0.2, post: 0.1 };
const [time, batch] = [9, 5];

function random(seed: number, length: number): Float32Array {
  const draw = new Random(seed, 0);
  return Float32Array.from({ length }, () => draw.normal());
}

describe.each(kinds)("%s, with noise, against float64", (_, kind) => {
  const sizes = { inputs: 3, hidden: kind.hidden ?? 7, outputs: 2 };
  const { hidden } = sizes;
  const made = generateModel({ ...sizes, seed: 5, noise, ...kind });
  const model = { ...made, spec: { ...made.spec, areas: hidden === 7 ? areas : [] } };
  const trials = randomTrials({ ...sizes, time, batch, seed: 2, withV0: true });
  const twin = noiseTwin(8, time * batch * hidden);
  const last = hidden - 1;
  const middle = Math.floor(hidden / 2);
  const factors = random(1, hidden * hidden);
  const byStep = random(2, 3 * hidden * hidden);
  const current = random(3, 4 * batch * hidden);
  const kick = random(4, batch * hidden);
  const list: [string, Perturbation[], ReferencePerturbation][] = [
    ["nothing", [], {}],
    [
      "lesions that begin, overlap and end",
      [
        { type: "lesion", units: [0], from: 2, to: 5 },
        { type: "lesion", units: [0, last], from: 4, to: 7 },
      ],
      { silent: (t) => [...(t >= 2 && t < 7 ? [0] : []), ...(t >= 4 && t < 7 ? [last] : [])] },
    ],
    ["a lesion all along", [{ type: "lesion", units: [middle] }], { silent: () => [middle] }],
    [
      "a cut",
      [{ type: "cut", pre: [0], post: [last, middle], from: 3, to: 6 }],
      { factor: (t, post, pre) => (t >= 3 && t < 6 && pre === 0 && (post === last || post === middle) ? 0 : 1) },
    ],
    [
      "connectivity, for a while and step by step",
      [
        { type: "connectivity", factors, from: 1, to: 5 },
        { type: "connectivity", factors: byStep, from: 4, to: 7 },
      ],
      {
        factor: (t, post, pre) =>
          (t >= 1 && t < 5 ? at(factors, post * hidden + pre) : 1) *
          (t >= 4 && t < 7 ? at(byStep, ((t - 4) * hidden + post) * hidden + pre) : 1),
      },
    ],
    [
      "currents",
      [
        { type: "current", current, from: 2, to: 6 },
        { type: "current", current: -0.7, units: [last], from: 5 },
        { type: "current", current: [...random(5, hidden)], to: 1 },
      ],
      {
        current: (t, b, unit) =>
          (t >= 2 && t < 6 ? at(current, ((t - 2) * batch + b) * hidden + unit) : 0) +
          (t >= 5 && unit === last ? -0.7 : 0) +
          (t < 1 ? at(random(5, hidden), unit) : 0),
      },
    ],
    [
      "kicks, before the first step and later",
      [
        { type: "kick", at: 0, v: 0.5, units: [0] },
        { type: "kick", at: 4, v: kick },
        { type: "kick", at: 4, v: 1, units: [last] },
      ],
      {
        kick: (t, b, unit) => {
          if (t === 0) return unit === 0 ? 0.5 : undefined;
          return t === 4 ? at(kick, b * hidden + unit) + (unit === last ? 1 : 0) : undefined;
        },
      },
    ],
    [
      "all at once",
      [
        { type: "lesion", units: [0], to: 4 },
        { type: "connectivity", factors, from: 2 },
        { type: "current", current: 0.4, from: 3, to: 8 },
        { type: "kick", at: 3, v: -0.6 },
      ],
      {
        silent: (t) => (t < 4 ? [0] : []),
        factor: (t, post, pre) => (t >= 2 ? at(factors, post * hidden + pre) : 1),
        current: (t) => (t >= 3 && t < 8 ? 0.4 : 0),
        kick: (t) => (t === 3 ? -0.6 : undefined),
      },
    ],
  ];

  test.each(list)("%s", async (name, perturbations, acts) => {
    const network = networkOf(model);
    const actual = await simulate(network, trials, perturbations, { seed: 8 });
    const sequence = { time, batch, inputs: trials.inputs };
    const expected = perturbed(model, sequence, { ...twin, v0: trials.v0 }, acts, (unit, v) =>
      unitRate(model.spec, unit, v),
    );
    expect(largestDifference(actual.states, expected.v), name).toBeLessThan(3e-5);
    expect(largestDifference(actual.rates, expected.r)).toBeLessThan(3e-5);
    expect(largestDifference(actual.outputs, expected.outputs)).toBeLessThan(3e-5);
    expect([actual.steps, actual.trials]).toEqual([time, batch]);
    expect(bitsOf(actual.final.v)).toEqual(bitsOf(actual.states.slice(-batch * hidden)));
  });
});

describe("what is not perturbed stays as it is, to the bit", () => {
  const sizes = { inputs: 3, hidden: 7, outputs: 2 };
  const made = generateModel({ ...sizes, seed: 5, noise, activation: "tanh" });
  const model = { ...made, spec: { ...made.spec, areas } };
  const trials = randomTrials({ ...sizes, time, batch, seed: 2 });

  test("without perturbations it is network.run", async () => {
    const network = networkOf(model);
    expect(await simulate(network, trials, [], { seed: 8 })).toEqual(await network.run(trials, { seed: 8 }));
  });

  test("up to the first perturbation, and with the same noise in all conditions", async () => {
    const network = networkOf(model);
    const plain = await network.run(trials, { seed: 8 });
    const each: Perturbation[] = [
      { type: "lesion", units: "late", from: 5 },
      { type: "current", current: 1, from: 5 },
      { type: "connectivity", factors: 0, from: 5 },
      { type: "kick", at: 5, v: 1 },
    ];
    for (const one of each) {
      const { states } = await simulate(network, trials, [one], { seed: 8 });
      expect(bitsOf(states.slice(0, 5 * batch * 7)), one.type).toEqual(bitsOf(plain.states.slice(0, 5 * batch * 7)));
      expect(bitsOf(states.slice(6 * batch * 7))).not.toEqual(bitsOf(plain.states.slice(6 * batch * 7)));
    }
    // Perturbations that do nothing, in the same pieces.
    const idle: Perturbation[] = [
      { type: "current", current: 0, from: 2, to: 4 },
      { type: "connectivity", factors: 1, from: 3, to: 7 },
      { type: "kick", at: 6, v: 0 },
    ];
    const { final, ...activity } = await simulate(network, trials, idle, { seed: 8 });
    expect(activity).toEqual({
      steps: time,
      trials: batch,
      rates: plain.rates,
      states: plain.states,
      outputs: plain.outputs,
    });
    expect(final).toEqual(plain.final);
  });

  test("a lesion is that of an area by its name, reported as 0, and leaves nothing behind but its effect", async () => {
    const network = networkOf(model);
    const { rates, outputs } = await simulate(network, trials, [{ type: "lesion", units: "late", from: 3, to: 6 }], {
      noise: false,
    });
    for (const [index, rate] of rates.entries()) {
      const [step, unit] = [Math.floor(index / (batch * 7)), index % 7];
      if (step >= 3 && step < 6 && unit >= 4) expect(Object.is(rate, 0)).toBe(true);
      else expect(rate).not.toBe(0);
    }
    const { weightHO, biasO } = model.parameters;
    const row = 4 * batch + 2;
    let sum = at(biasO, 1);
    for (let unit = 0; unit < 4; unit += 1) sum += at(weightHO, 7 + unit) * at(rates, row * 7 + unit);
    expect(at(outputs, row * 2 + 1)).toBeCloseTo(sum, 5);
    const again = await network.run(trials, { noise: false });
    const reference = forward(model, { time, batch, inputs: trials.inputs });
    expect(largestDifference(again.rates, reference.r)).toBeLessThan(1e-5);
  });

  test("replicas are perturbed each with its own weights and noise", async () => {
    const models = [5, 6].map((seed) => {
      const own = generateModel({ ...sizes, seed, noise, activation: "tanh", density: 0.7, signed: true });
      return { ...own, spec: { ...own.spec, seed } };
    });
    const acts: Perturbation[] = [
      { type: "lesion", units: [1, 2], to: 4 },
      { type: "current", current: 0.3, from: 2, to: 6 },
      { type: "kick", at: 0, v: 0.2 },
      { type: "kick", at: 5, v: -0.4 },
    ];
    const all = await simulate(networkOf(...models), trials, acts);
    for (const [replica, own] of models.entries()) {
      const one = await simulate(networkOf(own), trials, acts);
      for (const name of ["states", "rates", "outputs"] as const) {
        const length = one[name].length;
        const part = all[name].slice(replica * length, (replica + 1) * length);
        expect(largestDifference(part, one[name]), `${name} of ${replica}`).toBeLessThan(1e-6);
      }
    }
  });

  test("a run is continued from a state, its noise where it was, and a lesion from the start silences that state", async () => {
    const network = networkOf(model);
    const acts: Perturbation[] = [{ type: "current", current: 0.5, from: 1, to: 3 }];
    const first = await network.run(
      { steps: 4, trials: batch, inputs: trials.inputs.slice(0, 4 * batch * 3) },
      { seed: 8 },
    );
    const rest = { steps: 5, trials: batch, inputs: trials.inputs.slice(4 * batch * 3) };
    const later = await simulate(network, rest, acts, { seed: 8, state: first.final, firstStep: 4 });
    const whole = await simulate(network, trials, [{ type: "current", current: 0.5, from: 5, to: 7 }], { seed: 8 });
    expect(bitsOf(later.states)).toEqual(bitsOf(whole.states.slice(4 * batch * 7)));
    const silent = await simulate(network, rest, [{ type: "lesion", units: [0] }], {
      state: first.final,
      noise: false,
    });
    const r = first.final.r.map((rate, index) => (index % 7 === 0 ? 0 : rate));
    const { v } = perturbed(
      model,
      { time: 5, batch, inputs: rest.inputs },
      { v0: first.final.v, r0: r },
      { silent: () => [0] },
      (unit, x) => unitRate(model.spec, unit, x),
    );
    expect(largestDifference(silent.states, v)).toBeLessThan(1e-5);
  });

  test("PsychRNN's t_connectivity", async () => {
    const [index, entry] =
      psychrnnFile.cases.map((one, place) => [place, one] as const).find(([, one]) => one.t_connectivity) ?? [];
    const example = index === undefined ? undefined : psychrnnCases()[index];
    if (!entry?.t_connectivity || example === undefined) throw new RangeError("no case");
    const { inputs } = example.trials;
    const factors = Float32Array.from(flatten(entry.t_connectivity));
    const { states, outputs } = await simulate(networkOf(example.model), { steps: 6, trials: 3, inputs }, [
      { type: "connectivity", factors },
    ]);
    expect(largestDifference(states, example.expected.states ?? [])).toBeLessThan(goldenTolerance.states);
    expect(largestDifference(outputs, example.expected.outputs ?? [])).toBeLessThan(goldenTolerance.states);
  });

  test.each<[string, unknown, new (message: string) => Error, RegExp]>([
    ["an unknown type", { type: "leison", units: [0] }, ConfigError, /\[0\]\.type: expected one of .*"lesion"/],
    ["an unknown key", { type: "lesion", unit: [0] }, ConfigError, /\[0\]\.unit: unknown key; did you mean "units"\?/],
    ["an unknown area", { type: "lesion", units: "lat" }, ConfigError, /there is no area "lat"; did you mean "late"\?/],
    [
      "no such unit",
      { type: "lesion", units: [7] },
      ValueError,
      /\[0\] \(lesion\): units: expected units 0 to 6, got 7/,
    ],
    ["no such step", { type: "lesion", units: [0], from: 5, to: 10 }, ValueError, /0 <= from < to <= 9, got \[5, 10\)/],
    [
      "a gate",
      { type: "current", current: 1, gate: "f" },
      ConfigError,
      /\[0\] \(current\): gate: a ctrnn has no gates/,
    ],
    ["a rate apart from v", { type: "kick", at: 1, r: 1 }, ConfigError, /r: the rate of a ctrnn follows from its v/],
    ["nothing in between", { type: "current", current: 1, from: 4, to: 4 }, ValueError, /from < to/],
    ["a kick after the end", { type: "kick", at: 9, v: 1 }, ValueError, /expected a step of 0 to 8/],
    [
      "factors of another size",
      { type: "connectivity", factors: new Float32Array(48) },
      ShapeError,
      /factors: expected \[7, 7\] \(hidden, hidden\) or \[9, 7, 7\] \(steps, hidden, hidden\), got 48/,
    ],
    [
      "a current of another size",
      { type: "current", current: [1, 2], from: 2 },
      ShapeError,
      /expected \[7\] \(hidden\) or \[7, 5, 7\] \(steps, batch, hidden\)/,
    ],
    ["a kick of another size", { type: "kick", at: 1, v: [1] }, ShapeError, /v: expected \[7\] \(hidden\) or \[5, 7\]/],
    [
      "a value that is no number",
      { type: "kick", at: 1, v: new Float32Array(7).fill(Number.NaN) },
      ValueError,
      /v: value 0 is NaN/,
    ],
  ])("%s is refused", async (_, perturbation, type, message) => {
    const failed = simulate(networkOf(model), trials, [perturbation as Perturbation]);
    await expect(failed).rejects.toThrow(type);
    await expect(failed).rejects.toThrow(message);
  });
});
