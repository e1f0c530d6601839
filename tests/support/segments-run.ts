import { expect } from "vitest";
import type { Device } from "../../src/gpu/device.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { type GradientOptions, type Gradients, gradients } from "../../src/train/gradients.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { relative } from "./compare.ts";
import { bitsOf, randomTrials, type TrialOptions } from "./trials.ts";

export const maskedError: LossInput = { type: "meanSquaredError", denominator: "mask" };
export const sizes = { inputs: 3, hidden: 7, outputs: 2 };

export interface SegmentsCase {
  readonly model?: Partial<GeneratedModelOptions>;
  readonly trials?: Partial<TrialOptions>;
  readonly time?: number;
  readonly losses?: readonly LossInput[];
  readonly replicas?: number;
  readonly segments: readonly number[];
  readonly options?: GradientOptions;
  /** Whether sums over all time enter the gradients of activity, in another order than unsplit. */
  readonly rounds?: boolean;
  readonly change?: (trials: Trials) => Trials;
}

/** Sums of a changed order differ by rounding, relative to the largest entry. */
const rounding = 1e-6;
/** The same where what is rounded is a variance, by whose square gradients are divided. */
const steepRounding = 5e-6;

/** Fails unless trials in segments give what they give in one: bits where nothing is summed over time. */
export async function expectSameInSegments(device: Device, one: SegmentsCase): Promise<void> {
  const { time = 23, losses = [maskedError], replicas = 1, options = {} } = one;
  const models = Array.from({ length: replicas }, (_, replica) => {
    const isGated = (one.model?.cell ?? "ctrnn") !== "ctrnn";
    const activation = isGated ? {} : { activation: "tanh" };
    const model = generateModel({ ...sizes, ...activation, ...one.model, seed: 11 + replica });
    return { ...model, spec: { ...model.spec, seed: 5 + replica } };
  });
  const network = new Network(device, models);
  const drawn = randomTrials({ ...sizes, ...one.model, time, batch: 9, seed: 3, ...one.trials });
  const trials = one.change?.(drawn) ?? drawn;
  for (const replica of new Set([0, replicas - 1])) {
    const whole = await gradients(network, trials, losses, { replica, ...options });
    for (const segments of one.segments) {
      const split = await gradients(network, trials, losses, { replica, ...options, segments });
      expectEqual(split, whole, { label: `${segments} segments, replica ${replica}`, network, rounds: one.rounds });
    }
  }
  network.dispose();
}

function expectEqual(
  split: Gradients,
  whole: Gradients,
  { label, network, rounds = false }: { label: string; network: Network; rounds: boolean | undefined },
): void {
  expect(bitsOf(split.outputs), `${label}: outputs`).toEqual(bitsOf(whole.outputs));
  if (rounds) {
    for (const [name, value] of Object.entries(whole.terms))
      expect(split.terms[name], `${label}: ${name}`).toBeCloseTo(value, 5);
  } else {
    expect(split.terms, label).toEqual(whole.terms);
    expect(split.loss, label).toBe(whole.loss);
  }
  const bound = rounds ? steepRounding : rounding;
  for (const name of ["states", "rates", "initialState", "initialRates"] as const) {
    if (name === "states") expect(whole[name].some((value) => value !== 0)).toBe(true);
    if (rounds) expect(relative(split[name], whole[name], 1e-9), `${label}: ${name}`).toBeLessThan(bound);
    else expect(bitsOf(split[name]), `${label}: ${name}`).toEqual(bitsOf(whole[name]));
  }
  for (const name of parameterNames) {
    if (!hasParameter(network.spec.cell, name)) continue;
    const difference = relative(split.parameters[name], whole.parameters[name], 1e-9);
    expect(difference, `${label}: ${name}`).toBeLessThan(bound);
  }
}
