import { expect, test } from "vitest";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { dense } from "../../src/structure/structure.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const task = tasks.contextDecision({ dtMs: 40 });

async function trained(kernels: object) {
  const structure = dense({ inputs: 6, hidden: 12, outputs: 2 });
  const network = ctrnn(gpu.device, { structure, dtMs: 40, tauMs: 100, noise: { pre: 0.05 }, seed: 1 });
  try {
    for await (const { profile } of train(network, task, { steps: 3, batch: 9, reportEvery: 3, kernels })) {
      return { profile, weights: (await network.read()).parameters };
    }
    throw new Error("no report");
  } finally {
    network.dispose();
  }
}

test("kernels are pinned by name, are told in the report, and do not show in the weights", async () => {
  const { profile, weights } = await trained({});
  expect(profile.dispatches).toBeLessThanOrEqual(14);
  expect(profile.products).toBe("dense");
  const kernels = { family: "stepwise", products: "dense", tile: "16 x 8" } as const;
  const pinned = await trained(kernels);
  expect(pinned.profile).toMatchObject(kernels);
  expect(pinned.profile.dispatches).toBeGreaterThan(2 * 20);
  expect(pinned.weights).toEqual(weights);
  const sparse = await trained({ products: "sparse" });
  expect(sparse.profile.products).toBe("sparse");
  expect(sparse.weights).toEqual(weights);
});

test("a name that is none is refused", async () => {
  await expect(trained({ tile: "7 x 7" })).rejects.toThrow(/kernels\.tile.*8 x 4/s);
  await expect(trained({ familly: "stepwise" })).rejects.toThrow(/familly.*family/s);
});
