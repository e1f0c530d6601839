import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { loadNetwork, readModel, readTrials, saveModel, writeModel, writeTrials } from "../../src/node.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const folder = mkdtempSync(join(tmpdir(), "cortrain-node-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sizes = { inputs: 3, hidden: 6, outputs: 2 };

test("models come back as they were written, through a network on the GPU, too", async () => {
  const models = [1, 2].map((seed) => generateModel({ ...sizes, seed, density: 0.6, signed: true }));
  const paths = [join(folder, "one"), join(folder, "two.safetensors")];
  for (const [index, model] of models.entries()) {
    await writeModel(paths[index] as string, model, { weights: "npz" });
    expect(await readModel(paths[index] as string)).toEqual(model);
  }
  const network = await loadNetwork(gpu.device, paths);
  try {
    expect(network.replicas).toBe(2);
    await saveModel(join(folder, "again"), network, { replica: 1 });
    expect((await readModel(join(folder, "again"))).parameters).toEqual(models[1]?.parameters);
  } finally {
    network.dispose();
  }
  await writeModel(join(folder, "larger"), generateModel({ ...sizes, hidden: 7, seed: 1 }));
  await expect(loadNetwork(gpu.device, [join(folder, "one"), join(folder, "larger")])).rejects.toThrow(ConfigError);
});

test("trials come back as they were written", async () => {
  for (const withV0 of [true, false]) {
    const trials = randomTrials({ ...sizes, time: 4, batch: 3, seed: 1, withV0, withMask: withV0 });
    await writeTrials(join(folder, "trials.npz"), trials);
    expect(await readTrials(join(folder, "trials.npz"))).toEqual(trials);
  }
  const trials = randomTrials({ ...sizes, time: 2, batch: 1, seed: 2 });
  const rateTargets = Float32Array.from([1, 2, 3, 4, Number.NaN, 6]);
  const recorded = { ...trials, rateTargets, rateMask: Float32Array.from([1, 1, 1, 1, 0, 0.5]) };
  await writeTrials(join(folder, "recorded.npz"), recorded);
  expect(await readTrials(join(folder, "recorded.npz"))).toEqual(recorded);
});
