import { ConfigError, ShapeError } from "../errors.ts";
import { type ArrayData, formatShape } from "../io/array.ts";
import type { Area } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { checkCount } from "./options.ts";

/** The place of that name. @throws {@link ConfigError} naming the nearest. */
export function findPlace(label: string, name: string, places: readonly Area[]): Area {
  const found = places.find((place) => place.name === name);
  if (found !== undefined) return found;
  const names = places.map((place) => place.name);
  throw new ConfigError(`${label}: there is no "${name}"; ${suggestName(name, names)}`);
}

/** What a structure and a network's `spec` both say of their channels. */
export interface NamedInputChannels {
  readonly inputs: number;
  readonly inputGroups?: readonly Area[] | undefined;
}

/** What a structure and a network's `spec` both say of their outputs. */
export interface NamedOutputChannels {
  readonly outputs: number;
  readonly outputGroups?: readonly Area[] | undefined;
}

/** Signals by the names of input groups, each [T, B, channels of the group]. */
export type InputSignals = Readonly<Record<string, Float32Array | ArrayData>>;

/** The groups of inputs; where they have no names, all of them are `inputs`. */
export function inputPlaces({ inputs, inputGroups }: NamedInputChannels): readonly Area[] {
  return inputGroups ?? [{ name: "inputs", from: 0, to: inputs }];
}

/** The groups of outputs; where they have no names, all of them are `outputs`. */
export function outputPlaces({ outputs, outputGroups }: NamedOutputChannels): readonly Area[] {
  return outputGroups ?? [{ name: "outputs", from: 0, to: outputs }];
}

/** {@link inputsByName}, with the words that messages begin with. */
export function joinInputs(
  label: string,
  channels: NamedInputChannels,
  { steps, trials }: { readonly steps: number; readonly trials: number },
  signals: InputSignals,
): Float32Array {
  const { inputs } = channels;
  const rows = checkCount(`${label}: steps`, steps) * checkCount(`${label}: trials`, trials);
  const joined = new Float32Array(rows * inputs);
  for (const [name, signal] of Object.entries(signals)) {
    const { from, to } = findPlace(`${label}: inputs`, name, inputPlaces(channels));
    const width = to - from;
    const shape = [steps, trials, width];
    const [data, given] =
      signal instanceof Float32Array
        ? [signal, `${signal.length} values`]
        : [signal?.data, formatShape(signal?.shape ?? [])];
    const fits =
      signal instanceof Float32Array ? signal.length === rows * width : signal?.shape?.join() === shape.join();
    if (fits && !(data instanceof Float32Array && data.length === rows * width)) {
      const held = data instanceof Float32Array ? `${data.length} values` : "data of another type";
      throw new ShapeError(`${label}: ${name}: expected ${rows * width} values as a Float32Array, got ${held}.`);
    }
    if (!(data instanceof Float32Array) || !fits)
      throw new ShapeError(`${label}: ${name}: expected ${formatShape(shape)} (time, batch, channels), got ${given}.`);
    for (let row = 0; row < rows; row += 1)
      joined.set(data.subarray(row * width, (row + 1) * width), row * inputs + from);
  }
  return joined;
}

/**
 * Inputs given by the names of their groups, joined into the channels of the network: the `inputs` [T, B, I] of
 * `network.run({ steps, trials, inputs })`. Groups that are not given are silent; where groups have no names, `inputs` is
 * the name of all.
 * @param channels a structure, or a network's `spec`.
 * @param signals for each group [T, B, channels of the group], flat or with its shape.
 * @throws {@link ConfigError} naming the nearest group, {@link ShapeError} for a signal of another size,
 * {@link ValueError} for steps or trials that are no positive integers.
 */
export function inputsByName(
  channels: NamedInputChannels,
  sizes: { readonly steps: number; readonly trials: number },
  signals: InputSignals,
): Float32Array {
  return joinInputs("inputsByName", channels, sizes, signals);
}

/**
 * The outputs of a run by the names of their groups, as copies [T, B, channels of the group]; with R > 1 replicas
 * [R, T, B, channels]. Where groups have no names, `outputs` is the name of all.
 * @param channels a structure, or a network's `spec`.
 * @throws {@link ShapeError} for outputs that are not of such a run.
 */
export function outputsByName(
  channels: NamedOutputChannels,
  activity: { readonly steps: number; readonly trials: number; readonly outputs: Float32Array },
): Record<string, ArrayData> {
  const { steps, trials, outputs: values } = activity;
  const { outputs } = channels;
  const rows = values.length / outputs;
  const replicas = rows / (steps * trials);
  if (!Number.isInteger(replicas) || replicas < 1)
    throw new ShapeError(
      `outputsByName: expected ${formatShape([steps, trials, outputs])} (time, batch, outputs), or that for each replica, got ${values.length} values.`,
    );
  const split = outputPlaces(channels).map(({ name, from, to }): [string, ArrayData] => {
    const width = to - from;
    const data = new Float32Array(rows * width);
    for (let row = 0; row < rows; row += 1)
      data.set(values.subarray(row * outputs + from, row * outputs + to), row * width);
    return [name, { shape: [...(replicas > 1 ? [replicas] : []), steps, trials, width], data }];
  });
  return Object.fromEntries(split);
}
