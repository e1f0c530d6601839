import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { Network } from "../../src/network/network.ts";
import { type ActivitySelection, selectActivity } from "../../src/network/select.ts";
import { multiArea } from "../../src/structure/multi-area.ts";
import { stack } from "../../src/structure/stack.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const [steps, trials, hidden] = [4, 2, 5];
const spec = {
  hidden,
  dtMs: 20,
  areas: [
    { name: "v1", from: 0, to: 2 },
    { name: "pfc", from: 3, to: 5 },
  ],
  layers: [
    { name: "low", from: 0, to: 3 },
    { name: "pfc", from: 3, to: 4 },
    { name: "high", from: 4, to: 5 },
  ],
};
/** The rate of replica r, time t, trial b, unit i is the number rtbi; the preactivation is its negative. */
const rates = Float32Array.from({ length: 2 * steps * trials * hidden }, (_, index) => {
  const [row, unit] = [Math.floor(index / hidden), index % hidden];
  const time = Math.floor(row / trials) % steps;
  return Math.floor(row / trials / steps) * 1000 + time * 100 + (row % trials) * 10 + unit;
});
const two = { steps, trials, rates, states: rates.map((rate) => -rate) };
const one = { steps, trials, rates: rates.slice(0, 40), states: two.states.slice(0, 40) };

function picked(selection: ActivitySelection, activity = one): { shape: readonly number[]; rates: number[] } {
  const { rates: chosen, states } = selectActivity(spec, activity, selection);
  expect(states.shape).toEqual(chosen.shape);
  expect([...states.data]).toEqual([...chosen.data].map((rate) => -rate));
  return { shape: chosen.shape, rates: [...chosen.data] };
}

describe("selectActivity", () => {
  test("takes all, an area, a layer, units by number", () => {
    expect(picked({})).toEqual({ shape: [4, 2, 5], rates: [...one.rates] });
    const last = { times: [3], trials: [1] };
    expect(picked({ area: "v1", ...last })).toEqual({ shape: [1, 1, 2], rates: [310, 311] });
    expect(picked({ area: "low", ...last }).rates).toEqual([310, 311, 312]);
    // Areas go before layers of the same name.
    expect(picked({ area: "pfc", ...last }).rates).toEqual([313, 314]);
    expect(picked({ units: [4, 0], ...last }).rates).toEqual([314, 310]);
    expect(picked({ units: { from: 3 }, ...last }).rates).toEqual([313, 314]);
    expect(picked({ units: { to: 1 }, trials: { from: 1 } })).toEqual({ shape: [4, 1, 1], rates: [10, 110, 210, 310] });
  });

  test("takes times in steps or milliseconds", () => {
    const first = { units: [0], trials: [0] };
    expect(picked({ ...first, times: { from: 1, to: 3 } }).rates).toEqual([100, 200]);
    expect(picked({ ...first, times: [2, 0] }).rates).toEqual([200, 0]);
    expect(picked({ ...first, timesMs: { from: 20, to: 60 } }).rates).toEqual([100, 200]);
    expect(picked({ ...first, timesMs: { from: 1, to: 61 } }).rates).toEqual([100, 200, 300]);
    expect(picked({ ...first, timesMs: { to: 20 } }).rates).toEqual([0]);
    expect(picked({ ...first, timesMs: {} }).rates).toEqual([0, 100, 200, 300]);
    // 0.1 and 0.3 are no binary fractions: 0.3 / 0.1 is 2.9999999999999996.
    const fine = selectActivity({ ...spec, dtMs: 0.1 }, one, { ...first, timesMs: { from: 0.3, to: 0.4 } });
    expect([...fine.rates.data]).toEqual([300]);
  });

  test("takes one replica, or all of them", () => {
    const part = { times: [1], trials: [0], units: [2] };
    expect(picked(part, two)).toEqual({ shape: [2, 1, 1, 1], rates: [102, 1102] });
    expect(picked({ ...part, replica: 1 }, two)).toEqual({ shape: [1, 1, 1], rates: [1102] });
    expect(picked({}, two).shape).toEqual([2, 4, 2, 5]);
  });

  test("names what is wrong", () => {
    const select =
      (selection: object, from: object = spec) =>
      () =>
        selectActivity(from as typeof spec, one, selection);
    expect(select({ area: "pcf" })).toThrow(ConfigError);
    expect(select({ area: "pcf" })).toThrow(/select: area: there is no "pcf"; did you mean "pfc"/);
    expect(select({ areas: "pfc" })).toThrow(/did you mean "area"/);
    expect(select({ area: "v1", units: [0] })).toThrow(/area or units, got both/);
    expect(select({ units: [5] })).toThrow(/units: expected indices 0 to 4, got 5/);
    expect(select({ units: [] })).toThrow(ValueError);
    expect(select({ units: { from: 2, to: 2 } })).toThrow(ValueError);
    expect(select({ units: { form: 2 } })).toThrow(/did you mean "from"/);
    expect(select({ trials: [-1] })).toThrow(/trials: expected indices 0 to 1/);
    expect(select({ times: { to: 5 } })).toThrow(/times: expected integers 0 <= from < to <= 4/);
    expect(select({ times: [0], timesMs: {} })).toThrow(/times or timesMs, got both/);
    expect(select({ timesMs: { from: 0, to: 100 } })).toThrow(/ends after the run of 4 steps of 20 ms/);
    expect(select({ timesMs: { from: 21, to: 39 } })).toThrow(/holds no step/);
    expect(select({ timesMs: { from: 60, to: 40 } })).toThrow(ValueError);
    expect(select({ timesMs: {} }, { ...spec, dtMs: undefined })).toThrow(/dtMs is not known/);
    expect(select({ replica: 1 })).toThrow(/replica: expected indices 0 to 0, got 1/);
    expect(() => selectActivity({ ...spec, hidden: 3 }, one)).toThrow(ShapeError);
    expect(() => selectActivity(spec, { ...one, states: new Float32Array(3) })).toThrow(/states/);
  });
});

test("network.select gives what a run did, by area and by layer", async () => {
  const structure = multiArea({ inputs: 1, hidden: 7, outputs: 1, areas: [3, 4] });
  const network = new Network(gpu.device, [createModel({ structure, seed: 1 })]);
  const activity = await network.run({ inputs: { shape: [3, 2, 1], data: new Float32Array(6).fill(1) } });
  const { rates: own, states } = network.select(activity, { area: "area2", times: { from: 1 } });
  expect(own.shape).toEqual([2, 2, 4]);
  const expected = (values: Float32Array) => [...values].filter((_, index) => index >= 14 && index % 7 >= 3);
  expect([...own.data]).toEqual(expected(activity.rates));
  expect([...states.data]).toEqual(expected(activity.states));
  const layered = stack({ inputs: 1, outputs: 1, layers: [{ size: 3 }, { name: "top", size: 4 }] });
  const { spec: stacked } = createModel({ structure: { ...layered, areas: [] } });
  expect([...selectActivity(stacked, activity, { area: "top", times: { from: 1 } }).rates.data]).toEqual([...own.data]);
  network.dispose();
});
