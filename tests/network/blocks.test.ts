import { describe, expect, test } from "vitest";
import { createModel } from "../../src/network/create.ts";
import { Network } from "../../src/network/network.ts";
import { Random, streams } from "../../src/random.ts";
import { type BlocksOptions, blocks } from "../../src/structure/blocks.ts";
import { inputsByName } from "../../src/structure/channels-by-name.ts";
import { submatrix } from "../../src/structure/query.ts";
import type { Structure } from "../../src/structure/structure.ts";
import { gradients } from "../../src/train/gradients.ts";
import { activate } from "../reference/activation.ts";
import { at, largestDifference, relativeDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf } from "../support/trials.ts";

const gpu = testDevice();

/** Three populations with times and activations of their own, in a loop, each with inputs of its own. */
const options = {
  populations: [
    { name: "sensory", size: 5, tauMs: 20, activation: "tanh" },
    { name: "parietal", size: 9, tauMs: 100, activation: "softplus" },
    { name: "motor", size: 3, tauMs: 10, activation: "sigmoid" },
  ],
  inputs: [
    { name: "vision", channels: 2 },
    { name: "cue", channels: 1 },
  ],
  outputs: [
    { name: "hand", channels: 2 },
    { name: "eye", channels: 1 },
  ],
  projections: [
    { from: "vision", to: "sensory" },
    { from: "cue", to: "parietal" },
    { from: "sensory", to: "sensory", density: 0.8 },
    { from: "sensory", to: "parietal", density: 0.5 },
    { from: "parietal", to: "parietal" },
    { from: "parietal", to: "motor" },
    { from: "parietal", to: "sensory", density: 0.6 },
    { from: "motor", to: "parietal" },
    { from: "motor", to: "hand" },
    { from: "sensory", to: "eye" },
  ],
  seed: 4,
} as const satisfies BlocksOptions;
const dtMs = 10;
const sizes = { steps: 14, trials: 3 };

interface Blocks {
  /** One matrix [to, from] for each projection, by `from to`. */
  readonly projections: ReadonlyMap<string, Float64Array>;
  readonly biases: ReadonlyMap<string, Float64Array>;
  readonly alphas: ReadonlyMap<string, number>;
}

const sizeOf = new Map<string, number>([
  ...options.populations.map(({ name, size }): [string, number] => [name, size]),
  ...[...options.inputs, ...options.outputs].map(({ name, channels }): [string, number] => [name, channels]),
]);

function sizeNamed(name: string): number {
  return sizeOf.get(name) ?? Number.NaN;
}

/** Random numbers for each block, rounded to float32, 0 where the structure has no synapse. */
function drawBlocks(structure: Structure): Blocks {
  const random = new Random(1, streams.weights);
  const draw = (length: number, sd: number): Float64Array =>
    Float64Array.from({ length }, () => Math.fround(random.normal(0, sd)));
  const populations: readonly string[] = options.populations.map(({ name }) => name);
  const projections = new Map<string, Float64Array>();
  for (const { from, to } of options.projections) {
    const drawn = draw(sizeNamed(to) * sizeNamed(from), 0.6 / Math.sqrt(sizeNamed(from)));
    const recurrent = populations.includes(from) && populations.includes(to);
    const mask = recurrent ? submatrix(structure, structure.masks.weightHH as Float32Array, to, from).data : undefined;
    projections.set(
      `${from} ${to}`,
      drawn.map((value, index) => value * (mask?.[index] ?? 1)),
    );
  }
  const places = [...populations, ...options.outputs.map(({ name }) => name)];
  return {
    projections,
    biases: new Map(places.map((name) => [name, draw(sizeNamed(name), 0.3)])),
    alphas: new Map(options.populations.map(({ name, tauMs }) => [name, dtMs / tauMs])),
  };
}

/** The block's numbers in the matrices of one network. */
function assemble(structure: Structure, { projections, biases }: Blocks): Record<string, Float32Array> {
  const { inputs, hidden, outputs } = structure;
  const initial = {
    weightIH: new Float32Array(hidden * inputs),
    weightHH: new Float32Array(hidden * hidden),
    weightHO: new Float32Array(outputs * hidden),
    biasH: new Float32Array(hidden),
    biasO: new Float32Array(outputs),
  };
  const [ins, outs] = [structure.inputGroups ?? [], structure.outputGroups ?? []];
  const start = (name: string): number =>
    [...structure.areas, ...ins, ...outs].find((place) => place.name === name)?.from ?? Number.NaN;
  for (const [pair, values] of projections) {
    const [from = "", to = ""] = pair.split(" ");
    const isInput = ins.some(({ name }) => name === from);
    const matrix = isInput
      ? initial.weightIH
      : outs.some(({ name }) => name === to)
        ? initial.weightHO
        : initial.weightHH;
    const width = sizeNamed(from);
    values.forEach((value, index) => {
      const row = start(to) + Math.floor(index / width);
      matrix[row * (isInput ? inputs : hidden) + start(from) + (index % width)] = value;
    });
  }
  for (const [name, values] of biases)
    (outs.some((out) => out.name === name) ? initial.biasO : initial.biasH).set(values, start(name));
  return initial;
}

/** A number for each time and trial of a place: [T][B][units]. */
type Course = number[][][];

/**
 * The populations as arrays of their own, all updated at once from what the others had one step before:
 * v_p[t] = (1-α_p) v_p[t-1] + α_p (b_p + Σ_q W_pq r_q[t-1] + Σ_k W_pk u_k[t]), r_p = f_p(v_p).
 */
function simulate({ projections, biases, alphas }: Blocks, signals: Readonly<Record<string, Float32Array>>) {
  const { steps, trials } = sizes;
  const courses = new Map<string, { rates: Course; states: Course }>();
  for (const { name } of options.populations) courses.set(name, { rates: [], states: [] });
  const outputs = new Map<string, Course>(options.outputs.map(({ name }) => [name, []]));
  const onto = (name: string, sources: (from: string) => ArrayLike<number> | undefined): number[] =>
    Array.from({ length: sizeNamed(name) }, (_, i) => {
      let sum = at(biases.get(name) ?? [], i);
      for (const [pair, matrix] of projections) {
        const [from = "", to] = pair.split(" ");
        const given = to === name ? sources(from) : undefined;
        if (given === undefined) continue;
        for (let j = 0; j < given.length; j += 1) sum += at(matrix, i * given.length + j) * at(given, j);
      }
      return sum;
    });
  for (let t = 0; t < steps; t += 1) {
    const now = new Map<string, { rates: number[][]; states: number[][] }>();
    for (const { name, activation, size } of options.populations) {
      const alpha = alphas.get(name) ?? Number.NaN;
      const states = Array.from({ length: trials }, (_, b) => {
        const drives = onto(name, (from) => {
          const signal = signals[from];
          const width = sizeNamed(from);
          if (signal) return signal.subarray((t * trials + b) * width, (t * trials + b + 1) * width);
          const source = options.populations.find((population) => population.name === from);
          const atRest = new Array<number>(width).fill(activate(source?.activation ?? "linear", 0));
          return t === 0 ? atRest : courses.get(from)?.rates[t - 1]?.[b];
        });
        const before = courses.get(name)?.states[t - 1]?.[b] ?? new Array<number>(size).fill(0);
        return drives.map((drive, i) => (1 - alpha) * at(before, i) + alpha * drive);
      });
      now.set(name, { states, rates: states.map((trial) => trial.map((v) => activate(activation, v))) });
    }
    for (const [name, { rates, states }] of now) {
      courses.get(name)?.rates.push(rates);
      courses.get(name)?.states.push(states);
    }
    for (const [name, course] of outputs)
      course.push(Array.from({ length: trials }, (_, b) => onto(name, (from) => now.get(from)?.rates[b])));
  }
  return { courses, outputs };
}

const structure = blocks(options);
const drawn = drawBlocks(structure);
const model = createModel({ structure, dtMs, initial: assemble(structure, drawn) });
const random = new Random(2, streams.task);
const normal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
const rows = sizes.steps * sizes.trials;
const signals = { vision: normal(rows * 2), cue: normal(rows) };

describe("a network of populations", () => {
  test("is what its blocks are, one by one", async () => {
    const network = new Network(gpu.device, [model]);
    const activity = await network.run({ ...sizes, inputs: signals });
    const { courses, outputs } = simulate(drawn, signals);
    for (const { name, size } of options.populations) {
      const { rates, states } = network.select(activity, { area: name });
      expect(rates.shape).toEqual([sizes.steps, sizes.trials, size]);
      expect(largestDifference(rates.data, courses.get(name)?.rates.flat(2) ?? [])).toBeLessThan(1e-6);
      expect(largestDifference(states.data, courses.get(name)?.states.flat(2) ?? [])).toBeLessThan(1e-6);
    }
    const joined = Array.from({ length: rows }, (_, row) =>
      [...outputs.values()].flatMap((course) => course.flat()[row] ?? []),
    );
    expect(largestDifference(activity.outputs, joined.flat())).toBeLessThan(1e-6);
    network.dispose();
  });

  test("has their gradients: weights of every projection, biases, and alpha of every population", async () => {
    const network = new Network(gpu.device, [model]);
    const targets = normal(rows * 3);
    const inputs = inputsByName(structure, sizes, signals);
    const actual = await gradients(network, { ...sizes, inputs, targets }, [{ type: "meanSquaredError" }]);
    const lossOf = (numbers: Blocks): number => {
      const { outputs } = simulate(numbers, signals);
      let sum = 0;
      for (let row = 0; row < rows; row += 1) {
        const y = [...outputs.values()].flatMap((course) => course.flat()[row] ?? []);
        y.forEach((value, o) => {
          sum += (value - at(targets, row * 3 + o)) ** 2;
        });
      }
      return sum / (rows * 3);
    };
    expect(actual.loss).toBeCloseTo(lossOf(drawn), 5);
    const step = 1e-5;
    const differences = (values: Float64Array): Float64Array =>
      values.map((value, index) => {
        values[index] = value + step;
        const above = lossOf(drawn);
        values[index] = value - step;
        const below = lossOf(drawn);
        values[index] = value;
        return (above - below) / (2 * step);
      });
    const projections = new Map([...drawn.projections].map(([pair, values]) => [pair, differences(values)]));
    const biases = new Map([...drawn.biases].map(([name, values]) => [name, differences(values)]));
    const expected = assemble(structure, { ...drawn, projections, biases });
    for (const name of ["weightIH", "weightHH", "weightHO", "biasH", "biasO"] as const) {
      // A synapse that does not exist has no gradient.
      const mask = name.startsWith("weight") ? structure.masks[name as "weightHH"] : undefined;
      const masked = expected[name]?.map((value, index) => value * (mask?.[index] ?? 1)) ?? [];
      expect(relativeDifference(actual.parameters[name], masked), name).toBeLessThan(1e-4);
    }
    for (const { name, from, to } of structure.areas) {
      const alpha = drawn.alphas.get(name) ?? Number.NaN;
      const shifted = (by: number): number =>
        lossOf({ ...drawn, alphas: new Map([...drawn.alphas, [name, alpha + by]]) });
      const sum = actual.parameters.alpha.subarray(from, to).reduce((total, value) => total + value, 0);
      expect(Math.abs(sum - (shifted(step) - shifted(-step)) / (2 * step))).toBeLessThan(1e-5);
    }
    network.dispose();
  });
});

describe("noise of populations", () => {
  const noise = { pre: 0.3, post: 0.07 };
  const noisy = (first: object, second: object): Structure =>
    blocks({
      inputs: 1,
      outputs: 1,
      populations: [
        { name: "a", size: 3, ...first },
        { name: "b", size: 2, ...second },
      ],
      projections: [
        { from: "a", to: "b" },
        { from: "inputs", to: "a" },
      ],
    });
  const run = async (made: Structure, settings: object = {}): Promise<Float32Array> => {
    const network = new Network(gpu.device, [createModel({ structure: made, seed: 3, ...settings })]);
    const { states } = await network.run({ steps: 5, trials: 2, inputs: new Float32Array(10) });
    network.dispose();
    return states;
  };

  test("is that of a network with this noise, to the bit, without any noise asked of the network", async () => {
    const own = await run(noisy({ noise }, { noise }));
    expect(bitsOf(own)).toEqual(bitsOf(await run(noisy({}, {}), { noise })));
    expect(own.some((value) => value !== 0)).toBe(true);
  });

  test("is each population's own, and what the network is given multiplies it", async () => {
    const made = noisy({ noise: { pre: 0.3 } }, {});
    expect(made.units).toEqual({ noisePre: Float32Array.of(0.3, 0.3, 0.3, 0, 0) });
    expect(made.noise).toEqual({ pre: 1 });
    const { spec } = createModel({ structure: made, noise: { scale: "alpha" } });
    expect(spec.noise).toEqual({ pre: 1, post: 0, scale: "alpha" });
    expect(createModel({ structure: made, noise: { pre: 0.5 } }).spec.noise.pre).toBe(0.5);
    const zero = { weightHH: new Float32Array(25) };
    const states = await run(made, { initial: zero });
    const halved = await run(made, { initial: zero, noise: { pre: 0.5 } });
    states.forEach((value, index) => {
      if (index % 5 < 3) expect(halved[index]).toBeCloseTo(value / 2, 6);
      else expect(value).toBe(0);
      if (index % 5 < 3) expect(value).not.toBe(0);
    });
  });
});
