import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { timeDispatches } from "../gpu/timing.ts";
import type { Layout } from "../ops/layout.ts";
import type { Family } from "../ops/recurrence.ts";

/** Up to here one workgroup is always enough for all units; beyond the other, never. In between it is measured. */
const surelyPersistent = 96;
const surelyStepwise = 1024;
const rounds = 3;

/**
 * Chooses the kernels of the recurrence: by the network's width where that is clear, else by timing both forward passes
 * once for each shape and device. Both give the same numbers, so the choice never shows in a result.
 * @param forward makes the dispatches of one family, on the buffers they will run on.
 */
export async function chooseFamily(
  device: Device,
  layout: Layout,
  forward: (family: Family) => Promise<readonly Dispatch[]>,
): Promise<Family> {
  const { hidden, batch, replicas, gates } = layout;
  if (hidden <= surelyPersistent || device.info.backend === "null") return "persistent";
  if (hidden > surelyStepwise) return "stepwise";
  const key = `family ${gates} ${hidden} ${batch} ${replicas}`;
  const known = device.measurements.get(key) as Promise<Family> | undefined;
  if (known !== undefined) return known;
  const measured = fastest(device, forward);
  device.measurements.set(key, measured);
  measured.catch(() => device.measurements.delete(key));
  return measured;
}

async function fastest(device: Device, forward: (family: Family) => Promise<readonly Dispatch[]>): Promise<Family> {
  const candidates = { persistent: await forward("persistent"), stepwise: await forward("stepwise") };
  const best = { persistent: Number.POSITIVE_INFINITY, stepwise: Number.POSITIVE_INFINITY };
  // One more round than is counted, to warm up; in turns, so that a busy machine disturbs both alike.
  for (let round = 0; round <= rounds; round += 1) {
    for (const family of ["persistent", "stepwise"] as const) {
      const { milliseconds } = await timeDispatches(device, candidates[family]);
      if (round > 0) best[family] = Math.min(best[family], milliseconds);
    }
  }
  return best.persistent <= best.stepwise ? "persistent" : "stepwise";
}
