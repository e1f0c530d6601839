import { describe, expect, test } from "vitest";
import { statistics } from "../../src/index.ts";
import { Random } from "../../src/random.ts";

describe("log-normal weights", () => {
  const random = new Random(2, 906);
  const weights = Float64Array.from({ length: 4000 }, () => Math.exp(-2.8 + 0.6 * random.normal()));

  test("by hand: ln w of -1, 0, 1, and no synapse", () => {
    const fit = statistics.fitLogNormal([Math.exp(-1), 0, 1, Math.E]);
    const variance = 2 / 3;
    expect(fit.count).toBe(3);
    expect(fit.mu).toBeCloseTo(0, 12);
    expect(fit.sigma).toBeCloseTo(Math.sqrt(variance), 12);
    expect(fit.mode).toBeCloseTo(Math.exp(-variance), 12);
    expect(fit.mean).toBeCloseTo(Math.exp(variance / 2), 12);
    expect(fit.median).toBeCloseTo(1, 12);
    // Φ(√1.5) = 0.889665 just above 2/3 = S before it.
    expect(fit.distance).toBeCloseTo(0.8896643 - 2 / 3, 5);
  });

  test("of drawn weights, whole and cut at their middle", () => {
    const whole = statistics.fitLogNormal(weights);
    expect([Math.abs(whole.mu + 2.8) < 0.04, Math.abs(whole.sigma - 0.6) < 0.03]).toEqual([true, true]);
    const least = Math.exp(-2.9);
    const naive = statistics.fitLogNormal(weights, { least });
    expect(naive.sigma).toBeLessThan(0.45);
    const cut = statistics.fitLogNormal(weights, { least, truncated: true });
    expect([Math.abs(cut.mu + 2.8) < 0.15, Math.abs(cut.sigma - 0.6) < 0.08]).toEqual([true, true]);
    expect(cut.distance).toBeLessThan(naive.distance);
  });

  test("goodness: log-normal weights are not refused, uniform ones are", () => {
    const few = weights.slice(0, 400);
    const good = statistics.logNormalGoodness(few, new Random(1, 1), { samples: 100 });
    expect(good.p).toBeGreaterThan(0.03);
    expect(statistics.logNormalGoodness(few, new Random(1, 1), { samples: 100 })).toEqual(good);
    const uniform = Float64Array.from({ length: 400 }, () => random.uniform());
    expect(statistics.logNormalGoodness(uniform, new Random(1, 2), { samples: 100 }).p).toBe(0);
    const least = Math.exp(-2.6);
    const tail = statistics.logNormalGoodness(weights, new Random(1, 3), { samples: 40, least, truncated: true });
    expect(tail.p).toBeGreaterThan(0.03);
  });

  test("bad input is refused", () => {
    expect(() => statistics.fitLogNormal([0, 0])).toThrow("got none");
    expect(() => statistics.fitLogNormal([2, 2, 0])).toThrow("got 2 of one value");
    expect(() => statistics.fitLogNormal([1, Number.NaN])).toThrow("weight 1 is NaN");
    expect(() => statistics.fitLogNormal([1, 2], { least: -1 })).toThrow("least: expected a number from 0 on");
    const exponential = Array.from({ length: 50 }, (_, index) => Math.exp((index / 10) ** 3));
    expect(() => statistics.fitLogNormal(exponential, { least: 1, truncated: true })).toThrow("no log-normal");
  });
});

describe("lifetimes", () => {
  // Three synapses over frames at steps 10, 20, 40, 50: old and lost; born, lost and back; never lost.
  const record = {
    values: [...[0.5, 0, 0.1], ...[0.4, 0.001, 0.1], ...[0, 0.2, 0.1], ...[0, 0, 0.1], ...[0, 0.001, 0.1]],
    shape: [5, 1, 3],
    steps: [10, 20, 40, 50, 60],
  };

  test("by hand", () => {
    const lives = statistics.synapseLifetimes(record);
    expect([...lives.lifetimes]).toEqual([30, 30, 0, 50]);
    expect([...lives.born]).toEqual([0, 1, 1, 0]);
    expect([...lives.died]).toEqual([1, 1, 0, 0]);
    expect(statistics.synapseSurvival(lives)).toEqual({
      times: Float64Array.of(30),
      surviving: Float64Array.of(0),
      median: 30,
    });
  });

  test("block by block as all at once", () => {
    const random = new Random(10, 908);
    const [frames, posts, pres] = [23, 4, 5];
    const size = posts * pres;
    const values = Float32Array.from({ length: frames * size }, () => (random.uniform() < 0.6 ? random.uniform() : 0));
    const steps = Array.from({ length: frames }, (_, frame) => 7 * frame + 3);
    const sorted = ({ lifetimes, born, died }: ReturnType<typeof statistics.synapseLifetimes>) =>
      Array.from(lifetimes, (life, index) => `${life} ${born[index]} ${died[index]}`).sort();
    const whole = statistics.synapseLifetimes({ values, shape: [frames, posts, pres], steps });
    const tracker = new statistics.SynapseTracker();
    for (const [from, to] of [
      [0, 1],
      [1, 1],
      [1, 9],
      [9, 10],
      [10, 23],
    ] as const)
      tracker.add({
        ...{ values: values.subarray(from * size, to * size), shape: [to - from, posts, pres] },
        steps: steps.slice(from, to),
      });
    expect(sorted(tracker.lifetimes())).toEqual(sorted(whole));
    expect(() => tracker.add({ values, shape: [frames, posts, pres], steps })).toThrow("steps[0] is 3");
    expect(() => tracker.add({ values: [1], shape: [1, 1, 1], steps: [999] })).toThrow("got [1, 1] after [4, 5]");
    expect(() => new statistics.SynapseTracker().lifetimes()).toThrow("at least two frames, got 0");
  });

  test("survival of synapses that end with a fixed chance is geometric, with many cut off by the record", () => {
    const random = new Random(9, 907);
    const [frames, synapses] = [60, 600];
    const values = new Uint8Array(frames * synapses);
    for (let synapse = 0; synapse < synapses; synapse += 1)
      for (let frame = 1; frame < frames; frame += 1) {
        const before = values[(frame - 1) * synapses + synapse];
        const change = random.uniform();
        values[frame * synapses + synapse] = before === 1 ? (change < 0.05 ? 0 : 1) : change < 0.2 ? 1 : 0;
      }
    const steps = Array.from({ length: frames }, (_, frame) => frame);
    const { times, surviving, median } = statistics.synapseSurvival(
      statistics.synapseLifetimes({ values, shape: [frames, synapses, 1], steps }),
    );
    for (const time of [1, 5, 20])
      expect(Math.abs((surviving[times.indexOf(time)] ?? 0) - 0.95 ** time)).toBeLessThan(0.05);
    expect(Math.abs((median ?? 0) - 13.5)).toBeLessThan(2.5);
  });

  test("degrees count rows and columns", () => {
    const { incoming, outgoing } = statistics.synapseDegrees([0, 1, 0.5, 0, 0, 2], [2, 3]);
    expect([[...incoming], [...outgoing]]).toEqual([
      [2, 1],
      [0, 1, 2],
    ]);
    expect(() => statistics.synapseDegrees([1], [2, 2])).toThrow("expected [2, 2] (post, pre), got 1 values");
  });

  test("bad input is refused", () => {
    expect(() => statistics.synapseLifetimes({ ...record, shape: [5, 3] })).toThrow("of [5, 3] and 5 steps");
    expect(() => statistics.synapseLifetimes({ ...record, steps: [1, 2, 2, 3, 4] })).toThrow("steps[2] is 2");
    const old = statistics.synapseLifetimes({ values: [1, 1], shape: [2, 1, 1], steps: [0, 1] });
    expect(() => statistics.synapseSurvival(old)).toThrow("no synapse began after the first frame");
  });
});
