import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeModelFolder, encodeModelFolder } from "../../src/io/model-file.ts";
import { activations, constraints, dynamicsForms, type NoiseScale, noiseScales } from "../../src/io/model-schema.ts";
import type { Activity, NetworkState } from "../../src/network/activity.ts";
import { modelFromFile, modelToFile } from "../../src/network/create.ts";
import { type Model, type ParameterName, parameterNames, weightNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { parameterOffsets } from "../../src/ops/layout.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, adamw, type Optimizer, rmsprop, sgd } from "../../src/train/optimizer.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { activate } from "../reference/activation.ts";
import { type GeneratedModelOptions, generateModel, specOf } from "../reference/generate.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

// The property tests (a) … (j) of nn4n.md, section 3. Sizes stay within those of one or two workgroup sizes, so that
// few pipelines are compiled.

const gpu = testDevice();

/** Few runs, always the same ones. */
const parameters = { seed: 20_26, numRuns: 6, endOnFailure: true };

const shape = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  inputs: fc.integer({ min: 1, max: 6 }),
  hidden: fc.integer({ min: 5, max: 8 }),
  outputs: fc.integer({ min: 1, max: 5 }),
});
const dynamics = fc.record({
  activation: fc.constantFrom(...activations.filter((name) => name !== "power")),
  form: fc.constantFrom(...dynamicsForms),
});

/** Runs something with a network that is disposed of afterwards. */
async function withNetwork<T>(models: Model | readonly Model[], use: (network: Network) => Promise<T>): Promise<T> {
  const network = new Network(gpu.device, "spec" in models ? [models] : models);
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

function zeros(length: number): Float32Array {
  return new Float32Array(length);
}

/** Rows [time, batch, width] of one trial. */
function oneTrial(values: Float32Array, trials: number, width: number, trial: number): Float32Array {
  const times = values.length / (trials * width);
  return Float32Array.from({ length: times * width }, (_, index) => {
    const [time, column] = [Math.floor(index / width), index % width];
    return at(values, (time * trials + trial) * width + column);
  });
}

describe("(a) two coupled blocks are one dense network with the block matrix", () => {
  test("plain loops over the blocks in float64 agree", () =>
    fc.assert(
      fc.asyncProperty(shape, dynamics, async ({ seed, inputs, outputs }, { activation, form }) => {
        const sizes = [3, 4] as const;
        const hidden = 7;
        const trials = randomTrials({ seed, inputs, hidden, outputs, time: 5, batch: 2 });
        const model = generateModel({ seed, inputs, hidden, outputs, activation, form });
        const { weightIH, weightHH, biasH, weightHO, biasO, alpha, v0 } = model.parameters;
        // Each block has its own state, its own rows, and a matrix for every block that it hears from.
        const starts = [0, sizes[0]] as const;
        const rates: number[][] = [];
        for (let b = 0; b < 2; b += 1) {
          let v = starts.map((start, k) => Array.from(v0.subarray(start, start + (sizes[k] ?? 0))));
          let r = v.map((block) => block.map((value) => activate(activation, value)));
          for (let t = 0; t < 5; t += 1) {
            const next = v.map((block, k) =>
              block.map((value, i) => {
                const row = (starts[k] ?? 0) + i;
                let drive = at(biasH, row);
                for (let c = 0; c < inputs; c += 1) {
                  drive += at(weightIH, row * inputs + c) * at(trials.inputs, (t * 2 + b) * inputs + c);
                }
                for (const [from, sending] of r.entries()) {
                  for (const [j, rate] of sending.entries()) {
                    drive += at(weightHH, row * hidden + (starts[from] ?? 0) + j) * rate;
                  }
                }
                const leaking = form === "state" ? value : (r[k]?.[i] ?? Number.NaN);
                return (1 - at(alpha, row)) * leaking + at(alpha, row) * drive;
              }),
            );
            v = next;
            r = v.map((block) => block.map((value) => activate(activation, value)));
            rates[t * 2 + b] = r.flat();
          }
        }
        const activity = await withNetwork(model, (network) => network.run(trials));
        expect(largestDifference(activity.rates, rates.flat())).toBeLessThan(1e-4);
        const y = rates.flatMap((row) =>
          Array.from(biasO, (bias, o) => row.reduce((sum, rate, j) => sum + at(weightHO, o * hidden + j) * rate, bias)),
        );
        expect(largestDifference(activity.outputs, y)).toBeLessThan(1e-4);
      }),
      parameters,
    ));
});

test("(b) without recurrence a constant input gives v[t] = (1 - (1-α)^t)(W u + b)", () =>
  fc.assert(
    fc.asyncProperty(shape, async (sizes) => {
      const base = generateModel({ ...sizes, activation: "linear" });
      const { inputs, hidden } = sizes;
      const steps = 12;
      const model = {
        ...base,
        parameters: { ...base.parameters, weightHH: zeros(hidden * hidden), v0: zeros(hidden) },
      };
      const u = Float32Array.from({ length: inputs }, (_, index) => Math.sin(sizes.seed + index));
      const constant = Float32Array.from({ length: steps * inputs }, (_, index) => at(u, index % inputs));
      const { states } = await withNetwork(model, (network) => network.run({ steps, trials: 1, inputs: constant }));
      const { weightIH, biasH, alpha } = model.parameters;
      const expected = Float64Array.from({ length: steps * hidden }, (_, index) => {
        const [t, unit] = [Math.floor(index / hidden) + 1, index % hidden];
        let end = at(biasH, unit);
        for (let c = 0; c < inputs; c += 1) end += at(weightIH, unit * inputs + c) * at(u, c);
        return (1 - (1 - at(alpha, unit)) ** t) * end;
      });
      expect(largestDifference(states, expected)).toBeLessThan(1e-5);
    }),
    parameters,
  ));

test("(c) α = 1 is an Elman network, in both forms, to the bit", () =>
  fc.assert(
    fc.asyncProperty(shape, fc.constantFrom("tanh", "relu"), async (sizes, activation) => {
      const { inputs, hidden } = sizes;
      const model = generateModel({ ...sizes, activation, alpha: 1 });
      const trials = randomTrials({ ...sizes, time: 6, batch: 2 });
      const state = await withNetwork(model, (network) => network.run(trials));
      const rate = await withNetwork({ ...model, spec: { ...model.spec, form: "rate" } }, (n) => n.run(trials));
      expect(bitsOf(rate.rates)).toEqual(bitsOf(state.rates));
      const { weightIH, weightHH, biasH, v0 } = model.parameters;
      const expected: number[] = [];
      for (let b = 0; b < 2; b += 1) {
        let h = Array.from(v0, (v) => activate(activation, v));
        for (let t = 0; t < 6; t += 1) {
          h = h.map((_, i) => {
            let sum = at(biasH, i);
            for (let c = 0; c < inputs; c += 1) {
              sum += at(weightIH, i * inputs + c) * at(trials.inputs, (t * 2 + b) * inputs + c);
            }
            for (const [j, rate] of h.entries()) sum += at(weightHH, i * hidden + j) * rate;
            return activate(activation, sum);
          });
          for (const [i, value] of h.entries()) expected[(t * 2 + b) * hidden + i] = value;
        }
      }
      expect(largestDifference(state.rates, expected)).toBeLessThan(1e-4);
    }),
    parameters,
  ));

const optimizers: readonly Optimizer[] = [
  sgd({ lr: 1 }),
  sgd({ lr: 0.3, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  rmsprop({ lr: 0.1, momentum: 0.5 }),
  adam({ lr: 0.3 }),
  adamw({ lr: 0.3, weightDecay: 1 }),
];

/** Fails unless absent synapses are +0 and, under `project`, signs are kept; every effective weight has its sign. */
function expectNoViolation({ spec, masks, signs }: Model, { parameters: now }: Model): void {
  for (const name of weightNames) {
    const [mask, sign] = [masks[name], signs[name]];
    for (const [index, weight] of now[name].entries()) {
      if (mask?.[index] === 0) expect(Object.is(weight, 0), `${name}[${index}] is absent, and ${weight}`).toBe(true);
      if (spec.constraint !== "project" || !sign) continue;
      expect(weight * at(sign, index), `${name}[${index}] has the wrong sign`).toBeGreaterThanOrEqual(0);
      if (sign[index] !== 0) expect(Object.is(weight, -0), `${name}[${index}] is -0`).toBe(false);
    }
  }
}

describe("(d), (e) masks and signs hold after every step, gradients and moments of absent synapses are 0", () => {
  for (const constraint of constraints) {
    for (const optimizer of optimizers) {
      const { type } = optimizer;
      const name = type === "sgd" && optimizer.nesterov ? "Nesterov with weight decay" : type;
      test(`${constraint}, ${name}`, async () => {
        const sizes = { inputs: 3, hidden: 7, outputs: 2, seed: 8 };
        const options: GeneratedModelOptions = { ...sizes, constraint, density: 0.5, signed: true, activation: "tanh" };
        const model = generateModel(options);
        const trials = randomTrials({ ...sizes, time: 4, batch: 3 });
        await withNetwork(model, async (network) => {
          expectNoViolation(model, await network.read());
          const trainer = await Trainer.create(network, fixedTrials(trials), { steps: 6, optimizer, reportEvery: 1 });
          let violations = 0;
          for await (const report of trainer.run()) {
            const now = await network.read();
            expectNoViolation(model, now);
            // Evaluation in between must not move anything.
            if (report.step === 3) {
              await network.run(trials);
              expect(await network.read()).toEqual(now);
            }
            violations += report.step;
          }
          expect(violations).toBe(21);
          const { parameters: flat, moments } = await trainer.checkpoint();
          const { parameters: dW } = await gradients(network, trials, [{ type: "meanSquaredError" }]);
          const offsets = parameterOffsets(network.spec);
          let absent = 0;
          for (const weight of weightNames) {
            for (const [index, present] of (model.masks[weight] ?? []).entries()) {
              if (present === 1) continue;
              absent += 1;
              const place = offsets[weight] + index;
              const values = [flat[place], moments[2 * place], moments[2 * place + 1], dW[weight][index]];
              for (const value of values) expect(Object.is(value, 0), `${weight}[${index}]: ${value}`).toBe(true);
            }
          }
          expect(absent).toBeGreaterThan(20);
          expect(flat.some((value) => value !== 0)).toBe(true);
          trainer.dispose();
        });
      });
    }
  }

  test("an absent synapse is +0 from the start, whatever raw value or -0 the model has there", async () => {
    for (const constraint of constraints) {
      const made = generateModel({ inputs: 3, hidden: 7, outputs: 2, seed: 8, constraint, density: 0.5 });
      const hidden = made.parameters.weightHH.map((w, index) => {
        if (made.masks.weightHH?.[index] !== 0) return w;
        return constraint === "project" ? -0 : w;
      });
      const model = { ...made, parameters: { ...made.parameters, weightHH: hidden } };
      expectNoViolation(model, await withNetwork(model, (network) => network.read()));
    }
  });
});

test("(f) a saved and loaded model gives the same outputs, and training continues to the same weights", () =>
  fc.assert(
    fc.asyncProperty(shape, fc.constantFrom(...constraints), fc.boolean(), async (sizes, constraint, npz) => {
      const options = { ...sizes, constraint, density: 0.6, signed: true, plastic: true, activation: "tanh" } as const;
      const trials = randomTrials({ ...sizes, time: 4, batch: 3 });
      const train = async (network: Network): Promise<void> => {
        const settings = { steps: 3, optimizer: adam({ lr: 0.02 }), clip: 1 };
        const trainer = await Trainer.create(network, fixedTrials(trials), settings);
        for await (const report of trainer.run()) expect(report.step).toBe(3);
        trainer.dispose();
      };
      await withNetwork(generateModel(options), async (network) => {
        await train(network);
        const before = await network.run(trials);
        const saved = encodeModelFolder(modelToFile(await network.read()), npz ? { weights: "npz" } : {});
        const loaded = modelFromFile(decodeModelFolder(saved, "saved"));
        await withNetwork(loaded, async (copy) => {
          expect(bitsOf((await copy.run(trials)).outputs)).toEqual(bitsOf(before.outputs));
          await train(network);
          await train(copy);
          expect((await copy.read()).parameters).toEqual((await network.read()).parameters);
        });
      });
    }),
    { ...parameters, numRuns: 4 },
  ));

test("(g) a batch of B is B single runs, to the bit", () =>
  fc.assert(
    fc.asyncProperty(shape, dynamics, fc.integer({ min: 2, max: 11 }), async (sizes, kind, batch) => {
      const { inputs, hidden, outputs } = sizes;
      const trials = randomTrials({ ...sizes, time: 5, batch, withV0: true });
      await withNetwork(generateModel({ ...sizes, ...kind }), async (network) => {
        const all = await network.run(trials);
        for (const trial of [0, Math.floor(batch / 2), batch - 1]) {
          const one = await network.run({
            ...{ steps: 5, trials: 1, inputs: oneTrial(trials.inputs, batch, inputs, trial) },
            v0: oneTrial(trials.v0 ?? zeros(0), batch, hidden, trial),
          });
          expect(bitsOf(one.rates)).toEqual(bitsOf(oneTrial(all.rates, batch, hidden, trial)));
          expect(bitsOf(one.states)).toEqual(bitsOf(oneTrial(all.states, batch, hidden, trial)));
          expect(bitsOf(one.outputs)).toEqual(bitsOf(oneTrial(all.outputs, batch, outputs, trial)));
        }
      });
    }),
    parameters,
  ));

describe("(h) T steps are two runs of T/2 with the state handed over, to the bit", () => {
  const halves = async (network: Network, trials: Trials, from?: NetworkState): Promise<[Activity, Activity]> => {
    const middle = trials.inputs.length / 2;
    const half = { steps: trials.steps / 2, trials: trials.trials };
    const first = await network.run(
      { ...half, inputs: trials.inputs.slice(0, middle), ...(trials.v0 && { v0: trials.v0 }) },
      { noise: false, ...(from && { state: from }) },
    );
    const second = await network.run(
      { ...half, inputs: trials.inputs.slice(middle) },
      { noise: false, state: first.final },
    );
    return [first, second];
  };
  const expectSame = (whole: Activity, [first, second]: readonly [Activity, Activity]): void => {
    for (const name of ["rates", "states", "outputs"] as const) {
      expect(bitsOf(Float32Array.of(...first[name], ...second[name])), name).toEqual(bitsOf(whole[name]));
    }
    expect(second.final).toEqual(whole.final);
  };

  test("from the model's v0 or the trials' own", () =>
    fc.assert(
      fc.asyncProperty(shape, dynamics, fc.boolean(), async (sizes, kind, withV0) => {
        const trials = randomTrials({ ...sizes, time: 6, batch: 3, withV0 });
        await withNetwork(generateModel({ ...sizes, ...kind }), async (network) => {
          expectSame(await network.run(trials), await halves(network, trials));
        });
      }),
      parameters,
    ));

  test("from a state with post-noise, where r is not f(v)", () =>
    fc.assert(
      fc.asyncProperty(shape, dynamics, async (sizes, kind) => {
        const trials = randomTrials({ ...sizes, time: 4, batch: 3 });
        const model = generateModel({ ...sizes, ...kind, noise: { pre: 0.2, post: 0.3 } });
        await withNetwork(model, async (network) => {
          const { final } = await network.run(trials);
          const plain = Array.from(final.v, (v) => activate(kind.activation, v));
          expect(largestDifference(final.r, plain)).toBeGreaterThan(0.05);
          const whole = await network.run(trials, { noise: false, state: final });
          expectSame(whole, await halves(network, trials, final));
        });
      }),
      parameters,
    ));
});

describe("(i) noise", () => {
  const sizes = { inputs: 2, hidden: 8, outputs: 1, seed: 3 };

  test("is the same for the same seed, another for another, and off where asked", async () => {
    const trials = randomTrials({ ...sizes, time: 5, batch: 3 });
    const model = generateModel({ ...sizes, activation: "tanh", noise: { pre: 0.3, post: 0.1 } });
    const quiet = { ...model, spec: { ...model.spec, noise: { ...model.spec.noise, pre: 0, post: 0 } } };
    const silent = await withNetwork(quiet, (network) => network.run(trials));
    await withNetwork(model, async (network) => {
      const first = await network.run(trials, { seed: 1 });
      expect(bitsOf((await network.run(trials, { seed: 1 })).states)).toEqual(bitsOf(first.states));
      const own = await network.run(trials);
      expect(await network.run(trials, { seed: model.spec.seed })).toEqual(own);
      const other = await network.run(trials, { seed: 2 });
      const moved = Array.from(other.states, (v, index) => Math.abs(v - at(first.states, index)));
      expect(moved.filter((difference) => difference > 1e-3).length).toBeGreaterThan(0.9 * moved.length);
      expect(await network.run(trials, { noise: false })).toEqual(silent);
    });
  });

  test("does not depend on the number of steps, but each trial has its own", async () => {
    const model = { ...generateModel({ ...sizes, activation: "tanh", noise: { pre: 0.3 } }) };
    const inputs = zeros(8 * 2 * 2);
    await withNetwork(model, async (network) => {
      const long = await network.run({ steps: 8, trials: 2, inputs });
      const short = await network.run({ steps: 4, trials: 2, inputs: inputs.slice(16) });
      expect(bitsOf(short.states)).toEqual(bitsOf(long.states.slice(0, short.states.length)));
      expect(oneTrial(long.states, 2, 8, 0)).not.toEqual(oneTrial(long.states, 2, 8, 1));
    });
  });

  const stationary: Record<NoiseScale, (alpha: number) => number> = {
    alpha: (a) => Math.sqrt(a / (2 - a)),
    unit: (a) => 1 / Math.sqrt(a * (2 - a)),
    sqrt2alpha: (a) => Math.sqrt(2 / (2 - a)),
  };
  for (const scale of noiseScales) {
    test(`has the stationary standard deviation of scale "${scale}"; post-noise adds its own`, async () => {
      const [alpha, sigma, post] = [0.4, 0.7, 0.5];
      const spec = specOf({
        inputs: 1,
        hidden: 8,
        outputs: 1,
        activation: "linear",
        noise: { pre: sigma, post, scale },
      });
      const model: Model = {
        ...generateModel({ inputs: 1, hidden: 8, outputs: 1, seed: 1, alpha }),
        spec,
      };
      const still = Object.fromEntries(parameterNames.map((name) => [name, zeros(model.parameters[name].length)]));
      const silent = { ...still, alpha: model.parameters.alpha } as Record<ParameterName, Float32Array>;
      const [steps, trials, warm] = [60, 32, 30];
      const { rates, states } = await withNetwork({ ...model, parameters: silent }, (network) =>
        network.run({ steps, trials, inputs: zeros(steps * trials) }),
      );
      const late = states.subarray(warm * trials * 8);
      const deviation = (values: Float32Array): number =>
        Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      const added = rates.map((r, index) => r - at(states, index));
      expect(deviation(late) / (sigma * stationary[scale](alpha))).toBeGreaterThan(0.96);
      expect(deviation(late) / (sigma * stationary[scale](alpha))).toBeLessThan(1.04);
      expect(deviation(added) / post).toBeGreaterThan(0.97);
      expect(deviation(added) / post).toBeLessThan(1.03);
    });
  }
});

test("(j) gradients are the central differences of the GPU's own loss, α and v0 included", () =>
  fc.assert(
    fc.asyncProperty(shape, fc.constantFrom(...dynamicsForms), async (sizes, form) => {
      const options = { ...sizes, form, activation: "tanh", noise: { pre: 0.1, post: 0.1 } } as const;
      const model = generateModel(options);
      const trials = randomTrials({ ...sizes, time: 4, batch: 3 });
      const losses = [{ type: "meanSquaredError" }, { type: "rateL2", weight: 0.2 }] as const;
      await withNetwork(model, async (network) => {
        const lossOf = async (name: ParameterName, index: number, change: number): Promise<number> => {
          const moved = model.parameters[name].slice();
          moved[index] = at(moved, index) + change;
          network.write({ ...model, parameters: { ...model.parameters, [name]: moved } });
          const { loss } = await gradients(network, trials, losses);
          return loss;
        };
        const { parameters: computed } = await gradients(network, trials, losses);
        for (const name of parameterNames.filter((each) => computed[each].length > 0)) {
          const index = sizes.seed % model.parameters[name].length;
          const step = 1e-2;
          const difference = ((await lossOf(name, index, step)) - (await lossOf(name, index, -step))) / (2 * step);
          const scale = computed[name].reduce((most, g) => Math.max(most, Math.abs(g)), 1e-3);
          expect(Math.abs(at(computed[name], index) - difference) / scale, `${name}[${index}]`).toBeLessThan(0.02);
        }
      });
    }),
    { ...parameters, numRuns: 4 },
  ));
