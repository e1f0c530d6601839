import { expect, test } from "vitest";
import { collect } from "../../src/plasticity/collect.ts";
import { type Sorn, type SornNetworkOptions, sorn } from "../../src/plasticity/sorn.ts";
import { spreadDamage } from "../../src/plasticity/spread-damage.ts";
import { Random } from "../../src/random.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const options = { excitatory: 40, inputs: 3, seed: 7, sp: { rate: 0.5 } } as const;

/** Inputs of each replica and step that are not alike. */
function inputs(step: number, row: Float32Array, replica: number): void {
  const random = new Random(17, 903, 100 * replica + step);
  for (let index = 0; index < row.length; index += 1) row[index] = random.uniform(-0.3, 0.3);
}

async function withNetwork(given: SornNetworkOptions, use: (network: Sorn) => Promise<void>): Promise<void> {
  const network = sorn(gpu.device, given);
  await use(network).finally(() => network.dispose());
}

test("the copy that is left alone takes the network's own path, and only what is flipped differs", async () => {
  await withNetwork({ ...options, replicas: 2 }, async (network) => {
    await collect(network.run({ steps: 30, inputs }));
    const before = await network.snapshot();
    const spread = await spreadDamage(network, { steps: 5, pairs: 40, inputs });
    expect(await network.snapshot()).toEqual(before);
    for (const [replica, { distance, healed }] of spread.entries()) {
      // By hand: flip each unit of one replica in a network of its own, all else the same.
      const run = async (unit: number | undefined): Promise<Uint8Array> => {
        const state = structuredClone(before.replicas[replica]) as (typeof before.replicas)[0];
        if (unit !== undefined) state.x[unit] = 1 - (state.x[unit] ?? 0);
        const alone = sorn(gpu.device, { ...options, seed: options.seed + replica });
        alone.restore({ ...before, seeds: [options.seed + replica], refused: [0], replicas: [state] });
        const { ExcitatoryActivation: x } = await collect(
          alone.run({
            ...{ steps: 5, record: ["ExcitatoryActivation"] },
            inputs: (step, row) => inputs(step, row, replica),
          }),
        );
        alone.dispose();
        return x?.values as Uint8Array;
      };
      const own = await run(undefined);
      const sums = new Array<number>(6).fill(0);
      let gone = 0;
      for (let unit = 0; unit < 40; unit += 1) {
        const other = await run(unit);
        const own5 = [...Array(5).keys()].map(
          (step) => [...other.subarray(40 * step, 40 * step + 40)].filter((x, at) => x !== own[40 * step + at]).length,
        );
        for (const [step, count] of [1, ...own5].entries()) sums[step] = (sums[step] ?? 0) + count;
        gone += Number(own5[4] === 0);
      }
      for (let step = 0; step <= 5; step += 1) expect(distance[step]).toBeCloseTo((sums[step] ?? 0) / 40, 12);
      expect(healed).toBeCloseTo(gone / 40, 12);
      expect(distance[1], "a test that could fail").toBeGreaterThan(0);
    }
    expect(spread[0]?.distance).not.toEqual(spread[1]?.distance);
  });
});

test("without synapses a difference is gone at once", async () => {
  const alone = { EE: { type: "sparse", inDegree: 1 } } as const;
  await withNetwork({ ...options, excitatory: 20, connections: alone, noise: 0, sp: false }, async (network) => {
    const [state] = (await network.snapshot()).replicas;
    if (state === undefined) throw new Error("no state");
    state.synapses.EE.weights.fill(1e-9);
    const still = { ...state, thresholdE: new Float32Array(20).fill(5), thresholdI: new Float32Array(4).fill(5) };
    network.restore({ ...(await network.snapshot()), replicas: [still] });
    const rules = ["stdp", "ip", "sp", "istdp", "ss"] as const;
    const [spread] = await spreadDamage(network, { steps: 3, pairs: 4, freeze: rules });
    expect([...(spread?.distance ?? [])]).toEqual([1, 0, 0, 0]);
    expect([spread?.exponent, spread?.healed]).toEqual([Number.NEGATIVE_INFINITY, 1]);
  });
});

test("wrong numbers of pairs and steps, and inputs of another shape, are refused; an abort gives nothing", async () => {
  await withNetwork(options, async (network) => {
    await expect(spreadDamage(network, { steps: 3, pairs: 41 })).rejects.toThrow("pairs: expected 1 to 40");
    await expect(spreadDamage(network, { steps: 0, pairs: 1 })).rejects.toThrow("steps: expected a positive integer");
    const short = new Float32Array(8);
    await expect(spreadDamage(network, { steps: 3, pairs: 1, inputs: short })).rejects.toThrow(
      "inputs: expected [3, 3], got 8",
    );
    const signal = AbortSignal.abort();
    expect(await spreadDamage(network, { steps: 3, pairs: 1, signal })).toEqual([]);
  });
});
