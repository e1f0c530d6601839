import { expect, test } from "vitest";
import { generateModel, generateTrials } from "./generate.ts";
import { innate } from "./innate.ts";
import { add, at } from "./numbers.ts";

const sizes = { inputs: 2, hidden: 6, outputs: 1, seed: 4 };
const model = generateModel({ ...sizes, activation: "tanh" });
const { time, batch, inputs } = generateTrials({ ...sizes, time: 12, batch: 2 });
const units = [1, 4];
const targets = Float64Array.from({ length: time * batch * 2 }, (_, index) => Math.sin(0.4 * index));
const reaches = (post: number, pre: number): boolean => (post + pre) % 3 !== 0;
const learned = (t: number, b: number, unit: number): boolean => (t + b + unit) % 4 > 0;
const outcome = innate(model, units, { time, batch, inputs, targets, learned }, { regularisation: 0.7, reaches });

test("each P is the inverse of its units' correlations at the steps that were learned from", () => {
  for (const [index, { sources, inverse }] of outcome.inverses.entries()) {
    const count = sources.length;
    const correlation = new Float64Array(count * count);
    for (let i = 0; i < count; i += 1) correlation[i * (count + 1)] = 0.7;
    for (let t = 0; t < time; t += 1)
      for (let b = 0; b < batch; b += 1) {
        if (!learned(t, b, index)) continue;
        const rate = (source: number | undefined): number => at(outcome.rates, (t * batch + b) * 6 + (source ?? 0));
        for (let i = 0; i < count; i += 1)
          for (let j = 0; j < count; j += 1) add(correlation, i * count + j, rate(sources[i]) * rate(sources[j]));
      }
    for (let i = 0; i < count; i += 1)
      for (let j = 0; j < count; j += 1) {
        let product = 0;
        for (let k = 0; k < count; k += 1) product += at(correlation, i * count + k) * at(inverse, k * count + j);
        expect(product).toBeCloseTo(Number(i === j), 10);
      }
  }
});

test("only synapses that there are onto units that learn change, and only where something is learned", () => {
  const { weightHH } = model.parameters;
  for (const [index, weight] of outcome.weightHH.entries()) {
    const [post, pre] = [Math.floor(index / 6), index % 6];
    expect(weight !== at(weightHH, index)).toBe(units.includes(post) && reaches(post, pre));
  }
  const none = innate(
    model,
    units,
    { time, batch, inputs, targets, learned: () => false },
    { regularisation: 0.7, reaches },
  );
  expect(none.weightHH).toEqual(Float64Array.from(weightHH));
  expect(none.changes.every((change) => change === 0)).toBe(true);
});
