import type { Device } from "../gpu/device.ts";
import { checkKeys } from "../structure/options.ts";
import { gatedOptionKeys, type ModelOptions } from "./create.ts";
import { networkOf } from "./ctrnn.ts";
import type { Network } from "./network.ts";

/** How {@link gru} makes a network: a model's options, and how many replicas of it. */
export interface GruOptions
  extends Pick<
    ModelOptions,
    "structure" | "dtMs" | "noise" | "units" | "constraint" | "learn" | "seed" | "weights" | "plasticity" | "initial"
  > {
  /** Number of networks with seeds seed, seed + 1, …; default 1. */
  readonly replicas?: number;
}

/** How {@link lstm} makes a network: a model's options, and how many replicas of it. */
export interface LstmOptions extends GruOptions, Pick<ModelOptions, "lstmOutput" | "initialisation" | "forgetBias"> {}

/**
 * A long short-term memory network on a device, PyTorch's, or PsychRNN's with `lstmOutput: "sigmoid"` (and
 * `initialisation: "psychrnn"`), with initial weights drawn from its seed:
 * i, f, o = sigmoid(W u + W h + b), g = tanh(W u + W h + b); c = f c + i g + noise; h = o tanh(c) (or o sigmoid(c)) + noise.
 * Its rates are h, its states c. `dtMs` only tells a task the time step.
 * @throws what `createModel` throws, and LimitError.
 */
export function lstm(device: Device, options: LstmOptions): Network {
  checkKeys("lstm", options, [...gatedOptionKeys, "lstmOutput", "replicas"]);
  return networkOf(device, { ...options, cell: "lstm" });
}

/**
 * A network of gated recurrent units on a device, PyTorch's, with initial weights drawn from its seed:
 * r, z = sigmoid(W u + W h + b), n = tanh(W u + b + r (W h + biasN) + noise); h = (1 - z) n + z h + noise.
 * Its rates and states are both h. `dtMs` only tells a task the time step.
 * @throws what `createModel` throws, and LimitError.
 */
export function gru(device: Device, options: GruOptions): Network {
  checkKeys("gru", options, [
    ...gatedOptionKeys.filter((key) => key !== "initialisation" && key !== "forgetBias"),
    "replicas",
  ]);
  return networkOf(device, { ...options, cell: "gru" });
}
