import { describe, expect, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { ctrnn, gradients, losses, registerLoss } from "../../src/index.ts";
import { checkLosses, type Loss, type LossInput, lossNames, lossScale } from "../../src/loss/losses.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Random } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import { train } from "../../src/train/train.ts";
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel, generateTrials } from "../reference/generate.ts";
import type { LossValue } from "../reference/loss.ts";
import { huber, quadraticAbove } from "../reference/loss-custom.ts";
import { onGpu, relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { type LossData, runLosses } from "../support/loss-run.ts";
import { holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly outputs: number;
}
const shapes: readonly Sizes[] = [
  { steps: 2, batch: 1, hidden: 1, outputs: 1 },
  { steps: 3, batch: 5, hidden: 7, outputs: 3 },
  { steps: 13, batch: 11, hidden: 4, outputs: 4 },
  { steps: 65, batch: 2, hidden: 33, outputs: 9 },
];

/** What one replica's terms see; about one mask entry in four is 0. */
function randomData({ steps, batch, hidden, outputs }: Sizes, seed: number): LossData & { mask: Float32Array } {
  const random = new Random(seed, 5);
  const list = (width: number, draw: () => number): Float32Array =>
    Float32Array.from({ length: steps * batch * width }, draw);
  const mask = list(outputs, () => random.choice([0, 0.5, 1, 2]));
  mask[0] = 1;
  const normal = (): number => 2 * random.normal();
  return {
    outputs: list(outputs, normal),
    targets: list(outputs, () => random.normal()),
    mask,
    rates: list(hidden, normal),
  };
}

const squared = { value: "(y - target) * (y - target)", slope: "2.0 * (y - target)" };
const huberText = {
  value: "select(abs(y - target) - 0.5, 0.5 * (y - target) * (y - target), abs(y - target) < 1.0)",
  slope: "clamp(y - target, -1.0, 1.0)",
};
const above = { value: "max(r - 0.5, 0.0) * max(r - 0.5, 0.0)", slope: "2.0 * max(r - 0.5, 0.0)" };

describe("written as the mean squared error, it is the mean squared error to float32", () => {
  const pairs: readonly (readonly [string, LossInput, LossInput])[] = [
    [
      "elements",
      {
        type: "custom",
        on: "outputs",
        value: "mask * mask * (y - target) * (y - target)",
        slope: "2 * mask * mask * (y - target)",
      },
      { type: "meanSquaredError" },
    ],
    [
      "mask, by itself",
      { type: "custom", on: "outputs", ...squared, denominator: "mask", weight: 0.3 },
      { type: "meanSquaredError", denominator: "mask", weight: 0.3 },
    ],
  ];
  for (const [name, custom, builtIn] of pairs) {
    test(name, async () => {
      for (const [index, sizes] of shapes.entries()) {
        const data = [randomData(sizes, index), randomData(sizes, index + 100)];
        const mine = await runLosses(gpu.device, sizes, data, [custom]);
        const theirs = await runLosses(gpu.device, sizes, data, [builtIn]);
        for (const [replica, { values, byOutputs }] of mine.entries()) {
          expect(relative(values, theirs[replica]?.values ?? [])).toBeLessThan(3e-7);
          expect(relative(byOutputs, theirs[replica]?.byOutputs ?? [], 1e-6)).toBeLessThan(3e-7);
        }
      }
    });
  }
});

/** A term in float64, with its weight. */
function referenceOf(loss: Loss, { steps, batch, hidden }: Sizes, data: LossData): LossValue {
  if (loss.type !== "custom") throw new RangeError(loss.type);
  const plain =
    loss.on === "outputs"
      ? huber(data.outputs, data.targets, data.mask, loss.denominator)
      : quadraticAbove(data.rates, { rows: steps * batch, hidden, units: loss.units ?? [0, hidden] }, 0.5);
  return { value: loss.weight * plain.value, gradient: plain.gradient.map((slope) => loss.weight * slope) };
}

describe("against float64", () => {
  const terms = ({ hidden }: Sizes): readonly LossInput[] => [
    { type: "custom", on: "outputs", ...huberText, weight: 0.7 },
    { type: "custom", on: "outputs", ...huberText, denominator: "mask" },
    { type: "custom", on: "rates", ...above },
    {
      type: "custom",
      on: "rates",
      ...above,
      weight: 0.3,
      units: [Math.floor(hidden / 3), Math.ceil((2 * hidden) / 3)],
    },
  ];
  for (const sizes of shapes) {
    test(`Huber and a rate term, alone and added to others, ${JSON.stringify(sizes)}`, async () => {
      const all = checkLosses(terms(sizes));
      const replicas = [randomData(sizes, 7), randomData(sizes, 8)];
      for (const list of [...all.map((loss) => [loss]), all]) {
        const results = await runLosses(gpu.device, sizes, replicas, list);
        for (const [index, data] of replicas.entries()) {
          const expected = list.map((loss) => ({ ...referenceOf(loss, sizes, data), loss }));
          const result = results[index];
          expect(
            relative(
              result?.values ?? [],
              expected.map(({ value }) => value),
              0.1,
            ),
          ).toBeLessThan(2e-6);
          for (const on of ["outputs", "rates"] as const) {
            const own = expected.flatMap(({ loss, gradient }) =>
              loss.type === "custom" && loss.on === on ? [gradient] : [],
            );
            const [first, ...others] = own;
            if (first === undefined) continue;
            const sum = first.map((slope, k) => others.reduce((total, other) => total + (other[k] ?? 0), slope));
            const actual = on === "outputs" ? result?.byOutputs : result?.byRates;
            expect(relative(actual ?? [], sum, 0.1 / (sizes.steps * sizes.batch)), on).toBeLessThan(5e-6);
          }
        }
      }
    });
  }

  for (const family of ["persistent", "stepwise"] as const) {
    test(`back-propagated through a network, ${family}`, async () => {
      const sizes = { steps: 9, batch: 5, hidden: 13, outputs: 3 };
      const options = { ...sizes, inputs: 4, time: sizes.steps, seed: 7 };
      const model = generateModel({ ...options, activation: "softplus", density: 0.6, signed: true });
      const trials = generateTrials(options);
      const trajectory = forward(model, trials, {});
      const data = { outputs: trajectory.outputs, targets: trials.targets, mask: trials.mask, rates: trajectory.r };
      const list: readonly LossInput[] = [
        { type: "custom", name: "huber", on: "outputs", ...huberText, denominator: "mask" },
        { type: "custom", on: "rates", ...above, weight: 0.4, units: [2, 11] },
      ];
      const [byOutputs, byRates] = checkLosses(list).map((loss) => referenceOf(loss, sizes, data)) as [
        LossValue,
        LossValue,
      ];
      const direct = { outputs: byOutputs.gradient, r: byRates.gradient };
      const expected = backward(model, trials, {}, trajectory, direct);
      const actual = await onGpu(gpu.device, model, trials, list, { family, givenV0: false });
      expect(Object.keys(actual.terms)).toEqual(["huber", "custom"]);
      expect(relative(Object.values(actual.terms), [byOutputs.value, byRates.value])).toBeLessThan(1e-5);
      for (const name of parameterNames) {
        expect(relative(actual.parameters[name], expected.parameters[name]), name).toBeLessThan(1e-4);
      }
      expect(relative(actual.rates, expected.r), "dL/dr").toBeLessThan(1e-4);
    });
  }

  test("what is not there has no part: padding, other units, and masked outputs that overflow", async () => {
    const sizes = { steps: 1, batch: 2, hidden: 3, outputs: 1 };
    const data = { outputs: [100, 1], targets: [0, 0], mask: Float32Array.of(0, 1), rates: [0, 0.5, 0, 0, 0.25, 0] };
    // Both are not 0 where y and r are 0, as in padding; 1 / 0 is not even finite.
    const list: readonly LossInput[] = [
      { type: "custom", on: "outputs", value: "exp(y)", slope: "exp(y)" },
      { type: "custom", on: "rates", value: "1 / r", slope: "-1 / (r * r)", units: [1, 2], domain: { r: [0.1, 1] } },
    ];
    const [result] = await runLosses(gpu.device, sizes, [data], list);
    expect(result?.values).toEqual([expect.closeTo(Math.E / 2, 5), expect.closeTo((2 + 4) / 2, 5)]);
    expect(Array.from(result?.byOutputs ?? [])).toEqual([0, expect.closeTo(Math.E / 2, 5)]);
    expect(Array.from(result?.byRates ?? [], (slope) => slope + 0)).toEqual([0, -2, 0, 0, -8, 0]);
    // With a mask of its own, a term is not 0 in padding by the mask.
    const unmasked: LossInput = { type: "custom", on: "outputs", value: "y * (3 - mask)", slope: "3 - mask" };
    const [own] = await runLosses(gpu.device, sizes, [data], [unmasked]);
    expect([own?.values, Array.from(own?.byOutputs ?? [])]).toEqual([[(300 + 2) / 2], [1.5, 1]]);
  });
});

describe("in a list of terms", () => {
  const named = (name?: string): LossInput => ({ type: "custom", on: "rates", ...above, ...(name && { name }) });

  test("each has a name of its own", () => {
    const list = [
      named("a"),
      named(),
      named("rateL2"),
      { type: "rateL2" },
      named("a"),
      named(),
      named("rateL22"),
    ] as const;
    expect(lossNames(checkLosses(list))).toEqual(["a", "custom", "rateL2", "rateL22", "a2", "custom2", "rateL222"]);
  });

  test("training reports it under its name", async () => {
    const network = ctrnn(gpu.device, { structure: dense({ inputs: 2, hidden: 5, outputs: 1 }), seed: 1 });
    const absolute = losses.custom({
      name: "absolute",
      on: "outputs",
      value: "abs(y - target)",
      slope: "sign(y - target)",
    });
    const task = holdTask({ inputs: 2, outputs: 1, steps: 4 });
    const settings = {
      steps: 40,
      batch: 8,
      reportEvery: 40,
      loss: [absolute, named("quiet")],
      validation: { trials: 4, every: 40 },
    };
    for await (const { records } of train(network, task, settings)) {
      const [first, last] = [records[0], records.at(-1)];
      expect(Object.keys(first?.terms ?? {})).toEqual(["absolute", "quiet"]);
      expect(last?.terms["absolute"]).toBeLessThan(first?.terms["absolute"] ?? 0);
    }
    network.dispose();
  });

  test("its place and denominator are checked like any other's", () => {
    const context = { replicas: 1, steps: 3, batch: 2, inputs: 1, hidden: 4, outputs: 2 };
    const scaleOf = (loss: LossInput, mask?: Float32Array): number =>
      lossScale(checkLosses([loss])[0] as Loss, { ...context, mask });
    const onOutputs = { type: "custom", on: "outputs", ...squared } as const;
    expect(scaleOf(onOutputs)).toBeCloseTo(1 / 12);
    expect(scaleOf({ ...onOutputs, denominator: "mask", weight: 2 }, new Float32Array(12).fill(0.5))).toBeCloseTo(
      2 / 6,
    );
    expect(() => scaleOf({ ...onOutputs, denominator: "mask" }, new Float32Array(12))).toThrow(
      new ValueError('custom with denominator "mask": the trial mask sums to 0; it must leave something in.'),
    );
    expect(scaleOf({ type: "custom", on: "rates", ...above, units: [1, 3] })).toBeCloseTo(1 / 12);
    expect(() => scaleOf({ type: "custom", on: "rates", ...above, units: [2, 5] })).toThrow(
      new ValueError("custom: units [2, 5] reach past the last of the network's 4 units."),
    );
  });
});

describe("what is refused", () => {
  const refusals: readonly (readonly [object, string])[] = [
    [
      { on: "outputs", value: "y - goal", slope: "1" },
      'unknown name "goal" at column 5 (the variables are y, target, mask)',
    ],
    [
      { on: "rates", value: "y", slope: "1" },
      'custom: value: unknown name "y" at column 1 (the variable is r), got "y"',
    ],
    [{ on: "rate", ...above }, 'custom: on: expected one of "outputs", "rates", got "rate"; did you mean "rates"?'],
    [above, 'custom: on: missing; expected one of "outputs", "rates"'],
    [{ on: "rates", ...above, denominator: "mask" }, "custom: denominator: unknown key"],
    [{ on: "outputs", ...squared, units: [0, 1] }, "custom: units: unknown key"],
    [
      { on: "outputs", ...squared, name: "my loss" },
      "custom: name: must be a letter, then at most 39 letters, digits or _",
    ],
    [{ on: "rates", ...above, domain: { r: [1, 1] } }, "custom: domain.r: must be [lowest, highest]"],
    [{ on: "rates", ...above, domain: { y: [0, 1] } }, "custom: domain.y: unknown key"],
    [
      { on: "outputs", value: squared.value, slope: "y - target" },
      'loss "custom": slope is 2 at y = 0, target = -2, mask = 1, where the central difference of value is 4.',
    ],
    [
      { on: "outputs", value: "mask * y * y", slope: "2 * y", name: "half" },
      'loss "half": slope is 0.21049 at y = 0.105245, mask = 0, where the central difference of value is 0.',
    ],
    [
      { on: "rates", value: "r * log(r)", slope: "log(r) + 1" },
      'loss "custom": value is NaN at r = 0; it must be finite there.',
    ],
  ];
  for (const [options, message] of refusals) {
    test(message, () => {
      const make = (): unknown => losses.custom(options as Parameters<typeof losses.custom>[0]);
      expect(make).toThrow(message);
      expect(make).toThrow(message.startsWith("loss") ? ValueError : ConfigError);
    });
  }

  test("unless it is used only where it is right", () => {
    const entropy = losses.custom({ on: "rates", value: "r * log(r)", slope: "log(r) + 1", domain: { r: [1e-3, 5] } });
    expect(entropy).toMatchObject({ domain: { r: [1e-3, 5] } });
  });

  test("a term from a file, before any GPU work; one that overflows here, before it is used", async () => {
    const network = ctrnn(gpu.device, { structure: dense({ inputs: 2, hidden: 5, outputs: 1 }), seed: 1 });
    const trials = randomTrials({ inputs: 2, hidden: 5, outputs: 1, time: 3, batch: 2, seed: 1 });
    const wrong: LossInput = { type: "custom", on: "outputs", value: squared.value, slope: "y - target" };
    const { counters } = gpu.device;
    const before = { ...counters };
    await expect(gradients(network, trials, [wrong])).rejects.toThrow(ValueError);
    await expect(gradients(network, trials, [wrong])).rejects.toThrow(/^loss "custom": slope is 2 at y = 0/);
    const source = holdTask({ inputs: 2, outputs: 1, steps: 4 });
    await expect(train(network, source, { steps: 1, loss: [wrong] }).next()).rejects.toThrow(ValueError);
    expect(counters).toEqual(before);
    const naive = { on: "outputs", value: "log(1 + exp(y))", slope: "1 / (1 + exp(-y))" } as const;
    await expect(gradients(network, trials, [losses.custom(naive)])).rejects.toThrow(/gives Infinity for value/);
    await expect(registerLoss(gpu.device, naive)).rejects.toThrow(/gives Infinity for value/);
    await expect(registerLoss(gpu.device, { ...naive, domain: { y: [-20, 20] } })).resolves.toBeDefined();
    network.dispose();
  });
});
