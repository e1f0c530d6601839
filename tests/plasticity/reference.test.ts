import { describe, expect, test } from "vitest";
import { collect } from "../../src/plasticity/collect.ts";
import { drawState } from "../../src/plasticity/connect.ts";
import type { SornOptions, SornRule } from "../../src/plasticity/parameters.ts";
import { sornParameters, sornRules } from "../../src/plasticity/parameters.ts";
import { sorn } from "../../src/plasticity/sorn.ts";
import { matrixOf } from "../../src/plasticity/state.ts";
import { Random } from "../../src/random.ts";
import { sornReference, stepSorn } from "../reference/sorn.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

interface Case {
  readonly options: SornOptions;
  readonly steps: number;
  readonly freeze?: readonly SornRule[];
  readonly noise?: boolean;
}

const small = { excitatory: 20, inputs: 3, seed: 7 } as const;
const sparse = {
  EE: { type: "sparse", inDegree: 6, spread: 1 },
  EI: { type: "sparse", density: 0.5 },
  IE: { type: "sparse", density: 0.5 },
  input: { type: "pools", size: 4, gain: 0.5 },
} as const;

const cases: Readonly<Record<string, Case>> = {
  "sorn-0.7": { options: { preset: "sorn-0.7", ...small }, steps: 200 },
  lazar2009: { options: { preset: "lazar2009", ...small, connections: sparse }, steps: 200 },
  zheng2013: { options: { preset: "zheng2013", ...small }, steps: 200 },
  delpapa2017: { options: { preset: "delpapa2017", ...small, excitatory: 33, seed: 3 }, steps: 100 },
  "one unit of each kind": { options: { excitatory: 1, inputs: 1, inhibitory: 1, seed: 4, sp: false }, steps: 40 },
  "sizes around a word of spikes": {
    options: { ...small, excitatory: 65, inhibitory: 33, connections: sparse },
    steps: 40,
  },
  "sparse everywhere, much structural plasticity": {
    options: { preset: "sorn-0.7", ...small, connections: sparse, sp: { rate: 0.9 } },
    steps: 150,
  },
  "several new synapses a step": { options: { ...small, connections: sparse, sp: { rate: 3 } }, steps: 60 },
  "new synapses after scaling": { options: { ...small, sp: { rate: 0.8, order: "afterScaling" } }, steps: 80 },
  "several after scaling": { options: { ...small, sp: { rate: 2.5, order: "afterScaling" } }, steps: 40 },
  "target rates of each unit, clipped": {
    options: { ...small, ip: { rate: 0.05, target: { low: 0.05, high: 0.3 }, clip: [0, 0.4] } },
    steps: 80,
  },
  "inhibition from x(t+1)": { options: { ...small, inhibition: "current" }, steps: 80 },
  "scaled inhibition": { options: { ...small, ss: { inhibitory: true }, istdp: { rate: 0.02 } }, steps: 80 },
  "inhibition that can be lost": {
    options: { ...small, istdp: { rate: 0.05, floor: 0 }, ss: { inhibitory: true } },
    steps: 80,
  },
  "coarse STDP that removes many": {
    options: { ...small, stdp: { rate: 0.08, maximum: 0.5, prune: 0.01 } },
    steps: 80,
  },
  "no noise": { options: { preset: "sorn-0.7", ...small }, steps: 80, noise: false },
  ...Object.fromEntries(
    sornRules.flatMap((rule): [string, Case][] => [
      [`${rule} frozen`, { options: { preset: "sorn-0.7", ...small, sp: { rate: 0.5 } }, steps: 60, freeze: [rule] }],
      [
        `${rule} alone`,
        {
          options: { preset: "sorn-0.7", ...small, sp: { rate: 0.5 } },
          steps: 60,
          freeze: sornRules.filter((other) => other !== rule),
        },
      ],
      [`without ${rule}`, { options: { preset: "zheng2013", ...small, seed: 11, [rule]: false }, steps: 60 }],
    ]),
  ),
};

/** Float32 sums of weights and thresholds err by less than this. */
const drift = 5e-6;

describe.each(["dense", "lists"] as const)("the float64 reference, synapses as %s", (storage) => {
  for (const [name, { options, steps, freeze = [], noise = true }] of Object.entries(cases)) {
    test(name, async () => {
      const parameters = sornParameters(options);
      const state = drawState(parameters);
      const { excitatory, inhibitory, inputs } = parameters;
      const random = new Random(5, 99);
      const u = Float32Array.from({ length: steps * inputs }, () => random.uniform());
      const reference = sornReference(parameters, state);
      const expected = Array.from({ length: steps }, (_, step) =>
        stepSorn(reference, u.subarray(step * inputs, (step + 1) * inputs), freeze, noise),
      );
      expect(reference.margin, "float32 can tell the drives of this case from 0: choose another seed").toBeGreaterThan(
        drift,
      );
      const network = sorn(gpu.device, { ...options, storage, slots: excitatory });
      try {
        const records = await collect(
          network.run({
            ...{ steps, freeze, noise, ...(inputs > 0 ? { inputs: u } : {}) },
            record: [
              ...(["ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation"] as const),
              ...(["EEConnectionCounts", "EIConnectionCounts"] as const),
            ],
          }),
        );
        const flat = (key: "x" | "y" | "r") => expected.flatMap((each) => [...each[key]]);
        expect([...(records.ExcitatoryActivation?.values ?? [])], "x").toEqual(flat("x"));
        expect([...(records.InhibitoryActivation?.values ?? [])], "y").toEqual(flat("y"));
        expect([...(records.RecurrentActivation?.values ?? [])], "r").toEqual(flat("r"));
        expect([...(records.EEConnectionCounts?.values ?? [])]).toEqual(expected.map(({ countEE }) => countEE));
        expect([...(records.EIConnectionCounts?.values ?? [])]).toEqual(expected.map(({ countEI }) => countEI));
        const [final] = (await network.snapshot()).replicas;
        expectClose(matrixOf(final?.synapses.EE as never, excitatory), reference.EE, "EE");
        expectClose(matrixOf(final?.synapses.EI as never, inhibitory), reference.EI, "EI");
        // A threshold takes one rounding a step, in the same direction for long.
        expectClose(final?.thresholdE as never, reference.thresholdE, "thresholds", 5e-6);
      } finally {
        network.dispose();
      }
    });
  }
});

function expectClose(actual: Float32Array, expected: Float64Array, what: string, tolerance = 2e-6): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let index = 0; index < expected.length; index += 1) {
    const difference = Math.abs((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN));
    if (!(difference <= worst)) worst = difference;
  }
  expect(worst, what).toBeLessThan(tolerance);
}
