import { type Activity, checkState, type NetworkState, type RunOptions } from "./activity.ts";
import type { Model } from "./model.ts";
import { Network } from "./network.ts";
import { changePoints, type Perturbation, type Perturbations, readPerturbations } from "./perturbation.ts";
import { kicked, startState } from "./perturbed-state.ts";
import { type RunInput, stimuliOf } from "./run-input.ts";
import { standIn } from "./stand-in.ts";
import { checkStimuli, type Stimuli } from "./trials.ts";

/**
 * Runs a network over inputs, as `network.run`, while things are done to it:
 * - `lesion`: the units' rates are 0 at the steps from … to - 1, in what is returned too, so that they drive neither units
 *   nor outputs; their preactivations go on, and so do they after `to`. From step 0 on, the rate before the first step is 0
 *   as well. In an LSTM or a GRU all of the unit's state is 0 in these steps, an LSTM's cell state c too, and it starts from
 *   there after `to`.
 * - `cut`, `connectivity`: the effective recurrent weights times 0, or times factors, in these steps: W ∘ C[t]. Where units
 *   have short-term plasticity its state goes on. A synapse of an LSTM or a GRU is its weights onto all gates.
 * - `current`: added to the drive of a step, so that v changes by alpha times it. In an LSTM or a GRU it is added to what the
 *   candidate (g or n) is the tanh of, in a GRU outside of the reach of the reset gate; or, with `gate`, to what that gate is
 *   the sigmoid of.
 * - `kick`: v is moved before step `at` is made, and r follows as f(v); a kick at step 0 is another v0. In an LSTM v is c,
 *   and h, which step `at` still sees, stays; `r` moves h. In a GRU v is h. The rate of a unit that is silent stays 0.
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
  /** Which gates currents go into, in the order of their input channels. */
  readonly #currentGates: readonly number[];
  /** By the units that are silent. */
  readonly #standIns = new Map<string, { readonly network: Network; factors: Float32Array | undefined }>();

  constructor(network: Network, models: readonly Model[], plan: Perturbations) {
    this.#network = network;
    this.#models = models;
    this.#plan = plan;
    this.#currentGates = [...new Set(plan.currents.map(({ gate }) => gate))];
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
    const models = this.#models.map((model) => standIn(model, silent, this.#currentGates, factors));
    if (kept === undefined) {
      const network = new Network(this.#network.device, models);
      this.#standIns.set(key, { network, factors });
      return network;
    }
    for (const [replica, model] of models.entries()) kept.network.write(model, replica);
    kept.factors = factors;
    return kept.network;
  }

  /** Inputs of some steps, with one channel more for every unit's current into each gate that currents go into. */
  #inputs({ inputs, trials }: Stimuli, from: number, to: number): Float32Array {
    const { inputs: own, hidden } = this.#network.spec;
    const { currents } = this.#plan;
    if (currents.length === 0) return inputs.subarray(from * trials * own, to * trials * own);
    const width = own + this.#currentGates.length * hidden;
    const wide = new Float32Array((to - from) * trials * width);
    for (let step = from; step < to; step += 1) {
      const acting = currents.filter((current) => current.from <= step && step < current.to);
      for (let trial = 0; trial < trials; trial += 1) {
        const row = ((step - from) * trials + trial) * width;
        const start = (step * trials + trial) * own;
        wide.set(inputs.subarray(start, start + own), row);
        for (const { gate, currentAt } of acting) {
          const first = row + own + this.#currentGates.indexOf(gate) * hidden;
          for (let unit = 0; unit < hidden; unit += 1)
            wide[first + unit] = (wide[first + unit] ?? 0) + currentAt(step, trial, unit);
        }
      }
    }
    return wide;
  }
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
