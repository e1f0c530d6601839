import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { losses as lossTerms } from "../../src/index.ts";
import { checkLosses, type Loss, type LossInput, lossScale } from "../../src/loss/losses.ts";
import { trialSets } from "../../src/loss/population-kl-term.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { Random } from "../../src/random.ts";
import { gradients } from "../../src/train/gradients.ts";
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel, generateTrials } from "../reference/generate.ts";
import { type LossValue, rateL2 } from "../reference/loss.ts";
import { populationKL, targetRates } from "../reference/loss-recordings.ts";
import { type Numbers, plus } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { type LossData, runLosses } from "../support/loss-run.ts";
import { bitsOf } from "../support/trials.ts";

const gpu = testDevice();

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
}

/** Rates, and recordings of `columns` units: where the mask is 0 the target is NaN. */
function randomData({ steps, batch, hidden }: Sizes, columns: number, seed: number, masked = true): LossData {
  const random = new Random(seed, 7);
  const rows = steps * batch;
  const list = (length: number, draw: () => number): Float32Array => Float32Array.from({ length }, draw);
  const rateMask = list(rows * columns, () => random.choice([0, 0.5, 1, 2]));
  rateMask[0] = 1; // so that no mask sums to 0
  const rateTargets = rateMask.map((m) => (masked && m === 0 ? Number.NaN : random.normal()));
  const [outputs, targets] = [new Float32Array(rows), new Float32Array(rows)];
  // Units differ in mean and spread between trials, or there would be little to tell sets apart by.
  const rates = list(
    rows * hidden,
    (() => {
      let index = 0;
      return () => {
        const trial = Math.floor(index / hidden) % batch;
        index += 1;
        return (0.5 + trial / batch) * random.normal() + (trial % 3);
      };
    })(),
  );
  return { outputs, targets, rates, rateTargets, ...(masked && { rateMask }) };
}

/** A term in float64, with its weight. */
function referenceOf(loss: Loss, { steps, batch, hidden }: Sizes, rates: Numbers, data: Partial<LossData>): LossValue {
  const plain = (): LossValue => {
    if (loss.type === "rateL2") return rateL2(rates);
    if (loss.type === "targetRates") {
      const { rateTargets = [], rateMask } = data;
      const columns = rateTargets.length / (steps * batch);
      const units = loss.units ?? Array.from({ length: columns }, (_, unit) => unit);
      return targetRates(rates, hidden, units, rateTargets, rateMask, loss.denominator);
    }
    if (loss.type !== "populationKL") throw new RangeError(`${loss.type} has no reference here`);
    const [one, other] = trialSets(loss, batch);
    const shape = { time: steps, batch, hidden, units: loss.units ?? ([0, hidden] as const) };
    const { symmetric, squareWeight, reduction, varianceFloor: floor } = loss;
    const sets = [
      [one.first, one.end],
      [other.first, other.end],
    ] as const;
    return populationKL(rates, shape, { sets, symmetric, squareWeight, reduction, floor });
  };
  const { value, gradient } = plain();
  return { value: loss.weight * value, gradient: gradient.map((slope) => loss.weight * slope) };
}

/** Runs terms on two replicas with different data and compares every value and the summed gradient with the reference. */
async function expectAgreement(
  sizes: Sizes,
  replicas: readonly LossData[],
  losses: readonly LossInput[],
  tolerance = 1e-5,
) {
  const terms = checkLosses(losses);
  const results = await runLosses(gpu.device, { ...sizes, outputs: 1 }, replicas, losses);
  for (const [index, data] of replicas.entries()) {
    const expected = terms.map((loss) => referenceOf(loss, sizes, data.rates, data));
    const values = expected.map(({ value }) => value);
    const label = `replica ${index} of ${JSON.stringify(sizes)}, ${JSON.stringify(losses)}`;
    expect(relative(results[index]?.values ?? [], values, 0.1), label).toBeLessThan(3e-6);
    const gradient = expected.map((one) => one.gradient).reduce((a, b) => plus(a, b));
    expect(relative(results[index]?.byRates ?? [], gradient, 1e-6), `${label}, gradient`).toBeLessThan(tolerance);
  }
}

const shapes: readonly Sizes[] = [
  { steps: 1, batch: 2, hidden: 1 },
  { steps: 2, batch: 2, hidden: 33 }, // more vec4f in a row of units than rows
  { steps: 3, batch: 6, hidden: 7 },
  { steps: 13, batch: 10, hidden: 4 },
  { steps: 65, batch: 4, hidden: 9 },
];

describe("target rates", () => {
  for (const sizes of shapes) {
    test(`masked and not, chosen units and the first, ${JSON.stringify(sizes)}`, async () => {
      const columns = Math.ceil(sizes.hidden / 2);
      const units = Array.from({ length: columns }, (_, column) => sizes.hidden - 1 - 2 * column).map((unit) =>
        Math.max(unit, 0),
      );
      const lists: LossInput[][] = [
        [{ type: "targetRates" }],
        [{ type: "targetRates", units, weight: 0.3, denominator: "mask" }],
        [
          { type: "rateL2", weight: 0.2 },
          { type: "targetRates", units },
        ],
      ];
      for (const [index, losses] of lists.entries()) {
        const replicas = [1, 2].map((seed) => randomData(sizes, columns, 10 * index + seed, index > 0));
        await expectAgreement(sizes, replicas, losses);
      }
    });
  }

  test("a replica without a mask beside one with a mask, and NaN never reaches the rates' gradient", async () => {
    const sizes = { steps: 2, batch: 3, hidden: 5 };
    const whole = randomData(sizes, 5, 1, false);
    const rateTargets = new Float32Array(30).fill(Number.NaN);
    const nothing = { ...whole, rateTargets, rateMask: new Float32Array(30) };
    await expectAgreement(sizes, [whole, nothing], [{ type: "targetRates" }]);
    const [, second] = await runLosses(
      gpu.device,
      { ...sizes, outputs: 1 },
      [whole, nothing],
      [lossTerms.targetRates()],
    );
    expect(second?.values).toEqual([0]);
    expect(second?.byRates.every((slope) => slope === 0)).toBe(true);
  });
});

describe("population KL", () => {
  const lists = ({ batch, hidden }: Sizes): LossInput[][] => [
    [{ type: "populationKL" }],
    [{ type: "populationKL", symmetric: false, reduction: "sum", weight: 0.3, squareWeight: 0 }],
    [
      { type: "rateL2" },
      {
        ...{ type: "populationKL", squareWeight: 0.5, varianceFloor: 0.01 },
        units: [Math.floor(hidden / 3), Math.ceil((2 * hidden) / 3)],
        sets: [
          [0, Math.max(1, batch - 1)],
          [Math.floor(batch / 2), batch],
        ],
      },
      { type: "populationKL", symmetric: false, reduction: "sum" },
    ],
  ];
  for (const sizes of shapes) {
    test(`halves, chosen sets that overlap, some units, ${JSON.stringify(sizes)}`, async () => {
      for (const [index, losses] of lists(sizes).entries()) {
        const replicas = [1, 2].map((seed) => randomData(sizes, 1, 20 * index + seed));
        await expectAgreement(sizes, replicas, losses);
      }
    });
  }

  test("a small variance around a large mean is not lost to rounding", async () => {
    const sizes = { steps: 9, batch: 8, hidden: 2 };
    const data = randomData(sizes, 1, 3);
    const rates = Float32Array.from(data.rates as Float32Array, (r) => Math.fround(100 + 0.01 * r));
    // The means are rounded to 4e-6, deviations are about 0.01; a mean of squares would be rounded to 4e-4, and its
    // difference from a squared mean would say nothing.
    await expectAgreement(sizes, [{ ...data, rates }], [{ type: "populationKL", varianceFloor: 1e-6 }], 4e-4);
  });

  test("a unit silent in one set, or in both, gives a finite value and gradient", async () => {
    const sizes = { steps: 4, batch: 4, hidden: 2 };
    const data = randomData(sizes, 1, 4);
    const rates = (data.rates as Float32Array).map((r, index) => (index % 2 === 0 || index % 8 < 4 ? 0 : r));
    await expectAgreement(sizes, [{ ...data, rates }], [{ type: "populationKL" }]);
    const silent = { ...data, rates: new Float32Array(rates.length) };
    for (const symmetric of [true, false]) {
      const [actual] = await runLosses(
        gpu.device,
        { ...sizes, outputs: 1 },
        [silent],
        [{ type: "populationKL", symmetric }],
      );
      expect(actual?.values).toEqual([0]);
      expect(actual?.byRates.every((slope) => slope === 0)).toBe(true);
    }
  });

  test("gives the same bits every time", async () => {
    const sizes = { steps: 65, batch: 4, hidden: 9 };
    const run = () =>
      runLosses(gpu.device, { ...sizes, outputs: 1 }, [randomData(sizes, 1, 5)], [lossTerms.populationKL()]);
    const [[first], [second]] = [await run(), await run()];
    expect(first?.values).toEqual(second?.values);
    expect(bitsOf(first?.byRates ?? new Float32Array(0))).toEqual(bitsOf(second?.byRates ?? new Float32Array(1)));
  });
});

describe("back-propagated through a network", () => {
  const lists: readonly LossInput[][] = [
    [{ type: "meanSquaredError" }, { type: "targetRates", units: [8, 2, 5], denominator: "mask" }],
    [
      { type: "targetRates", weight: 2 },
      { type: "populationKL", weight: 0.3 },
    ],
    [
      { type: "rateL2" },
      {
        type: "populationKL",
        symmetric: false,
        sets: [
          [1, 3],
          [3, 6],
        ],
        units: [2, 9],
      },
      { type: "targetRates" },
    ],
  ];
  for (const [index, losses] of lists.entries()) {
    const family = index === 0 ? "stepwise" : "persistent";
    test(`${losses.map(({ type }) => type).join(", ")}: two replicas, ${family}`, async () => {
      const sizes = { inputs: 3, hidden: 9, outputs: 2, seed: 5 + index };
      const [steps, batch] = [7, 6];
      const models = [0, 1].map((replica) =>
        generateModel({ ...sizes, seed: 31 * replica + index, activation: "tanh", density: 0.7, signed: true }),
      );
      const trials = generateTrials({ ...sizes, time: steps, batch });
      const { rateTargets, rateMask } = randomData({ steps, batch, hidden: 9 }, 3, index);
      const data = { steps, trials: batch, inputs: trials.inputs, targets: trials.targets };
      const recorded = { ...data, ...(rateTargets && { rateTargets }), ...(rateMask && { rateMask }) };
      const network = new Network(gpu.device, models);
      for (const [replica, model] of models.entries()) {
        const sequence = { time: steps, batch, inputs: trials.inputs };
        const trajectory = forward(model, sequence);
        const terms = checkLosses(losses).filter(({ type }) => type !== "meanSquaredError");
        const values = terms.map((loss) => referenceOf(loss, { steps, batch, hidden: 9 }, trajectory.r, recorded));
        const r = values.map(({ gradient }) => gradient).reduce((a, b) => plus(a, b));
        const squared = losses[0]?.type === "meanSquaredError";
        const error = trajectory.outputs.map((y, k) => y - (trials.targets[k] ?? 0));
        const outputs = error.map((e) => (squared ? (2 * e) / error.length : 0));
        const expected = backward(model, sequence, {}, trajectory, { r, outputs });
        const actual = await gradients(network, recorded, losses, { replica, family });
        for (const [k, { type }] of terms.entries()) {
          expect(relative([actual.terms[type] ?? Number.NaN], [values[k]?.value ?? 0]), type).toBeLessThan(1e-5);
        }
        for (const name of parameterNames) {
          expect(relative(actual.parameters[name], expected.parameters[name], 1e-4), name).toBeLessThan(1e-4);
        }
        expect(relative(actual.rates, expected.r, 1e-4), "dL/dr").toBeLessThan(1e-4);
      }
      network.dispose();
    });
  }
});

describe("what a term may not be", () => {
  const context = { replicas: 1, steps: 3, batch: 5, inputs: 1, hidden: 4, outputs: 2 };
  const scaleOf = (loss: LossInput, more: object = {}): number =>
    lossScale(checkLosses([loss])[0] as Loss, { ...context, ...more });

  test("target rates without recordings, of other units than were recorded, or of units there are not", () => {
    expect(() => scaleOf(lossTerms.targetRates())).toThrow(
      new ValueError("targetRates needs recorded rates: the trials have no rateTargets [time, batch, recorded units]."),
    );
    expect(() => scaleOf(lossTerms.targetRates({ units: [0, 2] }), { recorded: 3 })).toThrow(
      new ShapeError(
        "targetRates: units names 2 hidden units, but rateTargets have 3 columns; expected one unit for each.",
      ),
    );
    expect(() => scaleOf(lossTerms.targetRates({ units: [0, 4] }), { recorded: 2 })).toThrow(
      new ValueError("targetRates: unit 4 does not exist; the network's units are 0 … 3."),
    );
    expect(() => lossTerms.targetRates({ units: [1, 2, 1] })).toThrow("must not name a unit twice");
    expect(() => lossTerms.targetRates({ units: [] })).toThrow(ConfigError);
    expect(scaleOf(lossTerms.targetRates({ weight: 30 }), { recorded: 2 })).toBeCloseTo(30 / (3 * 5 * 2));
  });

  test("a mean over a mask that is all 0", () => {
    const rateMask = new Float32Array(15);
    expect(() => scaleOf({ type: "targetRates", denominator: "mask" }, { recorded: 1, rateMask })).toThrow(
      'targetRates with denominator "mask": rateMask sums to 0; something must have been recorded in every batch.',
    );
    rateMask[3] = 2;
    expect(scaleOf({ type: "targetRates", denominator: "mask" }, { recorded: 1, rateMask })).toBe(0.5);
  });

  test("two terms on the one set of recordings", () => {
    expect(() => checkLosses([lossTerms.targetRates(), lossTerms.targetRates({ weight: 2 })])).toThrow(
      "must have targetRates only once",
    );
  });

  test("halves of an odd batch or of one trial, sets past the batch, empty sets, units past the network", () => {
    const halves =
      "populationKL compares the halves of a batch: expected an even number of trials, got 5. Name the sets otherwise: sets: [[first, end], [first, end]].";
    expect(() => scaleOf({ type: "populationKL" })).toThrow(new ValueError(halves));
    expect(() => scaleOf({ type: "populationKL" }, { batch: 1 })).toThrow("got 1.");
    expect(() =>
      scaleOf({
        type: "populationKL",
        sets: [
          [0, 2],
          [2, 6],
        ],
      }),
    ).toThrow(new ValueError("populationKL: sets reach to trial 6, but a batch has 5."));
    expect(() =>
      lossTerms.populationKL({
        sets: [
          [0, 2],
          [2, 2],
        ],
      }),
    ).toThrow("must be [first trial, one past the last trial]");
    expect(() => scaleOf({ type: "populationKL", units: [3, 5] }, { batch: 4 })).toThrow(
      "populationKL: units [3, 5] reach past the last of the network's 4 units.",
    );
    expect(() => lossTerms.populationKL({ varianceFloor: 0 })).toThrow(ConfigError);
    expect(
      scaleOf({
        type: "populationKL",
        sets: [
          [0, 2],
          [2, 5],
        ],
      }),
    ).toBe(1 / 4);
    expect(scaleOf({ type: "populationKL", reduction: "sum" }, { batch: 4 })).toBe(1);
  });
});
