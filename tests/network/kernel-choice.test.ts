import { expect, test } from "vitest";
import { openDevice } from "../../src/gpu/device.ts";
import { type Dispatch, Kernel, readWrite } from "../../src/gpu/kernel.ts";
import { Tensor } from "../../src/gpu/tensor.ts";
import { chooseKernels, listsFor } from "../../src/network/kernel-choice.ts";
import { Network } from "../../src/network/network.ts";
import { Sequence, type SequenceOptions } from "../../src/network/sequence.ts";
import { layoutOf } from "../../src/ops/layout.ts";
import type { RecurrentKernels } from "../../src/ops/recurrence.ts";
import { plainTile } from "../../src/ops/tiles.ts";
import { roofMultiplyAdd } from "../../src/wgsl/generated.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 120, outputs: 1, time: 3, batch: 4, seed: 1 };
const networkOf = (changed: Partial<Parameters<typeof generateModel>[0]> = {}): Network =>
  new Network(gpu.device, [generateModel({ ...sizes, density: 0.05, ...changed })]);

function isTried(network: Network, device = gpu.device): boolean {
  const lists = listsFor(device, network.spec, network.connections, undefined);
  network.dispose();
  return lists !== undefined;
}

test("sparse products are tried for wide CTRNNs whose mask keeps less than a tenth of the synapses", () => {
  expect(isTried(networkOf())).toBe(true);
  expect(isTried(networkOf({ density: 0.2 }))).toBe(false);
  expect(isTried(networkOf({ hidden: 60 }))).toBe(false);
  expect(isTried(networkOf({ cell: "lstm" }))).toBe(false);
  const models = [0.05, 1].map((density) => generateModel({ ...sizes, density }));
  expect(isTried(new Network(gpu.device, models))).toBe(false);
});

// Only Dawn in Node has the null driver.
test.skipIf("document" in globalThis)("sparse products are not tried on a driver that computes nothing", async () => {
  const none = await openDevice({ backend: "null", quiet: true });
  expect(isTried(networkOf(), none)).toBe(false);
  none.dispose();
});

test("the faster products are chosen", async () => {
  const out = new Tensor(gpu.device, "out", [1024]);
  const kernel = await Kernel.create(gpu.device, roofMultiplyAdd, { WORKGROUP_SIZE: 64, ROUNDS: 256 });
  const slow = Array.from({ length: 200 }, () => kernel.dispatch({ out: readWrite(out) }, [4, 1, 1]));
  for (const [index, fast] of (["sparse", "dense"] as const).entries()) {
    const layout = layoutOf({ ...sizes, replicas: 1, steps: 3, lists4: 100 + index });
    const forward = async ({ products }: RecurrentKernels): Promise<Dispatch[]> =>
      products === fast ? slow.slice(0, 1) : slow;
    const pinned = { family: "persistent", tile: plainTile } as const;
    expect(await chooseKernels(gpu.device, layout, pinned, forward)).toEqual({ ...pinned, products: fast });
  }
  out.dispose();
});

test("whichever is chosen, the numbers are the same, and lists that are not used take no memory", async () => {
  const network = networkOf();
  const { spec } = network;
  const { steps, trials, inputs } = randomTrials(sizes);
  const { rates } = await network.run({ steps, trials, inputs });
  const options: SequenceOptions = { steps, batch: trials, replicas: 1, initial: "parameter", storeSlopes: false };
  for (const products of ["dense", "sparse"] as const) {
    // As if it had been measured so.
    for (const [key, known] of gpu.device.measurements) {
      if (!key.startsWith("kernels") || !key.includes(` ${sizes.hidden} `)) continue;
      gpu.device.measurements.set(key, Promise.resolve({ ...((await known) as RecurrentKernels), products }));
    }
    const sequence = await Sequence.compile(gpu.device, spec, network, options);
    expect(sequence.kernels.products).toBe(products);
    expect(sequence.layout.lists4 > 0).toBe(products === "sparse");
    expect(sequence.tensors.unitRates.size > 4).toBe(products === "sparse");
    sequence.dispose();
    const again = networkOf();
    expect((await again.run({ steps, trials, inputs })).rates).toEqual(rates);
    again.dispose();
  }
  network.dispose();
});
