import { ConfigError } from "../errors.ts";
import { type Activity, checkState, type NetworkState, type RunOptions } from "./activity.ts";
import { isGated, withArticle } from "./cells.ts";
import type { Model } from "./model.ts";
import { Network } from "./network.ts";
import { changePoints, type Perturbation, type Perturbations, readPerturbations } from "./perturbation.ts";
import { rateFunction } from "./rate.ts";
import { type RunInput, stimuliOf } from "./run-input.ts";
import { standIn } from "./stand-in.ts";
import { checkStimuli, type Stimuli } from "./trials.ts";

/**
 * Runs a network over inputs, as `network.run`, while things are done to it:
 * - `lesion`: the units' rates are 0 at the steps from … to - 1, in what is returned too, so that they drive neither units
 *   nor outputs; their preactivations go on, and so do they after `to`. From step 0 on, the rate before the first step is 0
 *   as well.
 * - `cut`, `connectivity`: the effective recurrent weights times 0, or times factors, in these steps: W ∘ C[t]. Where units
 *   have short-term plasticity its state goes on.
 * - `current`: added to the drive of a step, so that v changes by alpha times it.
 * - `kick`: v is moved before step `at` is made, and r follows as f(v); a kick at step 0 is another v0.
 *
 * Everything else is the run without them: the noise too, which depends on seed and step alone. The run is cut where
 * something changes, and the state is handed over exactly. Several perturbations at once act together: factors multiply,
 * currents and kicks add up.
 *
 * ```ts
 * import { ctrnn, multiAreaEI, openDevice, simulate, tasks } from "cortrain";
 *
 * const device = await openDevice();
 * const structure = multiAreaEI({ inputs: 6, hidden: 20, outputs: 2, areas: 2 });
 * const network = ctrnn(device, { structure, dtMs: 40 });
 * const trials = tasks.contextDecision().batch({ trials: 4, seed: 1, dtMs: 40 });
 * const { rates, outputs } = await simulate(network, trials, [
 *   { type: "lesion", units: "area2", from: 5, to: 15 },
 *   { type: "current", current: 0.5, units: [0, 1, 2] },
 *   { type: "kick", at: 10, v: -1, units: "area1" },
 * ]);
 * ```
 *
 * @param perturbations from, to and at count the steps of these stimuli.
 * @throws ConfigError, ShapeError, ValueError, LimitError before any GPU work.
 */
export async function simulate(
  network: Network,
  input: RunInput,
  perturbations: readonly Perturbation[],
  options: RunOptions = {},
): Promise<Activity> {
  const { spec, replicas } = network;
  const stimuli = stimuliOf(input, spec);
  checkStimuli(stimuli, spec);
  const { steps, trials } = stimuli;
  const { state: given, ...rest } = options;
  if (given !== undefined) checkState(given, replicas, trials, spec);
  if (isGated(spec.cell)) {
    throw new ConfigError(`simulate: is for continuous-time networks, and this one is ${withArticle(spec.cell)}.`);
  }
  const plan = readPerturbations(perturbations, spec, { steps, trials, hidden: spec.hidden });
  const points = changePoints(plan, steps);
  const models: Model[] = [];
  for (let replica = 0; replica < replicas; replica += 1) models.push(await network.read(replica));
  const stage = new Stage(network, models, plan);
  try {
    const parts: Activity[] = [];
    let state = startState(models, stimuli, given, plan);
    for (const [index, from] of points.slice(0, -1).entries()) {
      const to = points[index + 1] ?? steps;
      if (from > 0) state = kicked(models, state as NetworkState, plan, from, trials);
      const part = await stage.run(stimuli, { from, to }, rest, state);
      parts.push(part);
      state = part.final;
    }
    return joinActivity(parts, replicas);
  } finally {
    stage.dispose();
  }
}

/** Networks that stand in for the given one while something acts on it. */
class Stage {
  readonly #network: Network;
  readonly #models: readonly Model[];
  readonly #plan: Perturbations;
  /** By the units that are silent. */
  readonly #standIns = new Map<string, { readonly network: Network; factors: Float32Array | undefined }>();

  constructor(network: Network, models: readonly Model[], plan: Perturbations) {
    this.#network = network;
    this.#models = models;
    this.#plan = plan;
  }

  /** The steps from … to - 1, during which nothing changes. @param state absent = where the stimuli start. */
  async run(
    stimuli: Stimuli,
    { from, to }: { readonly from: number; readonly to: number },
    { firstStep = 0, ...rest }: Omit<RunOptions, "state">,
    state: NetworkState | undefined,
  ): Promise<Activity> {
    const network = this.#networkAt(from);
    const { v0, r0 } = stimuli;
    return network.run(
      {
        steps: to - from,
        trials: stimuli.trials,
        inputs: this.#inputs(stimuli, from, to),
        ...(from === 0 && state === undefined && v0 && { v0 }),
        ...(from === 0 && state === undefined && r0 && { r0 }),
      },
      { ...rest, firstStep: firstStep + from, ...(state && { state }) },
    );
  }

  dispose(): void {
    for (const { network } of this.#standIns.values()) network.dispose();
  }

  /** The network itself where nothing acts. */
  #networkAt(step: number): Network {
    const { lesions, connectivity, currents } = this.#plan;
    const acts = ({ from, to }: { from: number; to: number }): boolean => from <= step && step < to;
    const silent = [...new Set(lesions.filter(acts).flatMap(({ units }) => units))].sort((a, b) => a - b);
    const factors = connectivity
      .filter(acts)
      .map((one) => one.factorsAt(step))
      .reduce<Float32Array | undefined>(
        (all, own) => all?.map((value, index) => value * (own[index] ?? 0)) ?? own,
        undefined,
      );
    if (silent.length === 0 && factors === undefined && currents.length === 0) return this.#network;
    const key = silent.join(" ");
    const kept = this.#standIns.get(key);
    if (kept !== undefined && sameNumbers(kept.factors, factors)) return kept.network;
    const models = this.#models.map((model) => standIn(model, silent, currents.length > 0, factors));
    if (kept === undefined) {
      const network = new Network(this.#network.device, models);
      this.#standIns.set(key, { network, factors });
      return network;
    }
    for (const [replica, model] of models.entries()) kept.network.write(model, replica);
    kept.factors = factors;
    return kept.network;
  }

  /** Inputs of some steps, with one channel more for every unit's current where there are currents. */
  #inputs({ inputs, trials }: Stimuli, from: number, to: number): Float32Array {
    const { inputs: own, hidden } = this.#network.spec;
    const { currents } = this.#plan;
    if (currents.length === 0) return inputs.subarray(from * trials * own, to * trials * own);
    const wide = new Float32Array((to - from) * trials * (own + hidden));
    for (let step = from; step < to; step += 1) {
      const acting = currents.filter((current) => current.from <= step && step < current.to);
      for (let trial = 0; trial < trials; trial += 1) {
        const row = ((step - from) * trials + trial) * (own + hidden);
        const start = (step * trials + trial) * own;
        wide.set(inputs.subarray(start, start + own), row);
        for (let unit = 0; unit < hidden; unit += 1)
          wide[row + own + unit] = acting.reduce((sum, current) => sum + current.currentAt(step, trial, unit), 0);
      }
    }
    return wide;
  }
}

/** The state that something done before the first step leaves; absent where nothing is, or the stimuli say it all. */
function startState(
  models: readonly Model[],
  stimuli: Stimuli,
  state: NetworkState | undefined,
  plan: Perturbations,
): NetworkState | undefined {
  const lesioned = plan.lesions.filter(({ from }) => from === 0).flatMap(({ units }) => units);
  const isKicked = plan.kicks.some(({ at }) => at === 0);
  // Without a state or rates of its own a lesioned unit starts silent on its stand-in.
  const silences = lesioned.length > 0 && (state !== undefined || stimuli.r0 !== undefined);
  if (!isKicked && !silences) return state;
  const { trials } = stimuli;
  const given = state ?? initialState(models, stimuli);
  const moved = kicked(models, given, plan, 0, trials);
  const hidden = models[0]?.spec.hidden ?? 1;
  return { ...moved, r: moved.r.map((rate, index) => (lesioned.includes(index % hidden) ? 0 : rate)) };
}

/** v0 and f(v0), [R, B, H], of the stimuli or else of each replica. */
function initialState(models: readonly Model[], { v0, r0, trials }: Stimuli): NetworkState {
  const hidden = models[0]?.spec.hidden ?? 1;
  const size = trials * hidden;
  const v = new Float32Array(models.length * size);
  const r = new Float32Array(models.length * size);
  for (const [replica, { spec, parameters }] of models.entries()) {
    const rateOf = rateFunction(spec);
    for (let index = 0; index < size; index += 1) {
      const value = v0?.[index] ?? parameters.v0[index % hidden] ?? 0;
      v[replica * size + index] = value;
      r[replica * size + index] = r0?.[index] ?? rateOf(index % hidden, value);
    }
  }
  return { v, r };
}

/** The state with all kicks before a step; only units that are moved get a new rate, and none that are silent then. */
function kicked(
  models: readonly Model[],
  state: NetworkState,
  plan: Perturbations,
  step: number,
  trials: number,
): NetworkState {
  const kicks = plan.kicks.filter(({ at }) => at === step);
  const [first] = models;
  if (kicks.length === 0 || first === undefined) return state;
  const { spec } = first;
  const rateOf = rateFunction(spec);
  const silent = new Set(
    plan.lesions.filter(({ from, to }) => from < step && step <= to).flatMap(({ units }) => units),
  );
  const [v, r] = [state.v.slice(), state.r.slice()];
  const { hidden } = spec;
  for (let row = 0; row < models.length * trials; row += 1) {
    const moved = new Set<number>();
    for (const { units, kickOf } of kicks)
      for (const unit of units) {
        const place = row * hidden + unit;
        v[place] = (v[place] ?? 0) + kickOf(row % trials, unit);
        if (kickOf(row % trials, unit) !== 0) moved.add(unit);
      }
    for (const unit of moved) if (!silent.has(unit)) r[row * hidden + unit] = rateOf(unit, v[row * hidden + unit] ?? 0);
  }
  return { ...state, v, r };
}

function sameNumbers(one: Float32Array | undefined, other: Float32Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.every((value, index) => value === other[index]);
}

/** Activities one after the other as one; every array is [R, T, …]. */
function joinActivity(parts: readonly Activity[], replicas: number): Activity {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError("joinActivity: no parts.");
  const last = parts.at(-1) ?? first;
  if (others.length === 0) return first;
  const joined = (name: "rates" | "states" | "outputs"): Float32Array => {
    const all = new Float32Array(parts.reduce((sum, part) => sum + part[name].length, 0));
    let at = 0;
    for (let replica = 0; replica < replicas; replica += 1)
      for (const part of parts) {
        const length = part[name].length / replicas;
        all.set(part[name].subarray(replica * length, (replica + 1) * length), at);
        at += length;
      }
    return all;
  };
  return {
    steps: parts.reduce((sum, part) => sum + part.steps, 0),
    trials: first.trials,
    rates: joined("rates"),
    states: joined("states"),
    outputs: joined("outputs"),
    final: last.final,
  };
}
