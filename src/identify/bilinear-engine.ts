import { type BilinearNetwork, inputsOf } from "../attractors/bilinear-network.ts";
import { runBilinear } from "../attractors/run-bilinear.ts";
import { type BilinearBatch, type BilinearTrainer, bilinearTrainer } from "../attractors/train-bilinear.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../network/model.ts";
import { Random, streams } from "../random.ts";
import { adam } from "../train/optimizer.ts";
import type { EngineReport, FitEngine, FitRunner, FitSetup, FittedState, StretchRun } from "./engine.ts";
import { constrained, type FittedConnectivity, synapseRules, type UnitPlan, unitPlan } from "./fitted-network.ts";
import type { IdentifySettings } from "./options.ts";
import type { Recording } from "./recording.ts";
import { drawWindows, stretchTargets, stretchVelocities } from "./windows.ts";

/** Whether a network's velocity multiplies its state; all others are models of the library. */
export function isBilinear(network: Model | BilinearNetwork): network is BilinearNetwork {
  return "velocityWeights" in network;
}

/**
 * A multiplicative network with drawn weights, uniform in ± √(6 / 2N) times the scales: those of the recurrent ones as in other
 * networks, and `initialScale` for what a typical velocity adds to them; biases 0. The numbers follow from the seed alone.
 */
export function drawBilinear(plan: UnitPlan, settings: IdentifySettings, seed: number): BilinearNetwork {
  const { observed, units, dimensions } = plan;
  const { initialScale, observedScale, alpha, activation } = settings;
  const limit = Math.sqrt(6 / (2 * units));
  const rules = synapseRules(plan, settings);
  const recurrent = new Random(seed, streams.weights, 2);
  const weights = Float32Array.from({ length: units * units }, (_, index) => {
    const both = index < observed * units && index % units < observed;
    return constrained(rules, index, (both ? observedScale : initialScale) * recurrent.uniform(-limit, limit));
  });
  const velocity = new Random(seed, streams.weights, 3);
  const velocityWeights = Float32Array.from(
    { length: dimensions * units * units },
    (_, index) => (rules.mask?.[index % units ** 2] ?? 1) * initialScale * velocity.uniform(-limit, limit),
  );
  return { units, weights, velocityWeights, bias: new Float32Array(units), alpha, activation };
}

/** States of the recorded units where stretches begin, [stretches, N]; hidden ones are silent. */
function firstStates({ recording, stretches }: StretchRun, units: number): Float32Array {
  const { trials, units: recorded, rates } = recording;
  const state = new Float32Array(stretches.length * units);
  for (const [place, { trial, from }] of stretches.entries())
    for (let unit = 0; unit < recorded; unit += 1)
      state[place * units + unit] = rates[(from * trials + trial) * recorded + unit] as number;
  return state;
}

/** Runs networks whose velocity multiplies their state, one after the other. */
export class BilinearRunner implements FitRunner {
  protected readonly device: Device;
  protected readonly networks: () => Promise<readonly BilinearNetwork[]>;

  constructor(device: Device, networks: () => Promise<readonly BilinearNetwork[]>) {
    this.device = device;
    this.networks = networks;
  }

  async rates(run: StretchRun): Promise<readonly Float32Array[]> {
    const all: Float32Array[] = [];
    const { steps, stretches } = run;
    for (const network of await this.networks()) {
      const inputs = stretchVelocities(run.recording, stretches, steps, inputsOf(network));
      const state = firstStates(run, network.units);
      const { rates } = await runBilinear(this.device, network, { steps, trials: stretches.length, state, inputs });
      all.push(rates);
    }
    return all;
  }

  dispose(): void {}
}

/** Root mean square of the velocities of some trials, over all components; 1 where nothing moves. */
function typicalVelocity(
  { steps, trials, velocities }: Recording,
  list: readonly number[],
  dimensions: number,
): number {
  let sum = 0;
  for (let step = 0; step < steps; step += 1)
    for (const trial of list)
      for (let d = 0; d < dimensions; d += 1)
        sum += (velocities[(step * trials + trial) * dimensions + d] as number) ** 2;
  return sum > 0 ? Math.sqrt(sum / (steps * list.length * dimensions)) : 1;
}

const scaled = (values: Float32Array, factor: number): Float32Array => values.map((value) => factor * value);

/**
 * Trains networks whose velocity multiplies their state (Zhang 1996). The trainer's velocities are divided by their root mean
 * square, and its velocity weights multiplied: Adam's step is the same for all weights, and those would be lost in it.
 */
export class BilinearEngine extends BilinearRunner implements FitEngine {
  readonly #trainer: BilinearTrainer;
  readonly #batch: (update: number) => BilinearBatch;
  readonly #settings: IdentifySettings;
  readonly #observed: number;

  private constructor(
    device: Device,
    trainer: BilinearTrainer,
    settings: IdentifySettings,
    { observed, typical, batch }: { observed: number; typical: number; batch: (update: number) => BilinearBatch },
  ) {
    super(device, async () => {
      const networks = await trainer.read();
      return networks.map((network) => ({
        ...network,
        velocityWeights: scaled(network.velocityWeights, 1 / typical),
      }));
    });
    this.#trainer = trainer;
    this.#settings = settings;
    this.#observed = observed;
    this.#batch = batch;
  }

  /** @throws ConfigError, ShapeError, ValueError, LimitError before anything is trained. */
  static async create(
    device: Device,
    recording: Recording,
    settings: IdentifySettings,
    { split, seeds, dimensions }: FitSetup,
  ): Promise<BilinearEngine> {
    const plan = unitPlan(settings, recording.units, dimensions);
    const { window: steps, lr, epsilonHat, weightL2 } = settings;
    // Dale's law is one of the recurrent weights; what velocity adds to them has either sign.
    const { mask, signs } = synapseRules(plan, settings);
    const each =
      mask && Float32Array.from({ length: dimensions * mask.length }, (_, k) => mask[k % mask.length] as number);
    const trainer = await bilinearTrainer(
      device,
      seeds.map((seed) => drawBilinear(plan, settings, seed)),
      {
        ...{ steps, trials: split.batch, observed: plan.observed, optimizer: adam({ lr, epsilonHat }), weightL2 },
        ...(signs && { signs }),
        ...(mask && each && { masks: { weights: mask, velocityWeights: each } }),
      },
    );
    const typical = typicalVelocity(recording, split.training, dimensions);
    // As `windowSource` draws them for the other networks: each seed has windows of its own.
    const batch = (update: number): BilinearBatch => {
      const parts = seeds.map((seed) => {
        const stretches = drawWindows(recording, settings, split, split.batch, new Random(seed, streams.task, update));
        return {
          state: firstStates({ recording, stretches, steps }, plan.units),
          inputs: scaled(stretchVelocities(recording, stretches, steps, dimensions), 1 / typical),
          targets: stretchTargets(recording, stretches, steps),
        };
      });
      const joined = (name: keyof BilinearBatch): Float32Array => {
        const size = parts[0]?.[name].length ?? 0;
        const all = new Float32Array(parts.length * size);
        for (const [replica, part] of parts.entries()) all.set(part[name], replica * size);
        return all;
      };
      return { state: joined("state"), inputs: joined("inputs"), targets: joined("targets") };
    };
    return new BilinearEngine(device, trainer, settings, { observed: plan.observed, typical, batch });
  }

  async *train(signal: AbortSignal | undefined): AsyncGenerator<EngineReport, void, void> {
    const { updates, every } = this.#settings;
    const trainer = this.#trainer;
    let losses: readonly number[] = [];
    while (trainer.step < updates && !signal?.aborted) {
      losses = await trainer.update(this.#batch(trainer.step));
      const { step } = trainer;
      if (step === updates) yield { step, losses, stopped: "updates" };
      else if (signal?.aborted) yield { step, losses, stopped: "aborted" };
      else if (step % every === 0) {
        yield { step, losses };
        if (signal?.aborted) yield { step, losses, stopped: "aborted" };
      }
    }
  }

  async read(): Promise<readonly FittedState[]> {
    return (await this.networks()).map((model) => ({ learned: this.#learned(model), model }));
  }

  override dispose(): void {
    this.#trainer.dispose();
    super.dispose();
  }

  #learned({ units, weights, velocityWeights, bias }: BilinearNetwork): FittedConnectivity {
    const { alpha, activation } = this.#settings;
    return {
      ...{ units, observed: this.#observed, weights, velocityWeights, activation },
      ...{ bias: bias ?? new Float32Array(units), alpha: new Float32Array(units).fill(alpha) },
    };
  }
}
