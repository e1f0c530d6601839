import { expect, test } from "vitest";
import { accuracyOf } from "../../src/analysis/classification.ts";
import { sorn } from "../../src/plasticity/sorn.ts";
import { runSymbolTask } from "../../src/plasticity/symbols/read-symbols.ts";
import { symbolTasks } from "../../src/plasticity/symbols/tasks.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

test("networks that learned count to four; the same networks as they were drawn lose count", async () => {
  const task = symbolTasks.counting({ length: 4 });
  const seeds = [1, 2];
  const score = async (learns: boolean, plastic: number) => {
    const network = sorn(gpu.device, {
      ...{ preset: "lazar2009", excitatory: 60, inputs: task.inputs },
      ...(!learns && { stdp: false, ip: false, ss: false }),
      connections: { EE: { type: "sparse", inDegree: 10 }, input: { type: "pools", size: 3 } },
      replicas: seeds.map((seed) => ({ seed })),
    });
    const scores = await runSymbolTask(network, task, { plastic, train: 600, test: 600, seed: 50 });
    network.dispose();
    return scores.map(({ named, held, predictable }) => ({
      letters: predictable,
      ends: accuracyOf(
        named,
        held.symbols,
        held.places.map((place) => Number(place === 5)),
      ),
    }));
  };
  const [learned, drawn] = [await score(true, 5000), await score(false, 100)];
  for (const index of seeds.keys()) {
    expect(learned[index]?.letters).toBeGreaterThan(drawn[index]?.letters ?? 1);
    expect(learned[index]?.ends).toBeGreaterThan(drawn[index]?.ends ?? 1);
  }
});
