import { expect, test } from "vitest";
import { collect } from "../../src/plasticity/collect.ts";
import type { SornRecord } from "../../src/plasticity/record.ts";
import { type Sorn, sorn } from "../../src/plasticity/sorn.ts";
import { matrixOf, type SornState } from "../../src/plasticity/state.ts";
import { testDevice } from "../support/device.ts";

// The callbacks of the Python package by name, each at the moment it is taken there: spikes, weights and thresholds after the
// step, numbers of connections before its plasticity (reference 1.1). The rules are so strong that one step tells.
const gpu = testDevice();
const [excitatory, inhibitory, inputs, steps] = [24, 5, 3, 8] as const;
const options = {
  preset: "sorn-0.7",
  ...{ excitatory, inhibitory, inputs, seed: 6, noise: 0.2 },
  ...{ stdp: { rate: 0.2 }, istdp: { rate: 0.08 }, ip: { rate: 0.05 }, sp: { rate: 1 } },
  connections: {
    EE: { type: "sparse", inDegree: 5 },
    EI: { type: "sparse", outDegree: 8 },
    IE: { type: "sparse", density: 0.6 },
    input: { type: "first", gain: 4 },
  },
} as const;
const names = [
  ...([
    "ExcitatoryActivation",
    "InhibitoryActivation",
    "RecurrentActivation",
    "WEE",
    "WEI",
    "WIE",
    "TE",
    "TI",
  ] as const),
  ...(["EEConnectionCounts", "EIConnectionCounts", "IEConnectionCounts"] as const),
];
const shown = Float32Array.from({ length: steps * inputs }, (_, index) => [1, 0, -1][index % 3] ?? 0);

async function stateOf(network: Sorn): Promise<SornState> {
  const [state] = (await network.snapshot()).replicas;
  if (state === undefined) throw new Error("no state");
  return state;
}

test.each(["dense", "lists"] as const)(
  "callbacks are taken when the package takes them, synapses as %s",
  async (storage) => {
    const made = { ...options, storage, slots: 20 };
    const [network, stepwise, blind] = [sorn(gpu.device, made), sorn(gpu.device, made), sorn(gpu.device, made)];
    try {
      const records = await collect(network.run({ inputs: shown, record: names }));
      const frame = (name: (typeof names)[number], step: number): number[] => {
        const { values } = records[name] as SornRecord;
        const size = values.length / steps;
        return [...values.subarray(step * size, (step + 1) * size)];
      };
      const changes = { EE: 0, EI: 0, r: 0 };
      const first = await stateOf(stepwise);
      for (let step = 0; step < steps; step += 1) {
        const snapshot = await stepwise.snapshot();
        const before = snapshot.replicas[0] as SornState;
        // What E does without its input: the same step, the same noise, nothing shown.
        blind.restore(snapshot);
        await collect(blind.run({ steps: 1 }));
        await collect(stepwise.run({ inputs: shown.slice(step * inputs, (step + 1) * inputs) }));
        const after = await stateOf(stepwise);
        const without = await stateOf(blind);
        expect(frame("ExcitatoryActivation", step)).toEqual([...after.x]);
        expect(frame("InhibitoryActivation", step)).toEqual([...after.y]);
        expect(frame("RecurrentActivation", step)).toEqual([...without.x]);
        expect(frame("WEE", step)).toEqual([...matrixOf(after.synapses.EE, excitatory)]);
        expect(frame("WEI", step)).toEqual([...matrixOf(after.synapses.EI, inhibitory)]);
        expect(frame("WIE", step)).toEqual([...matrixOf(first.synapses.IE, excitatory)]);
        expect(frame("TE", step)).toEqual([...after.thresholdE]);
        expect(frame("TI", step)).toEqual([...first.thresholdI]);
        expect(frame("EEConnectionCounts", step)).toEqual([before.synapses.EE.weights.length]);
        expect(frame("EIConnectionCounts", step)).toEqual([before.synapses.EI.weights.length]);
        expect(frame("IEConnectionCounts", step)).toEqual([first.synapses.IE.weights.length]);
        changes.EE += Number(before.synapses.EE.weights.length !== after.synapses.EE.weights.length);
        changes.EI += Number(before.synapses.EI.weights.length !== after.synapses.EI.weights.length);
        changes.r += Number(`${without.x}` !== `${after.x}`);
        expect(after.thresholdE).not.toEqual(before.thresholdE);
      }
      // Or before and after could not be told apart.
      for (const [name, count] of Object.entries(changes)) expect(count, name).toBeGreaterThan(1);
    } finally {
      for (const each of [network, stepwise, blind]) each.dispose();
    }
  },
);

test("of several replicas, each has its own callbacks, stride and units", async () => {
  const pair = sorn(gpu.device, { ...options, replicas: 2 });
  const [one, two] = [0, 1].map((replica) => sorn(gpu.device, { ...options, seed: options.seed + replica }));
  const record = names.map((name) => ({ name, stride: 3, ...(name.endsWith("Counts") ? {} : { units: [4, 1] }) }));
  try {
    const both = await collect(pair.run({ inputs: shown, record }));
    for (const [replica, single] of [one, two].entries()) {
      const own = await collect((single as Sorn).run({ inputs: shown, record }));
      for (const name of names) {
        const [values, expected] = [both[name]?.values, own[name]?.values];
        const size = expected?.length ?? 0;
        expect([...(both[name]?.steps ?? [])], name).toEqual([3, 6]);
        expect([...(values?.subarray(replica * size, (replica + 1) * size) ?? [])], name).toEqual([
          ...(expected ?? []),
        ]);
      }
    }
  } finally {
    for (const each of [pair, one, two]) each?.dispose();
  }
});
