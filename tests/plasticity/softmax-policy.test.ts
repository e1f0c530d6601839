import { expect, test } from "vitest";
import { discountedReturns, SoftmaxPolicy } from "../../src/plasticity/softmax-policy.ts";
import { Random, streams } from "../../src/random.ts";

const activities = [
  [1, 0, 1, 1],
  [0, 1, 0, 1],
  [1, 1, 0, 0],
];

test("returns are discounted by how long one waits", () => {
  expect([...discountedReturns([1, 2, 4], 0.5)]).toEqual([3, 4, 4]);
});

test("probabilities are a softmax, and do not overflow", () => {
  const policy = new SoftmaxPolicy({ units: 2, actions: 2 });
  expect([...policy.probabilities([1, 1])]).toEqual([0.5, 0.5]);
  policy.weights.set([Math.log(3), 0, 0, 0]);
  expect(policy.probabilities([1, 1])[0]).toBeCloseTo(0.75, 15);
  policy.weights.set([5000, 0, 0, 0]);
  expect([...policy.probabilities([1, 0])]).toEqual([1, 0]);
  const random = new Random(1, streams.task);
  policy.weights.set([Math.log(3), 0, 0, 0]);
  const chosen = Array.from({ length: 1000 }, () => policy.choose([1, 0], random));
  expect(Math.abs(chosen.filter((action) => action === 0).length - 750)).toBeLessThan(70);
});

test("an episode changes weights by η Σ (G - b) ∂ log π, by central differences", () => {
  const policy = new SoftmaxPolicy({ units: 4, actions: 3, random: new Random(2, streams.weights) });
  const start = policy.weights.slice();
  const episode = activities.map((activity, step) => ({ activity, action: (2 * step + 1) % 3, reward: step + 1 }));
  // γ = 0.5: G = 1 + 0.5 · (2 + 0.5 · 3), 2 + 1.5, 3; b = 1.
  const advantages = [1.75, 2.5, 2];
  const objective = (): number =>
    episode.reduce(
      (sum, { activity, action }, step) =>
        sum + (advantages[step] ?? 0) * Math.log(policy.probabilities(activity)[action] ?? 0),
      0,
    );
  const expected = Array.from(start, (value, at) => {
    const [high, low] = [1e-5, -1e-5].map((change) => {
      policy.weights[at] = value + change;
      return objective();
    }) as [number, number];
    policy.weights[at] = value;
    return value + (0.1 * (high - low)) / 2e-5;
  });
  policy.learn(episode, { rate: 0.1, discount: 0.5, baseline: 1 });
  for (const [at, value] of expected.entries()) expect(policy.weights[at]).toBeCloseTo(value, 8);
});

test("what does not fit is refused, and changes nothing", () => {
  const policy = new SoftmaxPolicy({ units: 4, actions: 2 });
  const step = { activity: [1, 1, 1, 1], action: 0, reward: 1 };
  expect(() => policy.learn([step, { ...step, action: 2 }], { rate: 1 })).toThrow(
    /action: expected an integer from 0 to 1/,
  );
  expect([...policy.weights]).toEqual(new Array(8).fill(0));
  expect(() => policy.probabilities([1])).toThrow(/expected 4 units, got 1/);
});
