import { ShapeError, ValueError } from "../errors.ts";

/** Spikes of units over time, 0 or 1; a `SornRecord` of spikes of one network is one. */
export interface Raster {
  readonly values: ArrayLike<number>;
  /** [steps, units] */
  readonly shape: readonly number[];
}

/** The two lengths of a raster. @throws ShapeError */
function shapeOf({ values, shape }: Raster, label: string): { readonly steps: number; readonly units: number } {
  const [steps = 0, units = 0] = shape;
  if (shape.length !== 2 || !(steps >= 1) || !(units >= 1) || values.length !== steps * units)
    throw new ShapeError(
      `${label}: expected values of [steps, units], got ${values.length} of [${shape.join(", ")}].${shape.length === 3 ? " Of a record of several replicas take one with rasterOfReplica." : ""}`,
    );
  return { steps, units };
}

/** The two lengths of a raster. @throws ShapeError, ValueError naming the first value that is neither 0 nor 1. */
export function readRaster(raster: Raster, label: string): { readonly steps: number; readonly units: number } {
  const { steps, units } = shapeOf(raster, label);
  const wrong = Array.prototype.findIndex.call(raster.values, (value: number) => value !== 0 && value !== 1);
  if (wrong >= 0)
    throw new ValueError(
      `${label}: step ${Math.floor(wrong / units)}, unit ${wrong % units} is ${raster.values[wrong]}; expected 0 or 1.`,
    );
  return { steps, units };
}

/**
 * The spikes of one network out of a record of several.
 * @param record [replica, steps, units], or [steps, units] of which replica 0 is all.
 * @throws ShapeError, ValueError for a replica that there is not.
 */
export function rasterOfReplica(
  record: { readonly values: Uint8Array | Float32Array | Float64Array; readonly shape: readonly number[] },
  replica: number,
): Raster {
  const shape = record.shape.length === 3 ? record.shape : [1, ...record.shape];
  const [replicas = 0, steps = 0, units = 0] = shape;
  if (shape.length !== 3 || record.values.length !== replicas * steps * units)
    throw new ShapeError(`rasterOfReplica: expected [replica, steps, units], got [${record.shape.join(", ")}].`);
  if (!Number.isInteger(replica) || replica < 0 || replica >= replicas)
    throw new ValueError(`rasterOfReplica: replica: expected 0 to ${replicas - 1}, got ${replica}.`);
  const size = steps * units;
  return { values: record.values.subarray(replica * size, (replica + 1) * size), shape: [steps, units] };
}

/**
 * Spikes out of bit sets: unit i of a step is bit i mod 32 of its word ⌊i / 32⌋.
 * @param words [steps, ⌈units / 32⌉]
 * @throws ShapeError
 */
export function rasterFromBits(words: Uint32Array, units: number): Raster {
  const width = Math.ceil(units / 32);
  const steps = words.length / width;
  if (!Number.isInteger(units) || units < 1 || !Number.isInteger(steps) || steps < 1)
    throw new ShapeError(
      `rasterFromBits: expected [steps, ${width}] words of ${units} units, got ${words.length} words.`,
    );
  const values = Uint8Array.from({ length: steps * units }, (_, index) => {
    const unit = index % units;
    return ((words[Math.floor(index / units) * width + (unit >>> 5)] as number) >>> (unit & 31)) & 1;
  });
  return { values, shape: [steps, units] };
}

/** The spikes of one unit, [steps], which alone are checked. @throws ShapeError, ValueError */
export function spikeTrain(raster: Raster, unit: number): Uint8Array {
  const { steps, units } = shapeOf(raster, "spikeTrain");
  if (!Number.isInteger(unit) || unit < 0 || unit >= units)
    throw new ValueError(`spikeTrain: unit: expected 0 to ${units - 1}, got ${unit}.`);
  return Uint8Array.from({ length: steps }, (_, step) => {
    const value = raster.values[step * units + unit] as number;
    if (value !== 0 && value !== 1)
      throw new ValueError(`spikeTrain: step ${step}, unit ${unit} is ${value}; expected 0 or 1.`);
    return value;
  });
}

/** How many units are active in each step, a(t), [steps]: sorn's firing_rate_network. @throws ShapeError, ValueError */
export function populationActivity(raster: Raster): Float64Array {
  const { steps, units } = readRaster(raster, "populationActivity");
  const activity = new Float64Array(steps);
  for (let step = 0; step < steps; step += 1) {
    let count = 0;
    for (let unit = 0; unit < units; unit += 1) count += raster.values[step * units + unit] as number;
    activity[step] = count;
  }
  return activity;
}

/**
 * Mean number of spikes of each unit, [units].
 * @param options.bin steps that are counted together, default 1: sorn's firing_rate_neuron.
 * @throws ShapeError, ValueError
 */
export function firingRates(raster: Raster, { bin = 1 }: { readonly bin?: number } = {}): Float64Array {
  const { steps, units } = readRaster(raster, "firingRates");
  if (!(bin > 0 && Number.isFinite(bin)))
    throw new ValueError(`firingRates: bin: expected a positive number of steps, got ${bin}.`);
  const rates = new Float64Array(units);
  for (let index = 0; index < raster.values.length; index += 1)
    rates[index % units] = (rates[index % units] as number) + (raster.values[index] as number);
  return rates.map((count) => (count * bin) / steps);
}
