import { describe, expect, test } from "vitest";
import { checkBilinearNetwork } from "../../src/attractors/bilinear-network.ts";
import { runBilinear } from "../../src/attractors/run-bilinear.ts";
import { activations } from "../../src/io/model-schema.ts";
import { tilesOf } from "../../src/ops/tiles.ts";
import { normalPair, streams, threefry2x32 } from "../../src/random.ts";
import { bilinearForward } from "../reference/bilinear.ts";
import { bilinearCase, directed } from "../support/bilinear.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const sizes = [1, 3, 7, 9, 33, 70];

describe("a network with multiplicative input agrees with its float64 reference", () => {
  for (let index = 0; index < 14; index += 1) {
    const activation = activations[index % activations.length] ?? "tanh";
    const units = sizes[index % sizes.length] ?? 1;
    const trials = [1, 5, 17, 34][index % 4] ?? 1;
    const [dimensions, steps, inhibition] = [index % 3, 1 + (index % 8), index % 3 === 1 ? 0.3 : 0];
    const name = `N ${units} D ${dimensions} T ${steps} B ${trials}, ${activation}, inhibition ${inhibition}`;
    test(name, async () => {
      const one = bilinearCase({ units, dimensions, steps, trials, activation, seed: index, inhibition });
      const [currents, noisy] = [index % 2 === 0, index % 4 < 2];
      const stride = 1 + (index % 2);
      const expected = bilinearForward(one.network, {
        ...one,
        currents: currents ? one.currents : undefined,
        noise: noisy ? directed(one.directions, units, 0.3) : undefined,
      });
      const { rates, state } = await runBilinear(gpu.device, one.network, {
        ...{ ...one, stride, stepsAtOnce: 1 + (index % 4), currents: currents ? one.currents : undefined },
        noise: { scale: noisy ? 0.3 : 0, given: one.directions },
      });
      const row = trials * units;
      const frames = Array.from({ length: Math.floor(steps / stride) }, (_, frame) => {
        const step = (frame + 1) * stride - 1;
        return [...expected.rates.subarray(step * row, (step + 1) * row)];
      });
      expect(relative(rates, frames.flat(), 1)).toBeLessThan(1e-5);
      expect(relative(state, expected.state, 1)).toBeLessThan(1e-5);
    });
  }
});

describe("the same bits", () => {
  const one = bilinearCase({ units: 37, dimensions: 2, steps: 12, trials: 19, activation: "tanh", seed: 3 });
  const run = { ...one, noise: { scale: 0.2, seed: 5 } };

  test("in other tiles, and in parts of a run", async () => {
    const whole = await runBilinear(gpu.device, one.network, run);
    for (const tile of tilesOf(gpu.device).filter(({ rows, quads }) => (quads ? rows === 32 : rows === 4)))
      expect(await runBilinear(gpu.device, one.network, { ...run, tile, stepsAtOnce: 5 })).toEqual(whole);
    const [first, second] = [7, 5];
    const cut = first * 19 * 2;
    const before = await runBilinear(gpu.device, one.network, {
      ...run,
      steps: first,
      inputs: run.inputs.subarray(0, cut),
      currents: run.currents.subarray(0, first * 19 * 37),
    });
    const after = await runBilinear(gpu.device, one.network, {
      ...run,
      ...{
        steps: second,
        state: before.state,
        inputs: run.inputs.subarray(cut),
        currents: run.currents.subarray(first * 19 * 37),
      },
      noise: { ...run.noise, firstStep: first },
    });
    expect(after.state).toEqual(whole.state);
    expect([...before.rates, ...after.rates]).toEqual([...whole.rates]);
  });

  test("drawn noise is that of the twin in TypeScript", async () => {
    const [units, trials, steps] = [37, 19, 3];
    const directions = Float32Array.from({ length: steps * trials * units }, (_, at) => {
      const unit = at % units;
      const trial = Math.floor(at / units) % trials;
      const step = Math.floor(at / units / trials);
      const index = 2 * (trial * Math.ceil(units / 4) + Math.floor(unit / 4)) + (unit % 4 > 1 ? 1 : 0);
      return normalPair(...threefry2x32(5, streams.runNoise, 4 + step, index))[unit % 2] ?? Number.NaN;
    });
    const common = { ...run, steps, inputs: undefined, currents: undefined };
    const drawn = await runBilinear(gpu.device, one.network, {
      ...common,
      noise: { scale: 0.2, seed: 5, firstStep: 4 },
    });
    const given = await runBilinear(gpu.device, one.network, { ...common, noise: { scale: 0.2, given: directions } });
    expect(relative(drawn.rates, given.rates, 1)).toBeLessThan(2e-6);
  });
});

test("more units than a workgroup has columns for", async () => {
  const one = bilinearCase({
    units: 1030,
    dimensions: 2,
    steps: 2,
    trials: 2,
    activation: "retanh",
    seed: 8,
    inhibition: 0.01,
  });
  const expected = bilinearForward(one.network, one);
  const actual = await runBilinear(gpu.device, one.network, one);
  expect(relative(actual.rates, expected.rates, 1)).toBeLessThan(1e-5);
});

describe("what is wrong is refused before any GPU work", () => {
  const one = bilinearCase({ units: 3, dimensions: 1, steps: 2, trials: 2, activation: "relu", seed: 1 });
  const cases = [
    [{ state: new Float32Array(5) }, "runBilinear: state: expected [2, 3] (trial, unit), got 5 values."],
    [{ inputs: new Float32Array(5) }, "runBilinear: inputs: expected [2, 2, 1] (step, trial, input), got 5 values."],
    [{ currents: new Float32Array(5) }, "runBilinear: currents: expected [2, 2, 3]"],
    [{ stride: -1 }, "runBilinear: stride: expected an integer of at least 0, got -1."],
    [{ noise: { scale: Number.NaN } }, "runBilinear: noise: expected a scale of at least 0, got NaN."],
    [{ state: new Float32Array(6).fill(Number.NaN) }, "runBilinear: state: expected finite numbers, got NaN at 0."],
  ] as const;
  for (const [change, message] of cases)
    test(message, async () => {
      await expect(runBilinear(gpu.device, one.network, { ...one, ...change })).rejects.toThrow(message);
    });
  const networks = [
    [{ weights: new Float32Array(8) }, "weights: expected [3, 3] (post, pre), got 8 values."],
    [{ velocityWeights: new Float32Array(8) }, "velocityWeights: expected [D, 3, 3] (input, post, pre) with D up to 2"],
    [{ alpha: 1.5 }, "alpha: expected numbers in (0, 1], got 1.5."],
    [{ inhibition: -1 }, "inhibition: expected a number of at least 0, got -1."],
    [{ activation: "tahn" as "tanh" }, 'did you mean "tanh"?'],
  ] as const;
  for (const [change, message] of networks)
    test(message, () => {
      expect(() => checkBilinearNetwork("network", { ...one.network, ...change })).toThrow(message);
    });
});
