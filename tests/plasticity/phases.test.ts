import { expect, test } from "vitest";
import { applyReadout } from "../../src/analysis/ridge.ts";
import { collect } from "../../src/plasticity/collect.ts";
import { sornRules } from "../../src/plasticity/parameters.ts";
import { frozenPhase, plasticityPhase, statesOf } from "../../src/plasticity/phases.ts";
import { type Sorn, type SornNetworkOptions, sorn } from "../../src/plasticity/sorn.ts";
import { runSymbolTask } from "../../src/plasticity/symbols/read-symbols.ts";
import { symbolInputs } from "../../src/plasticity/symbols/symbol-task.ts";
import { symbolTasks } from "../../src/plasticity/symbols/tasks.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

async function withNetwork<Result>(
  options: SornNetworkOptions,
  use: (network: Sorn) => Promise<Result>,
): Promise<Result> {
  const network = sorn(gpu.device, { preset: "lazar2009", excitatory: 30, seed: 3, ...options });
  return use(network).finally(() => network.dispose());
}
/** Pools whose symbol is always heard, whatever else drives them. */
const loud = {
  EE: { type: "sparse", inDegree: 5 },
  input: { type: "pools", size: 3, gain: 20 },
} as const;

test("the plasticity phase learns and reports; the frozen one leaves all as it is", async () => {
  const task = symbolTasks.counting({ length: 2 });
  const options = { connections: loud, inputs: task.inputs, noise: 0.1 };
  await withNetwork(options, async (network) => {
    const inputs = symbolInputs(task.sequence(40, 1));
    const before = await network.snapshot();
    const reports: number[] = [];
    const records = await plasticityPhase(network, {
      ...{ inputs, steps: 40, record: [{ name: "excitatoryRate", stride: 10 }] },
      progress: { every: 16, report: ({ done }) => reports.push(done) },
    });
    expect(reports).toEqual([16, 32, 40]);
    expect([...(records.excitatoryRate?.steps ?? [])]).toEqual([10, 20, 30, 40]);
    const after = await network.snapshot();
    expect(after.replicas[0]?.synapses.EE.weights).not.toEqual(before.replicas[0]?.synapses.EE.weights);

    const whole = await frozenPhase(network, { inputs, steps: 12 });
    const frozen = (await network.snapshot()).replicas[0];
    expect(frozen?.synapses).toEqual(after.replicas[0]?.synapses);
    expect(frozen?.thresholdE).toEqual(after.replicas[0]?.thresholdE);
    expect([whole.steps, whole.units, whole.replicas]).toEqual([12, 30, 1]);

    // The same as a run with every rule off; in two parts, too; and of some units.
    network.restore(after);
    const plain = await collect(
      network.run({ inputs, steps: 12, freeze: sornRules, record: ["ExcitatoryActivation"] }),
    );
    expect(whole.values).toEqual(plain.ExcitatoryActivation?.values);
    network.restore(after);
    const first = await frozenPhase(network, { inputs, steps: 5 });
    const second = await frozenPhase(network, {
      inputs: (step, target, replica) => inputs(step + 5, target, replica),
      ...{ steps: 7, units: [4, 9] },
    });
    expect([...first.values]).toEqual([...whole.values.subarray(0, 150)]);
    const both = Array.from({ length: 7 }, (_, step) => [4, 9].map((unit) => whole.values[(step + 5) * 30 + unit]));
    expect([...second.values]).toEqual(both.flat());
    const stopped = frozenPhase(network, { inputs, steps: 5, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(/aborted before the first step/);
  });
});

test("symbols shown are read at once, and random ones not foreseen: no step is off by one", async () => {
  const task = symbolTasks.randomSequence({ alphabet: 4 });
  const scores = await withNetwork({ connections: loud, inputs: 4, replicas: 2 }, (network) =>
    runSymbolTask(network, task, { plastic: 0, train: 300, test: 200, seed: 1, ahead: [0, 1, -1] }),
  );
  expect(scores.map(({ replica, ahead }) => [replica, ahead])).toEqual(
    [0, 1].flatMap((replica) => [0, 1, -1].map((ahead) => [replica, ahead])),
  );
  for (const { ahead, accuracy, predictable, named, held, readout, replica } of scores) {
    if (ahead === 0) expect(accuracy).toBe(1);
    // 200 guesses of probability 1/4: five standard deviations are 0.15.
    else if (ahead === 1) expect(Math.abs(accuracy - 0.25)).toBeLessThan(0.15);
    // Their trace is still there a step later.
    else expect(accuracy).toBeGreaterThan(0.5);
    expect(predictable).toBeNaN();
    expect(named).toHaveLength(200);
    expect([...held.symbols.subarray(3, 6)]).toEqual([
      ...task.sequence(600, 1 + replica).symbols.subarray(303 + ahead, 306 + ahead),
    ]);
    expect(applyReadout(readout, new Uint8Array(30))).toHaveLength(4);
  }
});

test("a sequence that repeats itself is foreseen; symbols of before the start are skipped", async () => {
  const task = symbolTasks.randomSequence({ alphabet: 3, length: 4, seed: 2 });
  const [next, past] = await withNetwork({ connections: loud, inputs: 3 }, (network) =>
    runSymbolTask(network, task, { plastic: 0, train: 60, test: 40, seed: 1, ahead: [1, -2], lambda: 1e-3 }),
  );
  expect(next?.predictable).toBeGreaterThan(0.7);
  expect(next?.predictable).toBe(next?.accuracy);
  expect(next?.readout.lambda).toBe(1e-3);
  expect([...(past?.held.symbols.subarray(0, 4) ?? [])]).toEqual([...task.sequence(62, 1).symbols.subarray(58, 62)]);
});

test("the same seed gives the same scores; what does not fit is refused", async () => {
  const task = symbolTasks.occluder({ positions: 4, hidden: 2 });
  const options = { connections: loud, inputs: task.inputs };
  const run = () =>
    withNetwork(options, (network) =>
      runSymbolTask(network, task, { plastic: 30, train: 60, test: 40, seed: 4, from: "RecurrentActivation" }),
    );
  expect(await run()).toEqual(await run());
  await withNetwork(options, async (network) => {
    const wrong = (change: object) =>
      expect(runSymbolTask(network, task, { plastic: 0, train: 9, test: 9, seed: 1, ...change })).rejects;
    await wrong({ test: 0 }).toThrow(/test: expected an integer of at least 1, got 0/);
    await wrong({ ahead: -9 }).toThrow(/ahead: expected integers above -9, got -9/);
    await wrong({ seed: [1, 2] }).toThrow(/one for each of 1 replicas, got 2/);
    const other = runSymbolTask(network, symbolTasks.counting(), { plastic: 0, train: 9, test: 9, seed: 1 });
    await expect(other).rejects.toThrow(/counting needs a network of 6 inputs.*this one has 5/);
    const states = { steps: 2, units: 2, replicas: 1, values: Uint8Array.of(1, 0, 0, 1) };
    expect([...statesOf(states)]).toEqual([1, 0, 0, 1]);
    expect(() => statesOf(states, 1)).toThrow(/replica: expected 0 to 0, got 1/);
  });
});
