import { DivergenceError } from "../../errors.ts";
import type { NetworkState } from "../../network/activity.ts";
import type { Model } from "../../network/model.ts";
import { Network } from "../../network/network.ts";
import { startOf } from "../../network/sequence.ts";
import { checkTrials, type Trials } from "../../network/trials.ts";
import { stripRows } from "../../ops/layout.ts";
import { lessonWidth } from "../../ops/recursive-least-squares.ts";
import { drawFeedback, foldFeedback, withFeedbackInputs } from "./feedback.ts";
import { lessonRows, lessonsOf } from "./lessons.ts";
import { checkForceModel, type ForceOptions, type ForceSettings, forceSettings } from "./options.ts";
import { ForcePlan, type ForcePlanOptions } from "./plan.ts";
import { runStretches, stepsOfStretch } from "./stretches.ts";

/** What {@link force} learned, and how. With R > 1 replicas every array has a first axis [replica]. */
export interface ForceResult {
  /** A trained model for each replica, ready for `new Network`, to run and to save. */
  readonly models: readonly Model[];
  /** Feedback weights W_fb [H, O] of each replica; none without feedback. */
  readonly feedback: readonly Float32Array[];
  /** y after each step's update, [T, B, O]; NaN where learning was ended before. */
  readonly outputs: Float32Array;
  /** Size of y - target before each step's update: root mean square over outputs, [T, B]. */
  readonly errors: Float32Array;
  /** |ΔW_ho| at each step, [T, B]: 0 at steps that are not learned from; fades as learning succeeds. */
  readonly changes: Float32Array;
  /** The state after the last step, [1, H], from where `run` of the trained network goes on. */
  readonly final: NetworkState;
}

/**
 * FORCE learning (Sussillo & Abbott 2009, Neuron 63:544): while the network runs, recursive least squares changes its readout
 * weights so fast that the output is close to its target from the start, and the output is fed back into the network:
 *   v[t] as ever, its drive + W_fb y[t-1];   e = W_ho r[t] + b_o - target[t];   k = P r[t] / (1 + r[t]ᵀ P r[t]);
 *   W_ho -= e kᵀ;   P -= k (P r[t])ᵀ;   y[t] = W_ho r[t] + b_o with the new W_ho
 * Trials are learned from one after the other, [T, B] from the first to the last, each from its own start; P and the weights
 * are kept. Steps at which the trials' mask is 0 are run and not learned from. Nothing but W_ho changes, whatever `learn`
 * says; the network that is given stays as it is.
 *
 * The models that come back are ordinary ones: the loop through the outputs is folded into them, W_hh + W_fb W_ho and
 * b_h + W_fb b_o, which is the same network. So W_hh is dense and unsigned then, whatever its mask and signs were; without
 * feedback it is as it was.
 * @throws ConfigError, ConstraintError, ShapeError, ValueError, LimitError before any GPU work; DivergenceError with the
 * step, counted over all trials from 1, where numbers stop being finite: take a larger regularisation.
 */
export async function force(network: Network, trials: Trials, options: ForceOptions = {}): Promise<ForceResult> {
  const { device, spec, replicas } = network;
  const settings = forceSettings(options, spec);
  checkTrials(trials, spec);
  for (const model of network.initialModels) checkForceModel(model);
  const lessons = lessonRows(trials, spec.outputs);
  const feedback = feedbackOf(network, settings, options.feedbackWeights);
  const closed = (model: Model, replica: number): Model => {
    const own = feedback[replica];
    return own === undefined ? model : withFeedbackInputs(model, own);
  };
  const shape: ForcePlanOptions = {
    steps: stepsOfStretch(trials.steps),
    initial: startOf(trials),
    feedback: feedback.length > 0,
  };
  const [example] = network.initialModels.map(closed);
  if (example !== undefined) ForcePlan.check(device, example, replicas, shape);
  const models: Model[] = [];
  for (let replica = 0; replica < replicas; replica += 1) models.push(await network.read(replica));
  const loop = new Network(device, models.map(closed));
  let plan: ForcePlan | undefined;
  try {
    plan = await ForcePlan.compile(loop, shape);
    plan.begin(models, settings.regularisation);
    const report = await learn(loop, plan, trials, lessons, settings, options.signal);
    const { hidden, hidden4, outputs } = plan.layout;
    const [readout] = (await loop.readback.read([{ tensor: plan.tensors.readout }])) as [Float32Array];
    const weights = stripRows(readout, hidden, 4 * hidden4);
    const trained = models.map((model, replica) => {
      const weightHO = weights.slice(replica * outputs * hidden, (replica + 1) * outputs * hidden);
      const open = { ...model, parameters: { ...model.parameters, weightHO } };
      const own = feedback[replica];
      return own === undefined ? open : foldFeedback(open, own);
    });
    return { models: trained, feedback, ...report };
  } finally {
    plan?.dispose();
    loop.dispose();
  }
}

function feedbackOf(network: Network, settings: ForceSettings, given?: Float32Array): Float32Array[] {
  const { feedback } = settings;
  if (given !== undefined) return network.seeds.map(() => given.slice());
  if (feedback === false) return [];
  return network.seeds.map((own, replica) =>
    drawFeedback(network.spec, feedback.scale, feedback.seed === undefined ? own : feedback.seed + replica),
  );
}

/** Runs all trials. */
async function learn(
  loop: Network,
  plan: ForcePlan,
  trials: Trials,
  lessons: Uint8Array,
  { every, seed }: ForceSettings,
  signal: AbortSignal | undefined,
): Promise<Pick<ForceResult, "outputs" | "errors" | "changes" | "final">> {
  const { replicas, steps, outputs, output4 } = plan.layout;
  const width = lessonWidth(plan.layout);
  const rows = trials.steps * trials.trials;
  const blank = (length: number): Float32Array => new Float32Array(length).fill(Number.NaN);
  const report = {
    outputs: blank(replicas * rows * outputs),
    errors: blank(replicas * rows),
    changes: blank(replicas * rows),
  };
  const final = await runStretches(loop, plan, trials, {
    seed,
    signal,
    lessons: (stretch) => lessonsOf(trials, stretch, lessons, every, width),
    take({ trial, from, count }, records) {
      for (let step = 0; step < count; step += 1) {
        for (let replica = 0; replica < replicas; replica += 1) {
          const record = records.subarray((replica * steps + step) * width, (replica * steps + step + 1) * width);
          const row = (replica * trials.steps + from + step) * trials.trials + trial;
          report.outputs.set(record.subarray(0, outputs), row * outputs);
          const [change = Number.NaN, error = Number.NaN] = record.subarray(4 * output4);
          report.changes[row] = change;
          report.errors[row] = error;
          if (!Number.isFinite(change + error)) throw diverged(trial * trials.steps + from + step + 1);
        }
      }
    },
  });
  return { ...report, final };
}

function diverged(step: number): DivergenceError {
  return new DivergenceError(
    `FORCE learning diverged at step ${step}: the output or its weights are not finite. Take a larger regularisation, or weaker feedback.`,
    step,
  );
}
