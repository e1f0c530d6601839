import { ConfigError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { Network } from "../network/network.ts";
import type { UnitPlan } from "./fitted-network.ts";
import type { FittedNetwork } from "./identify.ts";
import type { Recording } from "./recording.ts";
import { type Dynamics, type Stretch, stretchStimuli } from "./windows.ts";

/** Runs of fitted networks on their own through stretches of a recording, each from a recorded state on. */
export class FreeRun {
  readonly steps: number;
  readonly #recording: Recording;
  readonly #plan: UnitPlan;
  readonly #stretches: readonly Stretch[];
  readonly #stimuli: ReturnType<typeof stretchStimuli>;

  /** @param steps of each stretch, after its first state. */
  constructor(recording: Recording, plan: UnitPlan, dynamics: Dynamics, stretches: readonly Stretch[], steps: number) {
    this.steps = steps;
    this.#recording = recording;
    this.#plan = plan;
    this.#stretches = stretches;
    this.#stimuli = stretchStimuli(recording, plan, dynamics, stretches, steps);
  }

  /** Rates of recorded and hidden units of every network, each [steps, stretches, N]. */
  async rates(network: Network): Promise<readonly Float32Array[]> {
    const { latents, units } = this.#plan;
    const hidden = latents + units;
    const rows = this.steps * this.#stretches.length;
    const { rates } = await network.run(this.#stimuli, { noise: false });
    return Array.from({ length: network.replicas }, (_, replica) => {
      const own = new Float32Array(rows * units);
      for (let row = 0; row < rows; row += 1) {
        const start = (replica * rows + row) * hidden + latents;
        own.set(rates.subarray(start, start + units), row * units);
      }
      return own;
    });
  }

  /** Mean squared error of the recorded units, of every network. */
  async errors(network: Network): Promise<readonly number[]> {
    const { units, trials, rates } = this.#recording;
    const count = this.#stretches.length;
    return (await this.rates(network)).map((own) => {
      let sum = 0;
      for (let row = 0; row < this.steps * count; row += 1) {
        const { trial, from } = this.#stretches[row % count] as Stretch;
        const recorded = ((from + 1 + Math.floor(row / count)) * trials + trial) * units;
        for (let unit = 0; unit < units; unit += 1)
          sum += ((own[row * this.#plan.units + unit] as number) - (rates[recorded + unit] as number)) ** 2;
      }
      return sum / (this.steps * count * units);
    });
  }
}

/**
 * Lets fitted networks run on their own through a recording.
 * @param fitted networks of one call of `identify`.
 * @param options.stretch Steps after which a network is put back to the recorded state; absent = never, so that errors add up.
 * @returns of each network the rates of its N units, recorded ones first, [rows, stretches, N], and the part of the recording
 * that belongs to them, of which every stretch is a trial.
 * @throws ConfigError for networks that do not belong together or to the recording; ValueError for a stretch that does not fit.
 */
export async function freeRun(
  device: Device,
  fitted: readonly FittedNetwork[],
  recording: Recording,
  { stretch = recording.steps - 1 }: { readonly stretch?: number } = {},
): Promise<{ readonly rates: readonly Float32Array[]; readonly recording: Recording }> {
  const [first] = fitted;
  if (first === undefined) throw new ConfigError("freeRun: expected at least one network.");
  const { plan, dynamics } = first;
  if (plan.observed !== recording.units)
    throw new ConfigError(
      `freeRun: the networks are of ${plan.observed} recorded units, the recording is of ${recording.units}.`,
    );
  if (!Number.isInteger(stretch) || stretch < 1 || stretch > recording.steps - 1)
    throw new ValueError(`freeRun: stretch: expected 1 to ${recording.steps - 1} steps, got ${stretch}.`);
  const perTrial = Math.floor((recording.steps - 1) / stretch);
  const stretches = Array.from({ length: perTrial * recording.trials }, (_, index) => ({
    trial: index % recording.trials,
    from: Math.floor(index / recording.trials) * stretch,
  }));
  const network = new Network(
    device,
    fitted.map(({ model }) => model),
  );
  try {
    const run = new FreeRun(recording, plan, dynamics, stretches, stretch);
    return { rates: await run.rates(network), recording: cutRecording(recording, stretches, stretch) };
  } finally {
    network.dispose();
  }
}

/** The steps after the first state of each stretch, every stretch a trial. */
function cutRecording(recording: Recording, stretches: readonly Stretch[], steps: number): Recording {
  const pick = (values: ArrayLike<number>): Float32Array => {
    const width = values.length / (recording.steps * recording.trials);
    const picked = new Float32Array(steps * stretches.length * width);
    let at = 0;
    for (let step = 0; step < steps; step += 1)
      for (const { trial, from } of stretches) {
        const start = ((from + 1 + step) * recording.trials + trial) * width;
        for (let index = 0; index < width; index += 1, at += 1) picked[at] = values[start + index] as number;
      }
    return picked;
  };
  const { units, dtMs, rates, velocities, headings, positions } = recording;
  return {
    ...{ steps, trials: stretches.length, units, dtMs },
    ...{ rates: pick(rates), velocities: pick(velocities) },
    ...(headings && { headings: pick(headings) }),
    ...(positions && { positions: pick(positions) }),
  };
}
