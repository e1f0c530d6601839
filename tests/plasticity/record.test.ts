import { expect, test } from "vitest";
import { LimitError } from "../../src/errors.ts";
import { collect } from "../../src/plasticity/collect.ts";
import { sornParameters } from "../../src/plasticity/parameters.ts";
import { framesHeld, planRecords, sornRecordNames } from "../../src/plasticity/record.ts";
import { type Sorn, sorn } from "../../src/plasticity/sorn.ts";
import { matrixOf } from "../../src/plasticity/state.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const options = {
  ...{ excitatory: 35, seed: 3, sp: { rate: 0.5 } },
  connections: { EE: { type: "sparse", inDegree: 5 }, IE: { type: "sparse", density: 0.5 } },
} as const;

async function withNetworks(use: (network: Sorn) => Promise<void>): Promise<void> {
  for (const storage of ["dense", "lists"] as const) {
    const network = sorn(gpu.device, { ...options, storage, slots: 20 });
    await use(network).finally(() => network.dispose());
  }
}

test("every name has its shape, and agrees with the state", async () => {
  await withNetworks(async (network) => {
    const records = await collect(network.run({ steps: 6, record: sornRecordNames }));
    expect(Object.keys(records)).toEqual([...sornRecordNames]);
    const [e, i, steps] = [35, 7, 6];
    const shapes: Readonly<Record<string, readonly number[]>> = {
      ...{ ExcitatoryActivation: [steps, e], InhibitoryActivation: [steps, i], RecurrentActivation: [steps, e] },
      ...{ WEE: [steps, e, e], WEI: [steps, e, i], WIE: [steps, i, e], TE: [steps, e], TI: [steps, i] },
    };
    for (const name of sornRecordNames) {
      expect(records[name]?.shape, name).toEqual(shapes[name] ?? [steps]);
      expect([...(records[name]?.steps ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
    }
    const [state] = (await network.snapshot()).replicas;
    if (state === undefined) throw new Error("no state");
    const last = (name: "WEE" | "WEI" | "WIE" | "TE" | "TI", size: number) => [
      ...(records[name]?.values.slice(-size) ?? []),
    ];
    expect(last("WEE", e * e)).toEqual([...matrixOf(state.synapses.EE, e)]);
    expect(last("WEI", e * i)).toEqual([...matrixOf(state.synapses.EI, i)]);
    expect(last("WIE", e * i)).toEqual([...matrixOf(state.synapses.IE, e)]);
    expect(last("TE", e)).toEqual([...state.thresholdE]);
    expect(last("TI", i)).toEqual([...state.thresholdI]);
  });
});

test("reductions are those of the recorded matrices and spikes, before the step's synaptic plasticity", async () => {
  await withNetworks(async (network) => {
    const records = await collect(network.run({ steps: 5, record: sornRecordNames }));
    const values = (name: (typeof sornRecordNames)[number]) => [...(records[name]?.values ?? [])];
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length);
    for (let step = 1; step < 5; step += 1) {
      const frame = (name: (typeof sornRecordNames)[number], index: number) => {
        const size = values(name).length / 5;
        return values(name).slice(index * size, (index + 1) * size);
      };
      const weights = frame("WEE", step - 1).filter((weight) => weight > 0);
      expect(values("EEConnectionCounts")[step]).toBe(weights.length);
      expect(values("connectionFraction")[step]).toBeCloseTo(weights.length / (35 * 34), 12);
      expect(values("meanWeightEE")[step]).toBeCloseTo(mean(weights), 6);
      const inhibition = frame("WEI", step - 1).filter((weight) => weight > 0);
      expect(values("EIConnectionCounts")[step]).toBe(inhibition.length);
      expect(values("meanWeightEI")[step]).toBeCloseTo(mean(inhibition), 6);
      expect(values("IEConnectionCounts")[step]).toBe(frame("WIE", step).filter((weight) => weight > 0).length);
      expect(values("excitatoryRate")[step]).toBeCloseTo(mean(frame("ExcitatoryActivation", step)), 12);
      expect(values("inhibitoryRate")[step]).toBeCloseTo(mean(frame("InhibitoryActivation", step)), 12);
      expect(values("recurrentRate")[step]).toBeCloseTo(mean(frame("RecurrentActivation", step)), 12);
      expect(values("meanThreshold")[step]).toBeCloseTo(mean(frame("TE", step)), 5);
    }
  });
});

test("stride, units and a ring give parts of the whole", async () => {
  const steps = 300;
  const record = ["ExcitatoryActivation", "WEI", "excitatoryRate"] as const;
  const run = async (requests: Parameters<Sorn["run"]>[0]["record"]) => {
    const network = sorn(gpu.device, { ...options, storage: "lists", slots: 20 });
    try {
      return await collect(network.run({ steps, ...(requests && { record: requests }), block: 77 }));
    } finally {
      network.dispose();
    }
  };
  const whole = await run(record);
  const parts = await run([
    { name: "ExcitatoryActivation", stride: 7, units: [33, 2] },
    { name: "WEI", stride: 100, units: { from: 4, to: 6 }, last: 2 },
    { name: "excitatoryRate", last: 5 },
  ]);
  const spikes = Array.from({ length: 42 }, (_, frame) =>
    [33, 2].map((unit) => whole.ExcitatoryActivation?.values[(7 * frame + 6) * 35 + unit]),
  ).flat();
  expect([...(parts.ExcitatoryActivation?.values ?? [])]).toEqual(spikes);
  expect([...(parts.ExcitatoryActivation?.steps.slice(0, 2) ?? [])]).toEqual([7, 14]);
  expect(parts.WEI?.shape).toEqual([2, 2, 7]);
  expect([...(parts.WEI?.steps ?? [])]).toEqual([200, 300]);
  const rows = [199, 299].flatMap((step) => [
    ...(whole.WEI?.values.slice((step * 35 + 4) * 7, (step * 35 + 6) * 7) ?? []),
  ]);
  expect([...(parts.WEI?.values ?? [])]).toEqual(rows);
  expect([...(parts.excitatoryRate?.values ?? [])]).toEqual([...(whole.excitatoryRate?.values.slice(-5) ?? [])]);
  expect([...(parts.excitatoryRate?.steps ?? [])]).toEqual([296, 297, 298, 299, 300]);
});

test("blocks come as often as is asked, and hold nothing that was not", async () => {
  const network = sorn(gpu.device, options);
  const seen: unknown[] = [];
  for await (const { step, done, total, records } of network.run({ steps: 25, block: 10 }))
    seen.push([step, done, total, records]);
  expect(seen).toEqual([
    [10, 10, 25, {}],
    [20, 20, 25, {}],
    [25, 25, 25, {}],
  ]);
  network.dispose();
});

test("no more frames are held than a block has: of weights, one", async () => {
  const held = (request: Parameters<typeof planRecords>[0][0], steps: number) =>
    planRecords([request], sornParameters({ excitatory: 2000 })).map((plan) => framesHeld(plan, steps, 256))[0];
  expect(held("WEE", 10_000)).toBe(1);
  expect(held({ name: "TE", stride: 5 }, 10_000)).toBe(1);
  expect(held({ name: "WEE", last: 3 }, 10_000)).toBe(3);
  expect(held("excitatoryRate", 10_000)).toBe(256);
  expect(held({ name: "ExcitatoryActivation", stride: 100 }, 10_000)).toBe(3);
  expect(held({ name: "ExcitatoryActivation", last: 20_000, stride: 2 }, 10_000)).toBe(5000);
  const network = sorn(gpu.device, options);
  const ring = { steps: 4e9, record: [{ name: "WEE", last: 3e9 }] } as const;
  expect(() => network.run(ring)).toThrow(LimitError);
  expect(() => network.run(ring)).toThrow(/record: WEE: 3675000000000 values would be held.*smaller "last"/);
  const frames = [];
  for await (const { records } of network.run({ steps: 4, record: ["WEE", { name: "TE", stride: 2 }] }))
    frames.push([records.WEE?.shape[0], records.TE?.shape[0]]);
  expect(frames).toEqual([
    [1, undefined],
    [1, 1],
    [1, undefined],
    [1, 1],
  ]);
  network.dispose();
});
