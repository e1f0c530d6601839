import { ConfigError, ShapeError } from "../errors.ts";
import { type ArrayData, formatShape } from "../io/array.ts";
import {
  findPlace,
  type InputSignals,
  inputPlaces,
  joinInputs,
  type NamedInputChannels,
} from "../structure/channels-by-name.ts";
import type { Stimuli } from "./trials.ts";

/** Inputs by the names of their groups, each with its shape [T, B, channels of the group]. */
export type NamedInputs = Readonly<Record<string, ArrayData>>;

/** {@link Stimuli} whose inputs are given by the names of their groups. */
export interface NamedStimuli extends Omit<Stimuli, "inputs"> {
  readonly inputs: InputSignals;
}

/** What `Network.run` takes: inputs as one array, or by name; groups that are not given are silent. */
export type RunInput = Stimuli | NamedStimuli | NamedInputs;

/** A bare record of signals has neither number. */
function isSized(given: RunInput): given is Stimuli | NamedStimuli {
  return typeof given.steps === "number" || typeof given.trials === "number";
}

/** T and B of signals by name: the same for all. */
function sizesOf(given: NamedInputs, channels: NamedInputChannels): { steps: number; trials: number } {
  let sizes: { steps: number; trials: number; name: string } | undefined;
  for (const [name, signal] of Object.entries(given)) {
    const { from, to } = findPlace("run: inputs", name, inputPlaces(channels));
    const [steps, trials] = signal?.shape ?? [];
    if (steps === undefined || trials === undefined)
      throw new ShapeError(
        `run: ${name}: expected { shape: [T, B, ${to - from}], data } (time, batch, channels), got ${signal?.shape === undefined ? "no shape" : formatShape(signal.shape)}. Flat arrays go with { steps, trials, inputs: { ${name} } }.`,
      );
    if (sizes !== undefined && (sizes.steps !== steps || sizes.trials !== trials))
      throw new ShapeError(
        `run: ${name} has ${steps} steps and ${trials} trials, but ${sizes.name} has ${sizes.steps} and ${sizes.trials}: inputs by name are of the same length.`,
      );
    sizes ??= { steps, trials, name };
  }
  if (sizes !== undefined) return sizes;
  const names = inputPlaces(channels).map(({ name }) => name);
  throw new ConfigError(
    `run: expected { steps, trials, inputs }, or inputs by name (${names.join(", ")}), of which at least one says how many steps and trials there are.`,
  );
}

/**
 * Stimuli of whatever form `Network.run` was given.
 * @throws {@link ConfigError} naming the nearest group of inputs, {@link ShapeError} naming the signal that does not fit,
 * {@link ValueError} for steps or trials that are no positive integers.
 */
export function stimuliOf(given: RunInput, channels: NamedInputChannels): Stimuli {
  if (typeof given !== "object" || given === null)
    throw new ConfigError(`run: expected { steps, trials, inputs } or inputs by name, got ${String(given)}.`);
  if (!isSized(given)) {
    const { steps, trials } = sizesOf(given, channels);
    return { steps, trials, inputs: joinInputs("run", channels, { steps, trials }, given) };
  }
  const { inputs } = given;
  if (inputs instanceof Float32Array) return { ...given, inputs };
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs) || ArrayBuffer.isView(inputs))
    throw new ShapeError(
      `run: inputs: expected a Float32Array [T, B, I], or arrays by name, got ${Array.isArray(inputs) ? "a list" : Object.prototype.toString.call(inputs)}.`,
    );
  return { ...given, inputs: joinInputs("run", channels, given, inputs) };
}
