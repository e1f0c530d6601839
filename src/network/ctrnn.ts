import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { checkKeys } from "../structure/options.ts";
import { createModel, leakyOptionKeys, type ModelOptions } from "./create.ts";
import { Network } from "./network.ts";

/** How {@link ctrnn} makes a network: a model's options, and how many replicas of it. */
export interface CtrnnOptions extends Omit<ModelOptions, "cell" | "lstmOutput" | "initialisation" | "forgetBias"> {
  /** Number of networks with seeds seed, seed + 1, …; default 1. */
  readonly replicas?: number;
}

/**
 * A continuous-time recurrent network on a device, with initial weights drawn from its seed.
 * @throws what `createModel` throws, and LimitError.
 */
export function ctrnn(device: Device, options: CtrnnOptions): Network {
  checkKeys("ctrnn", options, [...leakyOptionKeys, "replicas"]);
  return networkOf(device, options);
}

/** Replicas of a model with seeds seed, seed + 1, …. @throws ConfigError, and what `createModel` throws. */
export function networkOf(device: Device, options: ModelOptions & { readonly replicas?: number }): Network {
  const { replicas = 1, ...rest } = options;
  if (!Number.isInteger(replicas) || replicas < 1) {
    throw new ConfigError(`replicas: expected a whole number of at least 1, got ${replicas}.`);
  }
  const seed = rest.seed ?? 0;
  const models = Array.from({ length: replicas }, (_, replica) => createModel({ ...rest, seed: seed + replica }));
  return new Network(device, models, rest);
}
