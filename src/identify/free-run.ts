import type { BilinearNetwork } from "../attractors/bilinear-network.ts";
import { ConfigError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../network/model.ts";
import { Network } from "../network/network.ts";
import { BilinearRunner, isBilinear } from "./bilinear-engine.ts";
import { CtrnnRunner } from "./ctrnn-engine.ts";
import type { FitRunner, StretchRun } from "./engine.ts";
import type { FittedNetwork } from "./identify.ts";
import type { Recording } from "./recording.ts";
import { cutStretches, type Stretch } from "./windows.ts";

/** Mean squared error of the recorded units of every network, left alone through stretches of a recording. */
export async function freeRunErrors(runner: FitRunner, run: StretchRun): Promise<readonly number[]> {
  const { recording, stretches, steps } = run;
  const { units, trials, rates } = recording;
  const count = stretches.length;
  return (await runner.rates(run)).map((own) => {
    const width = own.length / (steps * count);
    let sum = 0;
    for (let row = 0; row < steps * count; row += 1) {
      const { trial, from } = stretches[row % count] as Stretch;
      const recorded = ((from + 1 + Math.floor(row / count)) * trials + trial) * units;
      for (let unit = 0; unit < units; unit += 1)
        sum += ((own[row * width + unit] as number) - (rates[recorded + unit] as number)) ** 2;
    }
    return sum / (steps * count * units);
  });
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
  checkFitted(fitted, recording);
  if (!Number.isInteger(stretch) || stretch < 1 || stretch > recording.steps - 1)
    throw new ValueError(`freeRun: stretch: expected 1 to ${recording.steps - 1} steps, got ${stretch}.`);
  const perTrial = Math.floor((recording.steps - 1) / stretch);
  const stretches = Array.from({ length: perTrial * recording.trials }, (_, index) => ({
    trial: index % recording.trials,
    from: Math.floor(index / recording.trials) * stretch,
  }));
  const runner = runnerOf(device, fitted);
  try {
    const rates = await runner.rates({ recording, stretches, steps: stretch });
    return { rates, recording: cutRecording(recording, stretches, stretch) };
  } finally {
    runner.dispose();
  }
}

/** @throws ConfigError */
function checkFitted(fitted: readonly FittedNetwork[], recording: Recording): void {
  const [first] = fitted;
  if (first === undefined) throw new ConfigError("freeRun: expected at least one network.");
  const { plan, dynamics } = first;
  const kind = JSON.stringify([plan, dynamics, isBilinear(first.model)]);
  const other = fitted.findIndex((each) => JSON.stringify([each.plan, each.dynamics, isBilinear(each.model)]) !== kind);
  if (other >= 0)
    throw new ConfigError(
      `freeRun: network ${other} is of another kind or size than network 0; pass networks of one call of identify.`,
    );
  if (plan.observed !== recording.units)
    throw new ConfigError(
      `freeRun: the networks are of ${plan.observed} recorded units, the recording is of ${recording.units}.`,
    );
  const dimensions = recording.velocities.length / (recording.steps * recording.trials);
  if (plan.dimensions !== dimensions)
    throw new ConfigError(
      `freeRun: the networks are of ${plan.dimensions} velocity components, the recording is of ${dimensions}.`,
    );
}

function runnerOf(device: Device, fitted: readonly FittedNetwork[]): FitRunner {
  const models = fitted.map(({ model }) => model);
  const { plan, dynamics } = fitted[0] as FittedNetwork;
  const isModel = (model: Model | BilinearNetwork): model is Model => !isBilinear(model);
  const plain = models.filter(isModel);
  if (plain.length > 0) return new CtrnnRunner(new Network(device, plain), plan, dynamics);
  const bilinear = models.filter(isBilinear);
  return new BilinearRunner(device, async () => bilinear);
}

/** The steps after the first state of each stretch, every stretch a trial. */
export function cutRecording(recording: Recording, stretches: readonly Stretch[], steps: number): Recording {
  const { units, dtMs, rates, velocities, headings, positions } = recording;
  const cut = (values: ArrayLike<number>): Float32Array => {
    const row = values.length / recording.steps;
    return cutStretches(values, row, row / recording.trials, stretches, steps);
  };
  return {
    ...{ steps, trials: stretches.length, units, dtMs },
    ...{ rates: cut(rates), velocities: cut(velocities) },
    ...(headings && { headings: cut(headings) }),
    ...(positions && { positions: cut(positions) }),
  };
}
