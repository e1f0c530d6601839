import type { Device } from "../gpu/device.ts";
import type { Layout } from "../ops/layout.ts";
import type { Family } from "../ops/recurrence.ts";
import type { ModelSpec } from "./model.ts";

const widestPersistent = 256;

/** Chooses the kernels of the recurrence by the network's width. */
export async function chooseFamily(_device: Device, layout: Layout, _spec: ModelSpec): Promise<Family> {
  return layout.hidden <= widestPersistent ? "persistent" : "stepwise";
}
