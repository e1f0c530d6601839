import { z } from "zod";
import { ConfigError, ConstraintError, DivergenceError, ShapeError, ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import type { NetworkState } from "../../network/activity.ts";
import { isGated, withArticle } from "../../network/cells.ts";
import type { Model } from "../../network/model.ts";
import type { Network } from "../../network/network.ts";
import { unitsOf } from "../../network/perturbation.ts";
import { startOf } from "../../network/sequence.ts";
import { checkRecording, checkStimuli, type Stimuli, type Trials } from "../../network/trials.ts";
import { unitLabel } from "../../structure/check.ts";
import { InnatePlan, type InnatePlanOptions, type LearnedUnit } from "./innate-plan.ts";
import type { Stretch } from "./lessons.ts";
import { runStretches, stepsOfStretch } from "./stretches.ts";

/** What {@link innate} is told, as plain data. */
export const innateSchema = z.strictObject({
  /** Units that learn, by number or by the name of an area, one a column of the targets; all unless given. */
  units: z.union([z.array(z.int().nonnegative()).min(1), z.string().min(1)]).optional(),
  /** α in P = 1 / α at the start; small learns fast, too small is unstable. */
  regularisation: z.number().positive().default(1),
  /** Time steps from one update to the next. */
  every: z.int().positive().default(2),
  /** Key of the network's noise; replica k has seed + k; each replica's own unless given. */
  seed: z.int().nonnegative().max(0xffffffff).optional(),
});
type InnateSettings = z.output<typeof innateSchema>;

export interface InnateOptions extends z.input<typeof innateSchema> {
  /** Ends learning early; what was learned so far is the result. */
  readonly signal?: AbortSignal;
}

/** Inputs, and what the rates of the units that learn should be, `rateTargets` [T, B, K]. */
export type InnateTrials = Stimuli & Pick<Trials, "rateTargets" | "rateMask">;

/** What {@link innate} learned, and how. With R > 1 replicas every array has a first axis [replica]. */
export interface InnateResult {
  /** A trained model for each replica. */
  readonly models: readonly Model[];
  /** r - target before each step's update: root mean square over the units that have a target then, [T, B]; NaN without one. */
  readonly errors: Float32Array;
  /** |ΔW_hh| at each step, [T, B]: 0 at steps that are not learned from. */
  readonly changes: Float32Array;
  /** The state after the last step, [1, H]. */
  readonly final: NetworkState;
}

/**
 * Recursive least squares of recurrent weights, while the network runs: each unit i learns to follow a rate of its own,
 * from the synapses that it has (innate training: Laje & Buonomano 2013, Nature Neuroscience 16:925; as the learning inside
 * of the network of Sussillo & Abbott 2009, figure 1C, but with a target for each unit in place of the output's error):
 *   e_i = r_i[t] - target_i[t];   s = rates r[t] of the units that reach i;   k = P_i s / (1 + sᵀ P_i s);
 *   W_i -= e_i k;   P_i -= k (P_i s)ᵀ
 * With targets that are the network's own noiseless run, a chaotic trajectory becomes a stable one; with recorded rates it
 * is a network fitted to data. A synapse is learned where its mask and its plasticity are 1; nothing else changes, whatever
 * `learn` says. Trials are learned from one after the other, each from its own start, as in {@link force}: repeat a trial B
 * times to go through it B times, each with other noise. At steps where `rateMask` is 0 a unit is not learned from.
 * The network that is given stays as it is.
 * @throws ConfigError, ConstraintError, ShapeError, ValueError, LimitError before any GPU work; DivergenceError with the
 * step, counted over all trials from 1, where numbers stop being finite: take a larger regularisation.
 */
export async function innate(
  network: Network,
  trials: InnateTrials,
  options: InnateOptions = {},
): Promise<InnateResult> {
  const { spec, replicas } = network;
  const { signal, ...plain } = options;
  const settings = parseWith(innateSchema, plain, "innate");
  checkStimuli(trials, spec);
  const units = unitsOf("innate: units", settings.units, spec);
  if (settings.units !== undefined && typeof settings.units !== "string" && units.length !== settings.units.length)
    throw new ValueError("innate: units: a unit is named twice.");
  const targets = rateTargetsOf(trials, units.length);
  const learned = network.initialModels.map((model) => learnedUnits(model, units));
  const most = Math.max(...learned.flat().map(({ sources }) => sources.length));
  const shape: InnatePlanOptions = {
    ...{ steps: stepsOfStretch(trials.steps), initial: startOf(trials) },
    ...{ units: units.length, synapses: most },
  };
  InnatePlan.check(network, shape);
  const models: Model[] = [];
  for (let replica = 0; replica < replicas; replica += 1) models.push(await network.read(replica));
  const plan = await InnatePlan.compile(network, shape);
  try {
    plan.begin(learned, most, settings.regularisation);
    const report = await learn(network, plan, { ...trials, rateTargets: targets }, units.length, settings, signal);
    const [packed] = (await network.readback.read([{ tensor: plan.sequence.tensors.packed }])) as [Float32Array];
    const floats = packed.length / replicas;
    const wasRun = report.errors.some((error) => !Number.isNaN(error));
    const trained = models.map((model, replica) => {
      const own = packed.subarray(replica * floats, (replica + 1) * floats);
      return wasRun ? plan.withLearned(model, own, learned[replica] ?? []) : model;
    });
    return { models: trained, ...report };
  } finally {
    plan.dispose();
  }
}

/** @throws ConfigError without targets, ShapeError where they are not one for each unit. */
function rateTargetsOf(trials: InnateTrials, units: number): Float32Array {
  const { rateTargets, steps, trials: count } = trials;
  if (rateTargets === undefined) {
    throw new ConfigError("innate: expected rateTargets [time, batch, units that learn], got none.");
  }
  checkRecording(trials);
  if (rateTargets.length === steps * count * units) return rateTargets;
  throw new ShapeError(
    `innate: rateTargets: expected [${steps}, ${count}, ${units}] (time, batch, units that learn), got ${rateTargets.length} values.`,
  );
}

/** @throws ConfigError, ConstraintError for what recursive least squares cannot learn. */
function learnedUnits({ spec, masks, signs, plasticity }: Model, units: readonly number[]): LearnedUnit[] {
  const { cell, hidden, layers, shortTermPlasticity, areas } = spec;
  if (isGated(cell))
    throw new ConfigError(`innate: is for continuous-time networks, and this one is ${withArticle(cell)}.`);
  if (layers !== undefined && layers.length > 1)
    throw new ConfigError(
      `innate: needs all hidden units to be updated at once, and this network has ${layers.length} layers.`,
    );
  if (shortTermPlasticity !== undefined)
    throw new ConfigError("innate: needs synapses of constant strength, and this network has shortTermPlasticity.");
  return units.map((unit) => {
    const sources: number[] = [];
    for (let source = 0; source < hidden; source += 1) {
      const place = unit * hidden + source;
      const scale = plasticity.weightHH?.[place] ?? 1;
      if (masks.weightHH?.[place] === 0 || scale === 0) continue;
      const name = `of the synapse from unit ${source} onto ${unitLabel(unit, areas)}`;
      if ((signs.weightHH?.[place] ?? 0) !== 0)
        throw new ConstraintError(`innate: recursive least squares cannot keep signs, such as that ${name}.`);
      if (scale !== 1)
        throw new ConstraintError(`innate: plasticityHH ${name} is ${scale}: a synapse is learned, 1, or not, 0.`);
      sources.push(source);
    }
    if (sources.length > 0) return { unit, sources };
    throw new ConstraintError(
      `innate: no synapse onto ${unitLabel(unit, areas)} can be learned. Leave it out of units.`,
    );
  });
}

/** Runs all trials. */
async function learn(
  network: Network,
  plan: InnatePlan,
  trials: InnateTrials & { readonly rateTargets: Float32Array },
  units: number,
  { every, seed }: InnateSettings,
  signal: AbortSignal | undefined,
): Promise<Omit<InnateResult, "models">> {
  const { replicas, steps } = plan.layout;
  const rows = trials.steps * trials.trials;
  const errors = new Float32Array(replicas * rows).fill(Number.NaN);
  const changes = new Float32Array(replicas * rows).fill(Number.NaN);
  const isWanted = (row: number, unit: number): boolean => (trials.rateMask?.[row * units + unit] ?? 1) !== 0;
  const lessons = ({ trial, from, count }: Stretch): Float32Array => {
    const values = new Float32Array(count * units * 2);
    for (let step = 0; step < count; step += 1) {
      const row = (from + step) * trials.trials + trial;
      for (let unit = 0; unit < units; unit += 1) {
        if (!isWanted(row, unit)) continue;
        const place = 2 * (step * units + unit);
        values[place] = trials.rateTargets[row * units + unit] ?? Number.NaN;
        values[place + 1] = (from + step + 1) % every === 0 ? 2 : 1;
      }
    }
    return values;
  };
  const final = await runStretches(network, plan, trials, {
    ...{ seed, signal, lessons },
    take({ trial, from, count }, records) {
      for (let step = 0; step < count; step += 1) {
        const row = (from + step) * trials.trials + trial;
        const learns = (from + step + 1) % every === 0;
        for (let replica = 0; replica < replicas; replica += 1) {
          let [squares, changed, wanted] = [0, 0, 0];
          for (let unit = 0; unit < units; unit += 1) {
            if (!isWanted(row, unit)) continue;
            const record = 2 * ((replica * steps + step) * units + unit);
            wanted += 1;
            squares += (records[record] ?? Number.NaN) ** 2;
            if (learns) changed += (records[record + 1] ?? Number.NaN) ** 2;
          }
          errors[replica * rows + row] = Math.sqrt(squares / wanted);
          changes[replica * rows + row] = Math.sqrt(changed);
          if (!Number.isFinite(squares + changed)) {
            const at = trial * trials.steps + from + step + 1;
            throw new DivergenceError(
              `Innate training diverged at step ${at}: a rate or its weights are not finite. Take a larger regularisation.`,
              at,
            );
          }
        }
      }
    },
  });
  return { errors, changes, final };
}
