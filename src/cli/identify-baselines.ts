import type { BilinearNetwork } from "../attractors/bilinear-network.ts";
import { runBilinear } from "../attractors/run-bilinear.ts";
import type { Device } from "../gpu/device.ts";
import { connectivityScores } from "../identify/connectivity-scores.ts";
import { correlationBaseline } from "../identify/correlation-baseline.ts";
import { cutRecording } from "../identify/free-run.ts";
import { freeRunScores } from "../identify/free-run-scores.ts";
import { type RidgeBaseline, ridgeBaseline } from "../identify/ridge-baseline.ts";
import { flattenScores, type ScoredMethod } from "../identify/score-table.ts";
import type { Recordings } from "./identify-recording.ts";

/** Scores of what needs no training: ridge regression on the inverted rates, without and with inactive samples, and correlations. */
export async function baselineMethods(device: Device, recordings: Recordings): Promise<readonly ScoredMethod[]> {
  const { training, test, truth, dynamics } = recordings;
  const ridges = await Promise.all(
    (["drop", "hinge"] as const).map(async (inactive): Promise<ScoredMethod> => {
      const ridge = ridgeBaseline(training, { inactive, ...dynamics });
      const connectivity = connectivityScores(ridge, { truth, rates: test.rates });
      const freeRun = await followed(device, ridge, recordings);
      return { name: `ridge-${inactive}`, seeds: [flattenScores({ connectivity, ...(freeRun && { freeRun }) })] };
    }),
  );
  const correlations = connectivityScores(correlationBaseline(training), { truth, rates: test.rates });
  return [...ridges, { name: "correlations", seeds: [flattenScores({ connectivity: correlations })] }];
}

/** How a multiplicative network follows the test recording on its own. */
async function followed(
  device: Device,
  ridge: RidgeBaseline,
  { test, preferred, dynamics }: Recordings,
): Promise<ReturnType<typeof freeRunScores> | undefined> {
  if (test.headings === undefined && preferred === undefined) return undefined;
  const { units, weights, velocityWeights, bias, inputWeights } = ridge;
  const { trials, rates } = test;
  const steps = test.steps - 1;
  const whole = Array.from({ length: trials }, (_, trial) => ({ trial, from: 0 }));
  const recording = cutRecording(test, whole, steps);
  const inputs = Float32Array.from(recording.velocities);
  const dimensions = inputs.length / (steps * trials);
  const network: BilinearNetwork = {
    units,
    weights: Float32Array.from(weights),
    velocityWeights: Float32Array.from(velocityWeights),
    ...(bias && { bias: Float32Array.from(bias) }),
    ...dynamics,
  };
  // What the velocity adds to a drive directly.
  const currents =
    inputWeights &&
    Float32Array.from({ length: steps * trials * units }, (_, index) => {
      const [row, unit] = [Math.floor(index / units), index % units];
      let sum = 0;
      for (let d = 0; d < dimensions; d += 1)
        sum += (inputs[row * dimensions + d] as number) * (inputWeights[unit * dimensions + d] as number);
      return sum;
    });
  const state = Float32Array.from({ length: trials * units }, (_, index) => rates[index] as number);
  const run = await runBilinear(device, network, { steps, trials, state, inputs, ...(currents && { currents }) });
  return freeRunScores(run.rates, recording, { preferred });
}
