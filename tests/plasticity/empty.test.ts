import { expect, test } from "vitest";
import { collect } from "../../src/plasticity/collect.ts";
import { drawState } from "../../src/plasticity/connect.ts";
import { sornParameters } from "../../src/plasticity/parameters.ts";
import { type Sorn, sorn } from "../../src/plasticity/sorn.ts";
import { type SornState, synapsesOf } from "../../src/plasticity/state.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const [excitatory, inhibitory] = [4, 2] as const;
const options = { preset: "sorn-0.7", excitatory, inhibitory, inputs: 1, seed: 2 } as const;

/** A state with the given rows of EE [post, pre] and of EI. */
function stateWith(EE: readonly (readonly number[])[], EI: readonly (readonly number[])[]): SornState {
  const state = drawState(sornParameters(options));
  return {
    ...state,
    synapses: {
      ...state.synapses,
      EE: synapsesOf(EE.flat(), excitatory, excitatory),
      EI: synapsesOf(EI.flat(), excitatory, inhibitory),
    },
  };
}

async function runBoth(
  state: SornState,
  run: Parameters<Sorn["run"]>[0],
  more: Parameters<typeof sorn>[1] = {},
): Promise<readonly SornState[]> {
  const states: SornState[] = [];
  for (const storage of ["dense", "lists"] as const)
    for (const family of ["alone", "shared"] as const) {
      const network = sorn(gpu.device, { ...options, ...more, storage, family, slots: 4, state });
      await collect(network.run(run));
      states.push((await network.snapshot()).replicas[0] as SornState);
      network.dispose();
    }
  return states;
}

test("weights too small for an exact sum stay as they are; none becomes infinite", async () => {
  const tiny = 1e-10;
  const EE = [
    [0, tiny, 0, 0],
    [0.25, 0, 0.25, 0],
    [0, 0, 0, tiny],
    [0, 0, 0, 0],
  ];
  const EI = [
    [tiny, 0],
    [0.2, 0.2],
    [0, 0],
    [0, tiny],
  ];
  const state = stateWith(EE, EI);
  for (const { synapses } of await runBoth(state, { steps: 2, noise: false, freeze: ["stdp", "ip", "sp", "istdp"] })) {
    expect([...synapses.EE.weights]).toEqual([Math.fround(tiny), 0.5, 0.5, Math.fround(tiny)]);
    expect([...synapses.EI.weights]).toEqual([Math.fround(tiny), 0.5, 0.5, Math.fround(tiny)]);
  }
});

test("a unit that loses its last synapse stays without, and all numbers stay numbers", async () => {
  const state = stateWith(
    [
      [0, 0.003, 0, 0],
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
    ],
    [
      [1, 0],
      [0.5, 0.5],
      [0, 1],
      [0.0005, 0],
    ],
  );
  // Unit 0 fired, its source fires now: STDP takes the whole synapse. I fired before E units that are silent.
  const fired = { ...state, x: Uint8Array.from([1, 0, 0, 0]), y: Uint8Array.from([1, 1]) };
  const noise = {
    excitatory: Float32Array.from([-9, 9, -9, -9, ...new Array<number>(8).fill(-9)]),
    inhibitory: new Float32Array(6).fill(-9),
  };
  const run = { steps: 3, noise, freeze: ["sp", "ip"] } as const;
  for (const after of await runBoth(fired, run, { istdp: { rate: 0.6 } })) {
    const { EE, EI } = after.synapses;
    expect((EE.starts[1] ?? 1) - (EE.starts[0] ?? 0)).toBe(0);
    expect((EI.starts[4] ?? 1) - (EI.starts[3] ?? 0)).toBe(0);
    for (const values of [EE.weights, EI.weights, after.thresholdE, after.thresholdI])
      for (const value of values) expect(Math.abs(value)).toBeLessThan(10);
  }
});

test("units that never fire have statistics of 0 or none, and records that are numbers", async () => {
  const network = sorn(gpu.device, {
    ...options,
    preset: "zheng2013",
    thresholds: { excitatory: [50, 50], inhibitory: [50, 50] },
  });
  const records = await collect(
    network.run({
      steps: 5,
      freeze: ["ip"],
      record: ["excitatoryRate", "meanWeightEE", "meanWeightEI", "connectionFraction"],
    }),
  );
  expect([...(records.excitatoryRate?.values ?? [])]).toEqual([0, 0, 0, 0, 0]);
  for (const record of Object.values(records))
    for (const value of record.values) expect(Number.isFinite(value)).toBe(true);
  network.dispose();
});
