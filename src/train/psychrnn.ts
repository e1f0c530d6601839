import { ConfigError } from "../errors.ts";
import type { LossInput } from "../loss/losses.ts";
import type { ModelOptions } from "../network/create.ts";
import type { ParameterName } from "../network/model.ts";
import { type Curriculum, curriculum } from "./curriculum.ts";
import type { TrainSettingsInput } from "./options.ts";
import { fixedParameters, modelOptions } from "./psychrnn-model.ts";
import { type PsychRNNOptions, type PsychRNNParameters, readPsychRNN } from "./psychrnn-options.ts";
import type { TrialSource } from "./source.ts";

/** What {@link psychrnn} gives. */
export interface PsychRNNSetup {
  /** For `createModel` or `ctrnn`. */
  readonly model: ModelOptions;
  /** For `train`: loss, optimiser, clipping, updates, batch, reports, seed. */
  readonly train: TrainSettingsInput;
  /** 1 where a parameter is not trained: `network.freeze(name, fixed[name])` for each. */
  readonly fixed: Readonly<Partial<Record<ParameterName, Float32Array>>>;
  /** What to train on: the source itself, or with performance_cutoff a curriculum of one stage that ends there. */
  lessons(source: TrialSource): TrialSource | Curriculum;
}

const label = "psychrnn";

/**
 * A network and its training from PsychRNN 1.0's own parameters, so that they behave as there:
 *
 * ```ts
 * import { ctrnn, openDevice, psychrnn, tasks, train } from "cortrain";
 *
 * const device = await openDevice();
 * const task = tasks.perceptualDiscrimination({ dtMs: 10 });
 * const setup = psychrnn({ N_in: 2, N_rec: 20, N_out: 2, dt: 10, tau: 100, N_batch: 8, dale_ratio: 0.8, training_iters: 16 });
 * const network = ctrnn(device, setup.model);
 * for await (const report of train(network, setup.lessons(task), setup.train)) console.log(report.loss);
 * ```
 *
 * - The network is `Basic`: state form, noise √(2α) rec_noise ξ, learned init_state (0.1 + 0.01 ξ at first); under Dale's
 *   law effective weights |W| with int(dale_ratio N_rec) excitatory units, inputs not negative, and a readout of excitatory
 *   units only (`constraint: "abs"`).
 * - Weights are drawn by its initialisers; GaussianSpectralRadius sets the radius of the raw matrix, as there, so that the
 *   effective one may be far smaller (`createModel` sets the effective one).
 * - Losses are its means over all elements, masked ones included; penalties are its means over effective weights and rates.
 * - Training is Adam in TensorFlow 1's form, each tensor's gradient clipped to norm 1 by itself (`clip_grads`), weights of
 *   `fixed_weights` left out of it, for ceil(training_iters / N_batch) updates; performance is measured on fresh trials
 *   after every update.
 *
 * Where it differs on purpose: every draw has a seed, so that numbers are not NumPy's. `binary_cross_entropy` takes outputs
 * as logits, where PsychRNN clips linear outputs to (0, 1) and has no gradient outside. Connectivity is 0 or 1. A
 * `dale_ratio` of 0, which PsychRNN passes over, is refused. Losses are those before each update, and training again goes
 * on from the present weights, where PsychRNN starts anew. Arrays that are given are never changed.
 * @throws ConfigError for an unknown name (naming the nearest known one), ShapeError, ValueError naming the array.
 */
export function psychrnn(options: PsychRNNOptions): PsychRNNSetup {
  const given = readPsychRNN(options, label);
  const { N_in: inputs, N_out: outputs, performance_measure: metric, performance_cutoff: threshold, N_batch } = given;
  if (inputs === undefined || outputs === undefined)
    throw new ConfigError(
      `${label}: N_in and N_out are missing: the channels of the task, task.inputs and task.outputs.`,
    );
  const sizes = { inputs, hidden: given.N_rec, outputs };
  return {
    model: modelOptions(given, sizes),
    train: trainSettings(given),
    fixed: fixedParameters(given, sizes),
    lessons: (source) =>
      metric && typeof threshold === "number"
        ? curriculum({ every: 1, trials: N_batch, stages: [{ source, metric, threshold, name: "performance" }] })
        : source,
  };
}

/** The part of {@link psychrnn} that does not depend on the task's channels. @throws ConfigError */
export function psychrnnTraining(options: PsychRNNOptions, what = label): TrainSettingsInput {
  return trainSettings(readPsychRNN(options, what));
}

function trainSettings(given: PsychRNNParameters): TrainSettingsInput {
  const { N_batch, training_iters, learning_rate, loss_epoch, clip_grads, optimizer, seed } = given;
  return {
    steps: Math.ceil(training_iters / N_batch),
    batch: N_batch,
    loss: lossesOf(given),
    optimizer: optimizer ?? { type: "adam", lr: learning_rate, epsilonHat: true },
    ...(clip_grads && { clip: { mode: "tensorNorm", limit: 1 } as const }),
    reportEvery: loss_epoch,
    seed,
  };
}

function lossesOf(given: PsychRNNParameters): LossInput[] {
  const error = given.loss_function === "mean_squared_error" ? "meanSquaredError" : "binaryCrossEntropy";
  const penalties: LossInput[] = [
    { type: "weightL1", matrix: "weightIH", weight: given.L1_in },
    { type: "weightL1", matrix: "weightHH", weight: given.L1_rec },
    { type: "weightL1", matrix: "weightHO", weight: given.L1_out },
    { type: "weightL2", matrix: "weightIH", weight: given.L2_in },
    { type: "weightL2", matrix: "weightHH", weight: given.L2_rec },
    { type: "weightL2", matrix: "weightHO", weight: given.L2_out },
    { type: "rateL2", weight: given.L2_firing_rate },
  ];
  return [{ type: error }, ...penalties.filter(({ weight = 0 }) => weight > 0)];
}
