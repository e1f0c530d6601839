import type { Activity, NetworkState } from "../../src/network/activity.ts";
import type { Model } from "../../src/network/model.ts";
import type { Network } from "../../src/network/network.ts";
import type { Stimuli } from "../../src/network/trials.ts";
import { noiseFactor } from "../reference/ctrnn.ts";
import type { GoldenCase } from "../reference/golden.ts";
import { at } from "../reference/numbers.ts";

/** The GPU draws its noise itself, so given noise comes in as one more input channel a unit: α u' = s(α) σ ξ. */
export function withNoiseAsInputs({ model, trials }: GoldenCase): { model: Model; stimuli: Stimuli } {
  const { time, batch, inputs, v0, preNoise } = trials;
  const start = v0 === undefined ? {} : { v0 };
  const plain = { steps: time, trials: batch, inputs, ...start };
  if (preNoise === undefined) return { model, stimuli: plain };
  const { spec, parameters } = model;
  const { hidden, inputs: own } = spec;
  const width = own + hidden;
  const weightIH = Float32Array.from({ length: hidden * width }, (_, index) => {
    const [unit, column] = [Math.floor(index / width), index % width];
    return column < own ? at(parameters.weightIH, unit * own + column) : column - own === unit ? 1 : 0;
  });
  const noisy = Float32Array.from({ length: time * batch * width }, (_, index) => {
    const [row, column] = [Math.floor(index / width), index % width];
    if (column < own) return at(inputs, row * own + column);
    const alpha = at(parameters.alpha, column - own);
    const xi = at(preNoise, row * hidden + column - own);
    return (noiseFactor(spec.noise.scale, alpha) * spec.noise.pre * xi) / alpha;
  });
  const quiet = { ...spec, inputs: width, noise: { ...spec.noise, pre: 0 } };
  return {
    model: { ...model, spec: quiet, parameters: { ...parameters, weightIH } },
    stimuli: { ...plain, inputs: noisy },
  };
}

/** Runs a case; where its recurrent weights change, one step at a time, handing v and r over. */
export async function runGolden(
  network: Network,
  example: GoldenCase,
  model: Model,
  stimuli: Stimuli,
): Promise<Activity> {
  const { weightHHByStep } = example.trials;
  if (weightHHByStep === undefined) return network.run(stimuli);
  const width = stimuli.trials * model.spec.inputs;
  const parts: Activity[] = [];
  let state: NetworkState | undefined;
  for (const [t, weightHH] of weightHHByStep.entries()) {
    network.write({ ...model, parameters: { ...model.parameters, weightHH } });
    const inputs = stimuli.inputs.slice(t * width, (t + 1) * width);
    const part = await network.run({ steps: 1, trials: stimuli.trials, inputs }, state && { state });
    state = part.final;
    parts.push(part);
  }
  const joined = (name: "rates" | "states" | "outputs"): Float32Array =>
    Float32Array.from(parts.flatMap((part) => Array.from(part[name])));
  const [last] = parts.slice(-1) as [Activity];
  return { ...last, rates: joined("rates"), states: joined("states"), outputs: joined("outputs") };
}
