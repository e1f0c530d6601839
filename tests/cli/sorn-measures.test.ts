import { expect, test } from "vitest";
import { measurePhase, measureState } from "../../src/cli/sorn-measures.ts";
import { numberCsv, numberTable, sornNumbers } from "../../src/cli/sorn-numbers.ts";
import { activityOf, type PhaseResult, spikesOf } from "../../src/cli/sorn-records.ts";
import { drawState } from "../../src/plasticity/connect.ts";
import { sornParameters } from "../../src/plasticity/parameters.ts";
import type { SornRecord, SornRecordName } from "../../src/plasticity/record.ts";
import { type SornSnapshot, synapsesOf } from "../../src/plasticity/state.ts";

const parameters = sornParameters({ excitatory: 3, inhibitory: 1, seed: 1 });
const avalanches = { threshold: "halfMean", ranges: "auto", samples: 5 } as const;

function phaseOf(
  records: Partial<Record<SornRecordName, Pick<SornRecord, "steps" | "values">>>,
  replicas = 1,
): PhaseResult {
  const entries = Object.entries(records).map(([name, record]) => [name, { name, replicas, shape: [], ...record }]);
  return { name: "p", steps: 4, records: Object.fromEntries(entries) as PhaseResult["records"] };
}

test("active units are counted from rates or from spikes, of steps that follow each other only", () => {
  const spikes = Uint8Array.from([1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1]);
  const steps = Float64Array.from([5, 6, 7, 8]);
  expect([...(activityOf(phaseOf({ ExcitatoryActivation: { steps, values: spikes } }), 3, 0) ?? [])]).toEqual([
    1, 2, 0, 3,
  ]);
  const rates = { steps, values: Float64Array.from([1 / 3, 0, 1, 2 / 3, 0, 0, 1 / 3, 1]) };
  expect([...(activityOf(phaseOf({ excitatoryRate: rates }, 2), 3, 1) ?? [])]).toEqual([0, 0, 1, 3]);
  const strided = Float64Array.from([2, 4, 6, 8]);
  expect(activityOf(phaseOf({ ExcitatoryActivation: { steps: strided, values: spikes } }), 3, 0)).toBeUndefined();
  // Spikes of some units are no population.
  expect(activityOf(phaseOf({ ExcitatoryActivation: { steps, values: spikes } }), 5, 0)).toBeUndefined();
  expect(spikesOf(phaseOf({ ExcitatoryActivation: { steps, values: spikes } }), "ExcitatoryActivation", 0)?.first).toBe(
    5,
  );
});

test.each([
  ["silent", 0],
  ["always active", 1],
])("of units that are %s, what cannot be measured is left out, and nothing is NaN", (_, value) => {
  const steps = Float64Array.from({ length: 300 }, (_each, index) => index + 1);
  const phase = phaseOf({
    excitatoryRate: { steps, values: new Float64Array(300).fill(value) },
    ExcitatoryActivation: { steps, values: new Uint8Array(900).fill(value) },
  });
  const numbers = measurePhase(phase, parameters, 0, avalanches);
  for (const [name, number] of Object.entries(numbers)) expect(number ?? 0, name).toSatisfy(Number.isFinite);
  expect(numbers).toMatchObject({ "excitatory rate": value, susceptibility: 0, avalanches: 0 });
  for (const name of ["branching ratio (multistep)", "correlation of pairs", "alpha of durations", "longest avalanche"])
    expect(numbers[name], name).toBeUndefined();
});

test("a state without synapses, or with weights of one value, has no law", () => {
  const state = drawState(parameters);
  const empty = { ...state.synapses, EE: synapsesOf(new Float32Array(9), 3, 3) };
  expect(measureState({ ...state, synapses: empty }, parameters)).toMatchObject({
    "E-E synapses": 0,
    "E-E weight": undefined,
    "mean of ln w, w ≥ 0.01": undefined,
  });
});

test("a replica without a number is left out of the table's mean and of the CSV", () => {
  const phase: PhaseResult = {
    ...phaseOf({}, 2),
    damage: [
      { distance: Float64Array.of(1, 0.5), exponent: Math.log(0.5), healed: 0.5 },
      { distance: Float64Array.of(1, 0), exponent: Number.NEGATIVE_INFINITY, healed: 1 },
    ],
  };
  const snapshot: SornSnapshot = {
    format: "cortrain/sorn@1",
    ...{ step: 1, seeds: [1, 2], settled: true, refused: [0, 0] },
    replicas: [drawState(parameters), drawState(parameters)],
  };
  const numbers = sornNumbers([phase], snapshot, [parameters, parameters], false);
  const [exponent] = numbers.filter(({ name }) => name === "damage: ln d(1) / d(0)");
  expect(exponent?.values).toEqual([Math.log(0.5), null]);
  expect(numberTable(numbers)).toMatch(/ln d\(1\) \/ d\(0\) +-0\.693 \(1 of 2\)\n/);
  expect(numberTable(numbers)).toMatch(/healed share +0\.75 ± 0\.25\n/);
  expect(
    numberCsv(numbers)
      .split("\n")
      .filter((line) => line.includes("ln d(1)")),
  ).toHaveLength(1);
});
