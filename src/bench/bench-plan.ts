import type { Device } from "../gpu/device.ts";
import { Tensor } from "../gpu/tensor.ts";
import type { Cell } from "../io/cells.ts";
import { checkLosses, type LossInput } from "../loss/losses.ts";
import { networkOf } from "../network/ctrnn.ts";
import type { Network } from "../network/network.ts";
import type { Trials } from "../network/trials.ts";
import type { Family, Products } from "../ops/recurrence.ts";
import { quietSettings } from "../ops/settings.ts";
import { Random } from "../random.ts";
import { distanceDependent } from "../structure/distance-dependent.ts";
import { dense } from "../structure/structure.ts";
import { adam, updateSettings } from "../train/optimizer.ts";
import { StepPlan, verdictFloats } from "../train/step-plan.ts";
import { type BenchShape, benchInputs, benchOutputs } from "./shapes.ts";

/** Units that targetRates is measured on. */
const recordedUnits = 8;

/** A network of a shape, its units on a ring where a loss term asks for their distances; replicas differ in their seeds. */
export function benchNetwork(
  device: Device,
  { hidden }: BenchShape,
  cell: Cell,
  options: { readonly ring?: boolean; readonly replicas?: number } = {},
): Network {
  const sizes = { inputs: benchInputs, hidden, outputs: benchOutputs };
  const structure = options.ring ? distanceDependent({ ...sizes, layout: "ring", lengthScale: 0.2 }) : dense(sizes);
  return networkOf(device, {
    structure,
    cell,
    replicas: options.replicas ?? 1,
    ...(cell === "ctrnn" ? { dtMs: 10, tauMs: 100 } : {}),
  });
}

/** A compiled training step (Adam) on trials that are on the device already, and all that it owns. */
export interface BenchStep {
  readonly plan: StepPlan;
  /** Sends the numbers of an update, counted from 0. */
  set(update: number): void;
  dispose(): void;
}

/**
 * @param losses the terms; the masked mean squared error unless given. `updates`: whether it ends with an update; `lr`: its
 * learning rate, 0 unless given, so that every round works on the same weights. `trials`: random ones unless given.
 */
export async function benchStep(
  device: Device,
  network: Network,
  { batch, steps }: BenchShape,
  options: {
    readonly losses?: readonly LossInput[];
    readonly updates?: boolean;
    readonly lr?: number;
    readonly trials?: Trials;
    readonly family?: Family;
    readonly products?: Products;
  } = {},
): Promise<BenchStep> {
  const { losses = [{ type: "meanSquaredError" }], updates = true, lr = 0, family, products } = options;
  const { spec, parameters, rules, layers, connections, distances, plasticity, replicas } = network;
  const verdicts = new Tensor(device, "verdicts", [replicas, verdictFloats]);
  const previous = new Tensor(device, "previous", parameters.shape);
  const moments = new Tensor(device, "moments", [...parameters.shape, 2]);
  const owned = [verdicts, previous, moments];
  const dispose = (): void => {
    for (const tensor of owned) tensor.dispose();
  };
  try {
    const plan = await StepPlan.compile(
      device,
      spec,
      { parameters, rules, layers, connections, verdicts },
      {
        ...{ replicas, steps, batch, initial: "parameter", losses: checkLosses(losses), historySlots: 1, distances },
        ...{ gradients: { alpha: false, v0: false }, family, products },
        ...(updates && { update: { plasticity, previous, moments, optimizer: "adam", nesterov: false } }),
      },
    );
    const random = new Random(1, 1);
    const uniform = (length: number): Float32Array => Float32Array.from({ length }, () => random.uniform(0, 1));
    const rows = batch * steps;
    const made = (): Trials => ({
      ...{ steps, trials: batch, inputs: uniform(rows * benchInputs), targets: uniform(rows * benchOutputs) },
      ...(losses.some(({ type }) => type === "targetRates") && { rateTargets: uniform(rows * recordedUnits) }),
    });
    plan.upload([options.trials ?? made()]);
    const { settings } = plan.sequence;
    const optimizer = adam({ lr });
    const set = (update: number): void => {
      for (let replica = 0; replica < replicas; replica += 1) {
        const numbers = updateSettings(optimizer, update);
        settings.set(replica, { ...quietSettings, ...numbers, loss_scale: plan.lossScales(replica) });
      }
      settings.upload();
    };
    set(0);
    return {
      plan,
      set,
      dispose: () => {
        plan.dispose();
        dispose();
      },
    };
  } catch (error) {
    dispose();
    throw error;
  }
}
