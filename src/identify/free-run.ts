import { ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../network/model.ts";
import { Network } from "../network/network.ts";
import type { UnitPlan } from "./fitted-network.ts";
import type { IdentifySettings } from "./options.ts";
import type { Recording } from "./recording.ts";
import { stretchStimuli } from "./windows.ts";

/** A run of fitted networks through trials of a recording, on their own after the first recorded state. */
export interface FreeRun {
  /** Rates of recorded and hidden units of every network, each [steps, trials, N]. */
  rates(network: Network): Promise<readonly Float32Array[]>;
  /** Mean squared error of the recorded units, of every network. */
  errors(network: Network): Promise<readonly number[]>;
}

/** @param trials those that are run through, by number; @param steps after the first. */
export function freeRunOf(
  recording: Recording,
  plan: UnitPlan,
  settings: Pick<IdentifySettings, "alpha" | "leak" | "activation">,
  trials: readonly number[],
  steps: number,
): FreeRun {
  const stimuli = stretchStimuli(
    recording,
    plan,
    settings,
    trials.map((trial) => ({ trial, from: 0 })),
    steps,
  );
  const { latents, units, observed } = plan;
  const hidden = latents + units;
  const rows = steps * trials.length;
  const run = async (network: Network): Promise<Float32Array> => (await network.run(stimuli, { noise: false })).rates;
  return {
    async rates(network) {
      const all = await run(network);
      return Array.from({ length: network.replicas }, (_, replica) => {
        const own = new Float32Array(rows * units);
        for (let row = 0; row < rows; row += 1) {
          const start = (replica * rows + row) * hidden + latents;
          own.set(all.subarray(start, start + units), row * units);
        }
        return own;
      });
    },
    async errors(network) {
      const all = await run(network);
      return Array.from({ length: network.replicas }, (_, replica) => {
        let sum = 0;
        for (let row = 0; row < rows; row += 1) {
          const [step, place] = [Math.floor(row / trials.length), row % trials.length];
          const from = ((step + 1) * recording.trials + (trials[place] as number)) * recording.units;
          const start = (replica * rows + row) * hidden + latents;
          for (let unit = 0; unit < observed; unit += 1)
            sum += ((all[start + unit] as number) - (recording.rates[from + unit] as number)) ** 2;
        }
        return sum / (rows * observed);
      });
    },
  };
}

/**
 * Lets fitted models run through a recording on their own, from its first state on.
 * @param models of one call of `identify`; `settings` those of the call.
 * @returns of each model the rates of recorded and hidden units, [steps, trials, N]: of steps 1 … steps of the recording.
 * @throws ValueError for more steps than the recording has after its first.
 */
export async function freeRun(
  device: Device,
  models: readonly Model[],
  recording: Recording,
  plan: UnitPlan,
  settings: Pick<IdentifySettings, "alpha" | "leak" | "activation">,
  steps: number = recording.steps - 1,
): Promise<readonly Float32Array[]> {
  if (!Number.isInteger(steps) || steps < 1 || steps > recording.steps - 1)
    throw new ValueError(`freeRun: steps: expected 1 to ${recording.steps - 1}, got ${steps}.`);
  const network = new Network(device, models);
  try {
    const all = Array.from({ length: recording.trials }, (_, trial) => trial);
    return await freeRunOf(recording, plan, settings, all, steps).rates(network);
  } finally {
    network.dispose();
  }
}
