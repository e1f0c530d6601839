import { type DamageSpreading, damageSpreading } from "../analysis/damage.ts";
import type { Raster } from "../analysis/raster.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { Random, streams } from "../random.ts";
import { collect } from "./collect.ts";
import type { SornParameters } from "./parameters.ts";
import type { SornInputSource, SornRunOptions } from "./run-options.ts";
import { Sorn } from "./sorn.ts";
import type { SornSnapshot, SornState } from "./state.ts";

export interface DamageOptions extends Pick<SornRunOptions, "inputs" | "freeze" | "signal"> {
  /** Steps that both copies take. */
  readonly steps: number;
  /** How many excitatory units are flipped, each in a copy of its own; at most all of them. */
  readonly pairs: number;
  /** Of the choice of units; default 0. */
  readonly seed?: number;
  /** Whether there is noise, the same in all copies; default true. */
  readonly noise?: boolean;
}

/**
 * Damage spreading (Bertschinger & Natschläger 2004) from where a network is: copies of it in which one excitatory unit is
 * flipped run beside one that is left alone, with the same inputs, noise and plasticity. The network itself stays as it is.
 * @returns one result for each replica; the first of `steps + 1` distances is 1, that of the flipped unit. Empty where it was
 * aborted.
 * @throws ValueError for `pairs` or `steps`; as `Sorn.run`; LimitError where the copies do not fit.
 */
export async function spreadDamage(network: Sorn, options: DamageOptions): Promise<readonly DamageSpreading[]> {
  const { steps, pairs } = options;
  const { excitatory } = network.parameters[0];
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > excitatory)
    throw new ValueError(`spreadDamage: pairs: expected 1 to ${excitatory}, the excitatory units, got ${pairs}.`);
  if (!Number.isInteger(steps) || steps < 1)
    throw new ValueError(`spreadDamage: steps: expected a positive integer, got ${steps}.`);
  const snapshot = await network.snapshot();
  const spreads: DamageSpreading[] = [];
  for (const [replica, parameters] of network.parameters.entries()) {
    const spread = await spreadOf(network, snapshot, parameters, replica, options);
    if (spread === undefined) return [];
    spreads.push(spread);
  }
  return spreads;
}

async function spreadOf(
  { device, replicas }: Sorn,
  snapshot: SornSnapshot,
  parameters: SornParameters,
  replica: number,
  { steps, pairs, seed = 0, inputs, noise = true, freeze, signal }: DamageOptions,
): Promise<DamageSpreading | undefined> {
  const state = snapshot.replicas[replica] as SornState;
  const units = new Random(seed, streams.plasticity, replica).permutation(state.x.length).subarray(0, pairs);
  const states = [state, ...Array.from(units, (unit) => flipped(state, unit))];
  // The random numbers of a network are told apart by its seed alone, so that all copies have the same.
  const copies = new Sorn(device, states.map(() => parameters) as [SornParameters, ...SornParameters[]], { states });
  try {
    copies.restore({
      ...{ format: snapshot.format, step: snapshot.step, settled: snapshot.settled, replicas: states },
      seeds: states.map(() => snapshot.seeds[replica] as number),
      refused: states.map(() => 0),
    });
    const records = await collect(
      copies.run({
        ...{ steps, noise, record: ["ExcitatoryActivation"] },
        ...(inputs && { inputs: inputsOf(inputs, parameters.inputs, steps, replica, replicas) }),
        ...{ ...(freeze && { freeze }), ...(signal && { signal }) },
      }),
    );
    const record = records.ExcitatoryActivation;
    if (record === undefined || record.steps.length < steps) return undefined;
    const [own, ...others] = states.map(({ x }, copy) => withFirst(x, record.values as Uint8Array, copy, steps));
    return damageSpreading(others.map((other) => [own as Raster, other] as const));
  } finally {
    copies.dispose();
  }
}

function flipped(state: SornState, unit: number): SornState {
  const x = state.x.slice();
  x[unit] = 1 - (x[unit] ?? 0);
  return { ...state, x };
}

/** The raster of a copy, its state before the first step in front. */
function withFirst(x: Uint8Array, values: Uint8Array, copy: number, steps: number): Raster {
  const size = steps * x.length;
  const whole = new Uint8Array(size + x.length);
  whole.set(x);
  whole.set(values.subarray(copy * size, (copy + 1) * size), x.length);
  return { values: whole, shape: [steps + 1, x.length] };
}

/** The inputs of one replica, as all its copies have them. */
function inputsOf(
  inputs: Float32Array | SornInputSource,
  width: number,
  steps: number,
  replica: number,
  replicas: number,
): Float32Array | SornInputSource {
  if (typeof inputs === "function") return (step, target) => inputs(step, target, replica);
  const size = steps * width;
  if (inputs.length === size) return inputs;
  if (inputs.length !== replicas * size)
    throw new ShapeError(
      `spreadDamage: inputs: expected [${steps}, ${width}]${replicas > 1 ? ` or [${replicas}, ${steps}, ${width}]` : ""}, got ${inputs.length} values.`,
    );
  return inputs.subarray(replica * size, (replica + 1) * size);
}
