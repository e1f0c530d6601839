import { describe, expect, test } from "vitest";
import { collect } from "../../src/plasticity/collect.ts";
import type { SornRecordName } from "../../src/plasticity/record.ts";
import type { SornRunOptions } from "../../src/plasticity/run-options.ts";
import { type Sorn, type SornNetworkOptions, sorn } from "../../src/plasticity/sorn.ts";
import type { SornSnapshot } from "../../src/plasticity/state.ts";
import { Random } from "../../src/random.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

const base = {
  ...{ excitatory: 40, inputs: 4, seed: 5, sp: { rate: 0.7 }, istdp: { rate: 0.01 } },
  connections: { EE: { type: "sparse", inDegree: 8, spread: 2 }, IE: { type: "sparse", density: 0.4 } },
} as const satisfies SornNetworkOptions;
const spikeNames = ["ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation"] as const;

function inputsOf(steps: number, width = base.inputs, seed = 1): Float32Array {
  const random = new Random(seed, 77);
  return Float32Array.from({ length: steps * width }, () => random.uniform(0, 0.5));
}

/** Makes a network, hands it over, and disposes it. */
async function withNetwork<Result>(
  options: SornNetworkOptions,
  use: (network: Sorn) => Promise<Result>,
): Promise<Result> {
  const network = sorn(gpu.device, options);
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

async function spikesOf(network: Sorn, options: SornRunOptions): Promise<Record<string, number[]>> {
  const records = await collect(network.run({ ...options, record: spikeNames }));
  return Object.fromEntries(Object.entries(records).map(([name, { values }]) => [name, [...values]]));
}

/** What must be the same to the bit in two networks that did the same. */
function bitsOf({ step, replicas }: SornSnapshot): unknown {
  return { step, replicas };
}

describe("dense and lists, kernels of both families are the same to the bit", () => {
  for (const [name, options] of Object.entries({
    "zheng2013, one new synapse a step": {},
    "several new synapses a step": { sp: { rate: 4 } },
    "new synapses after scaling": { sp: { rate: 0.9, order: "afterScaling" } },
    "sorn-0.7": { preset: "sorn-0.7", sp: { rate: 0.5 } },
    "lazar2009, inhibition from x(t+1)": {
      preset: "lazar2009",
      connections: { ...base.connections, input: { type: "sparse", density: 0.5, gain: 1 } },
    },
  } satisfies Record<string, SornNetworkOptions>)) {
    test(name, async () => {
      const run = (storage: "dense" | "lists", family: "shared" | "alone", steps: number) =>
        withNetwork({ ...base, ...options, storage, family, slots: 40 }, async (network) => {
          const spikes = await spikesOf(network, { inputs: inputsOf(steps) });
          return { spikes, end: bitsOf(await network.snapshot()) };
        });
      expect(await run("lists", "alone", 300)).toEqual(await run("dense", "alone", 300));
      // Barriers are slow on a software adapter.
      const expected = await run("dense", "alone", 10);
      expect(await run("dense", "shared", 10)).toEqual(expected);
      expect(await run("lists", "shared", 10)).toEqual(expected);
    });
  }
});

describe("replicas", () => {
  test("run as they do alone, with their own seeds, inputs and rules", async () => {
    const members = [
      {},
      { stdp: { rate: 0.02 } },
      { noise: 0.05, seed: 99 },
      { istdp: false, threshold: ">" },
    ] as const;
    const steps = 50;
    const inputs = members.map((_, index) => inputsOf(steps, base.inputs, index));
    const together = await withNetwork({ ...base, replicas: members }, async (network) => {
      const all = new Float32Array(inputs.length * steps * base.inputs);
      for (const [index, own] of inputs.entries()) all.set(own, index * own.length);
      const { ExcitatoryActivation, meanWeightEE } = await collect(
        network.run({ inputs: all, steps, record: ["ExcitatoryActivation", "meanWeightEE"] }),
      );
      expect(ExcitatoryActivation?.shape).toEqual([4, steps, 40]);
      expect(meanWeightEE?.shape).toEqual([4, steps]);
      return { spikes: ExcitatoryActivation, weights: meanWeightEE, end: await network.snapshot() };
    });
    for (const [index, member] of members.entries()) {
      await withNetwork({ ...base, seed: base.seed + index, ...member }, async (network) => {
        const { ExcitatoryActivation, meanWeightEE } = await collect(
          network.run({ inputs: inputs[index] as Float32Array, record: ["ExcitatoryActivation", "meanWeightEE"] }),
        );
        const size = steps * 40;
        expect(together.spikes?.values.slice(index * size, (index + 1) * size)).toEqual(ExcitatoryActivation?.values);
        expect(together.weights?.values.slice(index * steps, (index + 1) * steps)).toEqual(meanWeightEE?.values);
        expect(together.end.replicas[index]).toEqual((await network.snapshot()).replicas[0]);
      });
    }
  });

  test("fifty of them fit one plan", async () => {
    await withNetwork({ ...base, replicas: 50 }, async (network) => {
      const { excitatoryRate } = await collect(
        network.run({ steps: 20, record: [{ name: "excitatoryRate", stride: 20 }] }),
      );
      expect(excitatoryRate?.shape).toEqual([50, 1]);
      expect(new Set(excitatoryRate?.values).size).toBeGreaterThan(1);
    });
  });
});

describe("what a network owns", () => {
  test("two side by side do not disturb each other", async () => {
    const alone = await withNetwork(base, (network) => spikesOf(network, { inputs: inputsOf(40) }));
    await withNetwork(base, (one) =>
      withNetwork({ ...base, excitatory: 26, seed: 6 }, async (other) => {
        const blocks = one.run({ inputs: inputsOf(40), block: 10, record: spikeNames });
        const found: number[] = [];
        for await (const { records } of blocks) {
          found.push(...(records.ExcitatoryActivation?.values ?? []));
          await collect(other.run({ steps: 3 }));
        }
        expect(found).toEqual(alone["ExcitatoryActivation"]);
        expect(other.parameters[0].excitatory).toBe(26);
        expect(other.step).toBe(12);
      }),
    );
  });

  test("a run in parts, and one that goes on from a snapshot in any storage, are the same to the bit", async () => {
    const inputs = inputsOf(90);
    const part = (from: number, to: number): Float32Array => inputs.subarray(from * base.inputs, to * base.inputs);
    const whole = await withNetwork(base, async (network) => ({
      spikes: await spikesOf(network, { inputs }),
      end: bitsOf(await network.snapshot()),
    }));
    const { first, middle, second, end } = await withNetwork(base, async (network) => {
      const first = await spikesOf(network, { inputs: part(0, 35) });
      const middle = await network.snapshot();
      const second = await spikesOf(network, { inputs: part(35, 90) });
      return { first, middle, second, end: bitsOf(await network.snapshot()) };
    });
    for (const name of spikeNames)
      expect([...(first[name] ?? []), ...(second[name] ?? [])]).toEqual(whole.spikes[name]);
    expect(end).toEqual(whole.end);
    for (const storage of ["dense", "lists"] as const) {
      await withNetwork({ ...base, seed: 1234, storage, slots: 40 }, async (network) => {
        await collect(network.run({ steps: 7 }));
        network.restore(middle);
        expect(network.step).toBe(35);
        expect(await network.snapshot()).toEqual(middle);
        expect(await spikesOf(network, { inputs: part(35, 90) })).toEqual(second);
        expect(bitsOf(await network.snapshot())).toEqual(whole.end);
      });
    }
  });

  test("leaving the loop early leaves the network after the last block", async () => {
    await withNetwork(base, async (network) => {
      for await (const { done } of network.run({ inputs: inputsOf(60), block: 20 })) if (done === 20) break;
      expect(network.step).toBe(20);
      const stop = new AbortController();
      for await (const { done } of network.run({ inputs: inputsOf(60), block: 20, signal: stop.signal })) {
        expect(done).toBe(20);
        stop.abort();
      }
      expect(network.step).toBe(40);
    });
  });

  test("frozen rules change nothing", async () => {
    await withNetwork(base, async (network) => {
      await collect(network.run({ steps: 30, inputs: inputsOf(30) }));
      const [before] = (await network.snapshot()).replicas;
      await collect(network.run({ steps: 30, freeze: ["stdp", "ip", "sp", "istdp", "ss"] }));
      const [after] = (await network.snapshot()).replicas;
      expect(after?.synapses).toEqual(before?.synapses);
      expect(after?.thresholdE).toEqual(before?.thresholdE);
      expect(after?.x).not.toEqual(before?.x);
    });
  });

  test("a second run of the same kind makes no buffer, pipeline or bind group", async () => {
    await withNetwork(base, async (network) => {
      const record: readonly SornRecordName[] = ["ExcitatoryActivation", "excitatoryRate", "WEE"];
      const once = () => collect(network.run({ steps: 5, record }));
      await once();
      await once();
      const { buffers, pipelines, bindGroups } = gpu.device.counters;
      await once();
      expect(gpu.device.counters).toMatchObject({ buffers, pipelines, bindGroups });
    });
  });
});

test("an emptied unit keeps its zeros, and nothing becomes NaN", async () => {
  const options = {
    ...base,
    sp: false,
    istdp: { rate: 1, floor: 0 },
    ss: { inhibitory: true },
    stdp: { rate: 1, prune: 0.9 },
  } as const;
  for (const storage of ["dense", "lists"] as const) {
    await withNetwork({ ...options, storage, slots: 40 }, async (network) => {
      const { EEConnectionCounts, meanWeightEE } = await collect(
        network.run({ inputs: inputsOf(100), record: ["EEConnectionCounts", "meanWeightEE"] }),
      );
      expect(EEConnectionCounts?.values.at(-1)).toBeLessThan(EEConnectionCounts?.values[0] ?? 0);
      expect(meanWeightEE?.values.every(Number.isFinite)).toBe(true);
      const [state] = (await network.snapshot()).replicas;
      const { starts } = state?.synapses.EE ?? { starts: new Uint32Array() };
      expect(starts.some((start, row) => row > 0 && start === starts[row - 1])).toBe(true);
      for (const { weights } of Object.values(state?.synapses ?? {})) expect(weights.every(Number.isFinite)).toBe(true);
    });
  }
});

test("a new synapse that finds its unit's list full is refused and counted", async () => {
  const options = {
    ...base,
    stdp: false,
    sp: { rate: 10 },
    connections: { ...base.connections, EE: { type: "sparse", inDegree: 8 } },
  } as const;
  await withNetwork({ ...options, storage: "lists", slots: 9 }, async (network) => {
    const { refusedSynapses, EEConnectionCounts } = await collect(
      network.run({ steps: 60, record: ["refusedSynapses", "EEConnectionCounts"] }),
    );
    expect(EEConnectionCounts?.values.at(-1)).toBe(9 * 40);
    expect(refusedSynapses?.values.at(-1)).toBeGreaterThan(0);
    expect((await network.snapshot()).refused[0]).toBeGreaterThanOrEqual(refusedSynapses?.values.at(-1) ?? 0);
  });
});
