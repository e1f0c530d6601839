import type { NetworkState } from "./activity.ts";
import { isGated } from "./cells.ts";
import type { Model } from "./model.ts";
import type { Perturbations } from "./perturbation.ts";
import { rateFunction } from "./rate.ts";
import type { Stimuli } from "./trials.ts";

/** The state that something done before the first step leaves; absent where nothing is, or the stimuli say it all. */
export function startState(
  models: readonly Model[],
  stimuli: Stimuli,
  state: NetworkState | undefined,
  plan: Perturbations,
): NetworkState | undefined {
  const lesioned = new Set(plan.lesions.filter(({ from }) => from === 0).flatMap(({ units }) => units));
  const isKicked = plan.kicks.some(({ at }) => at === 0);
  const [first] = models;
  if (first === undefined) return state;
  const { hidden, cell } = first.spec;
  // Without a state or rates of its own a lesioned unit of a CTRNN starts silent on its stand-in.
  const silences = lesioned.size > 0 && (isGated(cell) || state !== undefined || stimuli.r0 !== undefined);
  if (!isKicked && !silences) return state;
  const given = state ?? initialState(models, stimuli);
  const moved = kicked(models, given, plan, 0, stimuli.trials);
  const silence = (values: Float32Array): Float32Array =>
    values.map((value, index) => (lesioned.has(index % hidden) ? 0 : value));
  return { ...moved, r: silence(moved.r), ...(cell === "gru" && { v: silence(moved.v) }) };
}

/** The state before the first step, [R, B, H], of the stimuli or else of each replica. */
function initialState(models: readonly Model[], { v0, r0, trials }: Stimuli): NetworkState {
  const hidden = models[0]?.spec.hidden ?? 1;
  const size = trials * hidden;
  const v = new Float32Array(models.length * size);
  const r = new Float32Array(models.length * size);
  for (const [replica, { spec, parameters }] of models.entries()) {
    const rateOf = rateFunction(spec);
    for (let index = 0; index < size; index += 1) {
      const unit = index % hidden;
      const place = replica * size + index;
      if (spec.cell === "gru") {
        r[place] = r0?.[index] ?? v0?.[index] ?? parameters.r0[unit] ?? 0;
        v[place] = r[place] ?? 0;
        continue;
      }
      const value = v0?.[index] ?? parameters.v0[unit] ?? 0;
      v[place] = value;
      r[place] = r0?.[index] ?? (isGated(spec.cell) ? (parameters.r0[unit] ?? 0) : rateOf(unit, value));
    }
  }
  return { v, r };
}

/** The state with all kicks before a step; only units that are moved get a new rate, and none that are silent then. */
export function kicked(
  models: readonly Model[],
  state: NetworkState,
  plan: Perturbations,
  step: number,
  trials: number,
): NetworkState {
  const kicks = plan.kicks.filter(({ at }) => at === step);
  const [first] = models;
  if (kicks.length === 0 || first === undefined) return state;
  const { cell, hidden } = first.spec;
  const rateOf = rateFunction(first.spec);
  const silent = new Set(
    plan.lesions.filter(({ from, to }) => from < step && step <= to).flatMap(({ units }) => units),
  );
  const [v, r] = [state.v.slice(), state.r.slice()];
  for (let row = 0; row < models.length * trials; row += 1) {
    const moved = new Set<number>();
    for (const { units, kickOf, rateKickOf } of kicks)
      for (const unit of units) {
        const place = row * hidden + unit;
        const kick = kickOf(row % trials, unit);
        if (kick !== 0) moved.add(unit);
        if (cell === "gru" && silent.has(unit)) continue;
        v[place] = (v[place] ?? 0) + kick;
        if (!silent.has(unit)) r[place] = (r[place] ?? 0) + rateKickOf(row % trials, unit);
      }
    if (cell === "lstm") continue;
    for (const unit of moved) {
      const place = row * hidden + unit;
      const value = v[place] ?? 0;
      if (!silent.has(unit)) r[place] = cell === "gru" ? value : rateOf(unit, value);
    }
  }
  return { ...state, v, r };
}
