import { afterEach, describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Perturbation } from "../../src/network/perturbation.ts";
import { simulate } from "../../src/network/simulate.ts";
import { Random } from "../../src/random.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { type GatedPerturbation, perturbedGated } from "../reference/perturb.ts";
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

const noise = { pre: 0.2, post: 0.1 };
const [time, batch] = [9, 9];
const kinds: [string, Partial<GeneratedModelOptions> & { cell: "lstm" | "gru" }][] = [
  ["lstm", { cell: "lstm" }],
  [
    "lstm with h = o sigmoid(c), Dale's law by abs, sparse",
    { cell: "lstm", lstmOutput: "sigmoid", constraint: "abs", density: 0.6, signed: true },
  ],
  ["gru", { cell: "gru" }],
  ["gru, one unit", { cell: "gru", hidden: 1 }],
  [
    "gru, 13 units, own noise",
    { cell: "gru", hidden: 13, units: { noisePre: Array(13).fill(0.5), noisePost: Array(13).fill(2) } },
  ],
];

function random(seed: number, length: number): Float32Array {
  const draw = new Random(seed, 0);
  return Float32Array.from({ length }, () => draw.normal());
}

describe.each(kinds)("%s, with noise, against float64", (_, kind) => {
  const sizes = { inputs: 3, hidden: kind.hidden ?? 7, outputs: 2 };
  const { hidden } = sizes;
  const isLstm = kind.cell === "lstm";
  const model = generateModel({ ...sizes, seed: 5, noise, ...kind });
  const trials = randomTrials({ ...sizes, time, batch, seed: 2, withV0: true });
  const twin = noiseTwin(8, time * batch * hidden);
  const last = hidden - 1;
  const middle = Math.floor(hidden / 2);
  const factors = random(1, hidden * hidden);
  const byStep = random(2, 3 * hidden * hidden);
  const current = random(3, 4 * batch * hidden);
  const kick = random(4, batch * hidden);
  const candidate = 2;
  const list: [string, Perturbation[], GatedPerturbation][] = [
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
      "a cut, and connectivity step by step",
      [
        { type: "cut", pre: [0], post: [last, middle], from: 3, to: 6 },
        { type: "connectivity", factors, from: 1, to: 5 },
        { type: "connectivity", factors: byStep, from: 4, to: 7 },
      ],
      {
        factor: (t, post, pre) =>
          (t >= 3 && t < 6 && pre === 0 && (post === last || post === middle) ? 0 : 1) *
          (t >= 1 && t < 5 ? at(factors, post * hidden + pre) : 1) *
          (t >= 4 && t < 7 ? at(byStep, ((t - 4) * hidden + post) * hidden + pre) : 1),
      },
    ],
    [
      "currents into the candidate and into gates",
      [
        { type: "current", current, from: 2, to: 6 },
        { type: "current", current: -0.7, units: [last], gate: isLstm ? "f" : "z", from: 5 },
        { type: "current", current: 1.5, gate: isLstm ? "o" : "r", to: 3 },
      ],
      {
        current: (t, b, gate, unit) =>
          (gate === candidate && t >= 2 && t < 6 ? at(current, ((t - 2) * batch + b) * hidden + unit) : 0) +
          (gate === 1 && t >= 5 && unit === last ? -0.7 : 0) +
          (gate === (isLstm ? 3 : 0) && t < 3 ? 1.5 : 0),
      },
    ],
    [
      "kicks, before the first step and later",
      [
        { type: "kick", at: 0, v: 0.5, units: [0] },
        { type: "kick", at: 4, v: kick, ...(isLstm && { r: 0.3 }) },
        { type: "kick", at: 4, v: 1, units: [last] },
      ],
      {
        kick: (t, b, unit) => {
          if (t === 0) return unit === 0 ? 0.5 : 0;
          return t === 4 ? at(kick, b * hidden + unit) + (unit === last ? 1 : 0) : 0;
        },
        rateKick: (t) => (t === 4 && isLstm ? 0.3 : 0),
      },
    ],
    [
      "all at once, onto silent units too",
      [
        { type: "lesion", units: [0], to: 4 },
        { type: "connectivity", factors, from: 2 },
        { type: "current", current: 0.4, to: 8 },
        { type: "current", current: 9, gate: isLstm ? "o" : "z", from: 1, to: 8 },
        { type: "kick", at: 0, v: -0.6 },
        { type: "kick", at: 4, v: -0.6, ...(isLstm && { r: 0.2 }) },
      ],
      {
        silent: (t) => (t < 4 ? [0] : []),
        factor: (t, post, pre) => (t >= 2 ? at(factors, post * hidden + pre) : 1),
        current: (t, _b, gate) =>
          (gate === candidate && t < 8 ? 0.4 : 0) + (gate === (isLstm ? 3 : 1) && t >= 1 && t < 8 ? 9 : 0),
        kick: (t) => (t === 0 || t === 4 ? -0.6 : 0),
        rateKick: (t) => (t === 4 && isLstm ? 0.2 : 0),
      },
    ],
  ];

  test.each(list)("%s", async (_name, perturbations, acts) => {
    const network = networkOf(model);
    const actual = await simulate(network, trials, perturbations, { seed: 8 });
    const sequence = { time, batch, inputs: trials.inputs };
    const expected = perturbedGated(model, sequence, { ...twin, v0: trials.v0 }, acts);
    expect(largestDifference(actual.states, expected.v)).toBeLessThan(3e-5);
    expect(largestDifference(actual.rates, expected.r)).toBeLessThan(3e-5);
    expect(largestDifference(actual.outputs, expected.outputs)).toBeLessThan(3e-5);
    expect([actual.steps, actual.trials]).toEqual([time, batch]);
    expect(bitsOf(actual.final.v)).toEqual(bitsOf(actual.states.slice(-batch * hidden)));
  });
});

describe.each(["lstm", "gru"] as const)("%s", (cell) => {
  const sizes = { inputs: 3, hidden: 7, outputs: 2 };
  const areas = [{ name: "late", from: 4, to: 7 }];
  const made = generateModel({ ...sizes, cell, seed: 5, noise });
  const model = { ...made, spec: { ...made.spec, areas } };
  const trials = randomTrials({ ...sizes, time, batch, seed: 2 });

  test("without perturbations, and with some that do nothing, it is network.run to the bit", async () => {
    const network = networkOf(model);
    const plain = await network.run(trials, { seed: 8 });
    expect(await simulate(network, trials, [], { seed: 8 })).toEqual(plain);
    const idle: Perturbation[] = [
      { type: "current", current: 0, from: 2, to: 4 },
      { type: "connectivity", factors: 1, from: 3, to: 7 },
      { type: "kick", at: 6, v: 0 },
    ];
    expect(await simulate(network, trials, idle, { seed: 8 })).toEqual(plain);
  });

  test("a lesion begins with its first step, is exactly 0, and ends", async () => {
    const network = networkOf(model);
    const plain = await network.run(trials, { seed: 8 });
    const { rates, states } = await simulate(network, trials, [{ type: "lesion", units: "late", from: 3, to: 6 }], {
      seed: 8,
    });
    expect(bitsOf(rates.slice(0, 3 * batch * 7))).toEqual(bitsOf(plain.rates.slice(0, 3 * batch * 7)));
    for (const [index, rate] of rates.entries()) {
      const [step, unit] = [Math.floor(index / (batch * 7)), index % 7];
      const isSilent = step >= 3 && step < 6 && unit >= 4;
      expect(rate === 0).toBe(isSilent);
      expect(states[index] === 0).toBe(isSilent);
      // The others still see its last rate in the lesion's first step.
      if (step === 3 && unit < 4) expect(rate).toBe(plain.rates[index]);
      if (step === 4 && unit < 4) expect(rate).not.toBe(plain.rates[index]);
    }
  });

  test("replicas are perturbed each with its own weights and noise, and continue from a state", async () => {
    const models = [5, 6].map((seed) => {
      const own = generateModel({ ...sizes, cell, seed, noise, density: 0.7, signed: true });
      return { ...own, spec: { ...own.spec, seed } };
    });
    const acts: Perturbation[] = [
      { type: "lesion", units: [1, 2], to: 4 },
      { type: "current", current: 0.3, from: 2, to: 6 },
      { type: "kick", at: 5, v: -0.4 },
    ];
    const network = networkOf(...models);
    const all = await simulate(network, trials, acts);
    for (const [replica, own] of models.entries()) {
      const one = await simulate(networkOf(own), trials, acts);
      for (const name of ["states", "rates", "outputs"] as const) {
        const { length } = one[name];
        const part = all[name].slice(replica * length, (replica + 1) * length);
        expect(largestDifference(part, one[name]), `${name} of ${replica}`).toBeLessThan(1e-6);
      }
    }
    const length = 4 * batch * 3;
    const first = await simulate(network, { steps: 4, trials: batch, inputs: trials.inputs.slice(0, length) }, [
      { type: "lesion", units: [1, 2] },
      { type: "current", current: 0.3, from: 2 },
    ]);
    const rest = { steps: 5, trials: batch, inputs: trials.inputs.slice(length) };
    const then: Perturbation[] = [
      { type: "current", current: 0.3, to: 2 },
      { type: "kick", at: 1, v: -0.4 },
    ];
    const second = await simulate(network, rest, then, { state: first.final, firstStep: 4 });
    expect(second.final).toEqual(all.final);
  });

  test.each<[string, unknown, RegExp]>([
    [
      "a gate that there is not",
      { type: "current", current: 1, gate: "q" },
      cell === "lstm" ? /gate: expected one of i, f, g, o, got "q"/ : /gate: expected one of r, z, n, got "q"/,
    ],
    ["a kick of nothing", { type: "kick", at: 1 }, /\[0\] \(kick\): expected v, by how much it is moved/],
    ...(cell === "gru"
      ? [
          ["a rate apart from the state", { type: "kick", at: 1, r: 1 }, /r: the rate of a gru follows from its v/] as [
            string,
            unknown,
            RegExp,
          ],
        ]
      : []),
  ])("%s is refused", async (_, perturbation, message) => {
    const failed = simulate(networkOf(model), trials, [perturbation as Perturbation]);
    await expect(failed).rejects.toThrow(ConfigError);
    await expect(failed).rejects.toThrow(message);
  });
});
