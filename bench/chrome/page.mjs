/** What the page runs: the same measurements as `cortrain bench`, as one function of the window. */
import { measureKernels } from "../../dist/bench/kernels.js";
import { measureRoofs } from "../../dist/bench/roofs.js";
import { measureStep } from "../../dist/bench/steps.js";
import { describeDevice, openDevice } from "../../dist/index.js";

/** @param {{ sizes: string[], rounds: number, cell: string }} options */
globalThis.benchInPage = async ({ sizes, rounds, cell }) => {
  const device = await openDevice({ quiet: true });
  try {
    const { limits: _limits, features: _features, ...about } = describeDevice(device);
    const roofs = await measureRoofs(device, rounds);
    const kernels = [];
    for (const size of sizes) kernels.push(...(await measureKernels(device, size, { cell, rounds, roofs })));
    const steps = [];
    for (const size of sizes) steps.push(await measureStep(device, size, { cell, rounds }));
    return { device: about, cell, roofs, kernels, steps, hostSteps: [] };
  } finally {
    device.dispose();
  }
};
