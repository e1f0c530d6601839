import { activate, activationSlope } from "./activation.ts";
import { add, at, type Numbers } from "./numbers.ts";

/** A network with multiplicative input, as src/attractors/bilinear-network.ts has it, in float64. */
export interface BilinearReference {
  readonly units: number;
  readonly weights: Numbers;
  readonly velocityWeights: Numbers;
  readonly bias: Numbers;
  readonly alpha: Numbers;
  readonly activation: string;
  readonly inhibition: number;
}

/** What drives it: inputs [T, B, D], currents and noise [T, B, N], u before the first step [B, N]. */
export interface BilinearDrive {
  readonly steps: number;
  readonly trials: number;
  readonly state: Numbers;
  readonly inputs: Numbers;
  readonly currents?: Numbers | undefined;
  readonly noise?: Numbers | undefined;
}

export interface BilinearPath {
  /** r and the drive [T, B, N], s = u + noise [T, B, N]. */
  readonly rates: Float64Array;
  readonly drives: Float64Array;
  readonly noisy: Float64Array;
  /** u after the last step [B, N]. */
  readonly state: Float64Array;
}

/** s = u + noise, drive = (W + Σ x_d W_d) s + bias + current, r = f(drive) / (1 + g Σ f), u ← (1 - alpha) s + alpha r. */
export function bilinearForward(network: BilinearReference, drive: BilinearDrive): BilinearPath {
  const { units, weights, velocityWeights, bias, alpha, activation, inhibition } = network;
  const { steps, trials, inputs, currents, noise } = drive;
  const dimensions = velocityWeights.length / units ** 2;
  const path = {
    rates: new Float64Array(steps * trials * units),
    drives: new Float64Array(steps * trials * units),
    noisy: new Float64Array(steps * trials * units),
    state: Float64Array.from(drive.state),
  };
  for (let t = 0; t < steps; t += 1)
    for (let trial = 0; trial < trials; trial += 1) {
      const row = (t * trials + trial) * units;
      for (let i = 0; i < units; i += 1)
        path.noisy[row + i] = at(path.state, trial * units + i) + (noise === undefined ? 0 : at(noise, row + i));
      let total = 0;
      for (let i = 0; i < units; i += 1) {
        let sum = at(bias, i) + (currents === undefined ? 0 : at(currents, row + i));
        for (let j = 0; j < units; j += 1) {
          let weight = at(weights, i * units + j);
          for (let d = 0; d < dimensions; d += 1)
            weight +=
              at(inputs, (t * trials + trial) * dimensions + d) * at(velocityWeights, (d * units + i) * units + j);
          sum += weight * at(path.noisy, row + j);
        }
        path.drives[row + i] = sum;
        path.rates[row + i] = activate(activation, sum);
        total += at(path.rates, row + i);
      }
      for (let i = 0; i < units; i += 1) {
        path.rates[row + i] = at(path.rates, row + i) / (1 + inhibition * total);
        path.state[trial * units + i] =
          (1 - at(alpha, i)) * at(path.noisy, row + i) + at(alpha, i) * at(path.rates, row + i);
      }
    }
  return path;
}

export interface BilinearGradients {
  readonly weights: Float64Array;
  readonly velocityWeights: Float64Array;
  readonly bias: Float64Array;
  readonly alpha: Float64Array;
  /** dL/du before the first step, [B, N]. */
  readonly state: Float64Array;
}

/** Back-propagation through time, without divisive inhibition. @param direct dL/dr [T, B, N] of the loss alone. */
export function bilinearBackward(
  network: BilinearReference,
  drive: BilinearDrive,
  path: BilinearPath,
  direct: Numbers,
): BilinearGradients {
  const { units, weights, velocityWeights, alpha, activation } = network;
  const { steps, trials, inputs } = drive;
  const dimensions = velocityWeights.length / units ** 2;
  const gradients: BilinearGradients = {
    weights: new Float64Array(units ** 2),
    velocityWeights: new Float64Array(dimensions * units ** 2),
    bias: new Float64Array(units),
    alpha: new Float64Array(units),
    state: new Float64Array(trials * units),
  };
  for (let trial = 0; trial < trials; trial += 1) {
    let ahead = new Float64Array(units);
    for (let t = steps - 1; t >= 0; t -= 1) {
      const row = (t * trials + trial) * units;
      const before = new Float64Array(units);
      for (let i = 0; i < units; i += 1) {
        const upstream = at(ahead, i);
        add(before, i, (1 - at(alpha, i)) * upstream);
        add(gradients.alpha, i, upstream * (at(path.rates, row + i) - at(path.noisy, row + i)));
        const delta =
          (at(direct, row + i) + at(alpha, i) * upstream) * activationSlope(activation, at(path.drives, row + i));
        add(gradients.bias, i, delta);
        for (let j = 0; j < units; j += 1) {
          const source = at(path.noisy, row + j);
          add(gradients.weights, i * units + j, delta * source);
          add(before, j, delta * at(weights, i * units + j));
          for (let d = 0; d < dimensions; d += 1) {
            const x = at(inputs, (t * trials + trial) * dimensions + d);
            add(gradients.velocityWeights, (d * units + i) * units + j, x * delta * source);
            add(before, j, x * delta * at(velocityWeights, (d * units + i) * units + j));
          }
        }
      }
      ahead = before;
    }
    gradients.state.set(ahead, trial * units);
  }
  return gradients;
}
