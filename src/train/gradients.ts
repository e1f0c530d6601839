import { ConfigError } from "../errors.ts";
import type { TensorRange } from "../gpu/readback.ts";
import { submit } from "../gpu/recorder.ts";
import { Tensor } from "../gpu/tensor.ts";
import { parseWith } from "../io/config.ts";
import { checkLosses, type LossInput, lossNames, lossScale } from "../loss/losses.ts";
import { lossContext } from "../loss/term.ts";
import { isGated } from "../network/cells.ts";
import { type Model, type ParameterName, parameterNames } from "../network/model.ts";
import type { Network } from "../network/network.ts";
import { runSettings, silence } from "../network/run-settings.ts";
import { startOf } from "../network/sequence.ts";
import { checkTrials, type Trials } from "../network/trials.ts";
import { layoutOf, stripRows } from "../ops/layout.ts";
import type { Family, Products } from "../ops/recurrence.ts";
import { splitParameters } from "../ops/rules.ts";
import type { Tile } from "../ops/tiles.ts";
import { checkFlags, checkKeys, checkSeed } from "../structure/options.ts";
import { localRule, type RuleInput, ruleSchema } from "./rule.ts";
import { recordFloats, StepPlan, type StepPlanOptions, verdictFloats } from "./step-plan.ts";

/** A loss and its gradients, of one replica; under a local rule, what the rule takes for them. */
export interface Gradients {
  /** Sum of the terms. */
  readonly loss: number;
  /** Each term with its weight. */
  readonly terms: Readonly<Record<string, number>>;
  /**
   * dL/d of the raw parameters; zero where a synapse is absent, empty where the cell has no such tensor. v0 and r0 are summed
   * over the trials.
   */
  readonly parameters: Readonly<Record<ParameterName, Float32Array>>;
  /**
   * dL/dv of the initial state of every trial, [B, H]; of a CTRNN through r0 = f(v0) unless r0 was given, of an LSTM by its
   * cell state alone, of a GRU by its rates.
   */
  readonly initialState: Float32Array;
  /** dL/dr of the initial state of every trial, [B, H]. */
  readonly initialRates: Float32Array;
  /**
   * dL/dv[t], [T, B, H]: total derivatives; of an LSTM dL/dc[t], of a GRU dL/dh[t]. The term `omega` has no part in them.
   */
  readonly states: Float32Array;
  /** dL/dr[t], [T, B, H]: total derivatives. */
  readonly rates: Float32Array;
  /** y, [T, B, O]. */
  readonly outputs: Float32Array;
}

export interface GradientOptions {
  /** `false` silences the model's noise. */
  readonly noise?: boolean;
  /** Key of the noise; default the model's seed. */
  readonly seed?: number;
  readonly replica?: number;
  readonly family?: Family;
  /** Bytes of GPU buffers, and segments of time, as in training. */
  readonly memory?: number;
  readonly segments?: number;
  /** What the recurrent products run over, bit for bit the same; chosen by the mask and a measurement unless given. */
  readonly products?: Products;
  readonly tile?: Tile | undefined;
  /** How gradients are found; back-propagation through time unless given. */
  readonly rule?: RuleInput;
}

/**
 * The loss of trials and its gradient with respect to every parameter and every state, learned or not.
 * @throws ShapeError, ValueError, ConfigError, LimitError before any GPU work.
 */
export async function gradients(
  network: Network,
  trials: Trials,
  losses: readonly LossInput[],
  options: GradientOptions = {},
): Promise<Gradients> {
  checkKeys("gradients", options, [
    ...["noise", "seed", "replica", "family", "tile", "products", "rule", "memory", "segments"],
  ]);
  checkFlags("gradients", options, ["noise"]);
  if (options.seed !== undefined) checkSeed("gradients: seed", options.seed);
  for (const name of ["memory", "segments"] as const) checkPositive(`gradients: ${name}`, options[name]);
  const terms = checkLosses(losses);
  checkTrials(trials, network.spec);
  const { device, replicas, spec } = network;
  const { replica = 0 } = options;
  const rule = localRule(
    parseWith(ruleSchema, options.rule ?? { type: "bptt" }, "gradients: rule"),
    terms,
    spec,
    network.seeds,
  );
  const all = Object.fromEntries(parameterNames.map((name) => [name, true])) as Record<ParameterName, boolean>;
  network.modelOf(replica);
  const shape: StepPlanOptions = {
    replicas,
    steps: trials.steps,
    batch: trials.trials,
    initial: startOf(trials),
    losses: terms,
    distances: network.distances,
    historySlots: 1,
    gradients: { alpha: !isGated(spec.cell), v0: true, r0: true },
    inspect: true,
    rule,
    family: options.family,
    memory: options.memory,
    segments: options.segments,
    products: options.products,
    tile: options.tile,
  };
  StepPlan.check(device, spec, shape);
  const sizes = layoutOf({ ...spec, replicas, steps: trials.steps, batch: trials.trials });
  for (const loss of terms) lossScale(loss, lossContext(sizes, trials));
  const rules = new Tensor(device, "rules", network.rules.shape);
  const verdicts = new Tensor(device, "verdicts", [replicas, verdictFloats]);
  let plan: StepPlan | undefined;
  try {
    rules.write(network.rulesFor(all));
    const owned = {
      parameters: network.parameters,
      rules,
      verdicts,
      layers: network.layers,
      connections: network.connections,
    };
    plan = await StepPlan.compile(device, spec, owned, shape);
    plan.upload([trials]);
    for (const [index, seed] of network.seeds.entries()) {
      const noise = options.noise === false ? silence : network.modelOf(index).spec.noise;
      const own = runSettings(options.seed ?? seed, noise);
      plan.sequence.settings.set(index, { ...own, loss_scale: plan.lossScales(index) });
    }
    plan.sequence.settings.upload();
    const { layout } = plan;
    const outputs = layout.steps * layout.batch * layout.output4 * 4;
    const [history, flat, y, allSlots, allRates] = await runParts(network, plan, replica, [
      { tensor: plan.tensors.history, offset: replica * recordFloats, count: recordFloats },
      { tensor: plan.tensors.gradients, offset: replica * layout.parameters, count: layout.parameters },
      { tensor: plan.whole.outputs, offset: replica * outputs, count: outputs },
    ]);
    const values = [...history.subarray(0, terms.length)];
    const first = layout.batch * layout.hidden;
    return {
      loss: values.reduce((sum, value) => sum + value, 0),
      terms: Object.fromEntries(lossNames(terms).map((name, index) => [name, values[index] ?? Number.NaN])),
      parameters: splitParameters(flat, layout),
      // Where a CTRNN's r0 was given, its v0 acts through the leak alone.
      initialState:
        trials.r0 === undefined || isGated(spec.cell)
          ? allSlots.slice(0, first)
          : leakGradient(allSlots, network.modelOf(replica), first),
      initialRates: allRates.slice(0, first),
      states: allSlots.slice(first),
      rates: allRates.slice(first),
      outputs: stripRows(y, layout.outputs, 4 * layout.output4),
    };
  } finally {
    plan?.dispose();
    rules.dispose();
    verdicts.dispose();
  }
}

/**
 * Runs a plan part by part, and reads the gradients of every segment's states and rates while they are there.
 * @returns the ranges, read at the end, then dL/dv and dL/dr of all slots, [T + 1, B, H].
 */
async function runParts(
  { device, readback }: Network,
  { parts, sequence, tensors, layout }: StepPlan,
  replica: number,
  ranges: readonly [TensorRange, TensorRange, TensorRange],
): Promise<[Float32Array, Float32Array, Float32Array, Float32Array, Float32Array]> {
  const { steps, batch, hidden, hidden4 } = layout;
  const slot = batch * hidden;
  const states = new Float32Array((steps + 1) * slot);
  const rates = new Float32Array(states.length);
  for (const [index, { dispatches, gradients: held }] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (held === undefined && !isLast) {
      submit(device, "gradients", dispatches);
      continue;
    }
    const { from, count } = held ?? { from: 0, count: 0 };
    // Slot 0 of a segment is a slot of the one before, but in the first.
    const skipped = from === 0 ? 0 : 1;
    const range = {
      offset: sequence.slotOffset(replica, skipped),
      count: (count + 1 - skipped) * batch * 4 * hidden4,
    };
    const [v, r, ...others] = (await readback.read(
      [
        { tensor: tensors.stateGradients, ...range },
        { tensor: tensors.rateGradients, ...range },
        ...(isLast ? ranges : []),
      ],
      dispatches,
    )) as [Float32Array, Float32Array, ...Float32Array[]];
    states.set(stripRows(v, hidden, 4 * hidden4), (from + skipped) * slot);
    rates.set(stripRows(r, hidden, 4 * hidden4), (from + skipped) * slot);
    if (isLast) return [...(others as [Float32Array, Float32Array, Float32Array]), states, rates];
  }
  throw new RangeError("A plan has at least one part.");
}

function checkPositive(label: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return;
  throw new ConfigError(`${label}: expected a whole number of at least 1, got ${value}.`);
}

/** (1 - alpha) dL/dv of the first step, [B, H]; 0 in rate form, where v0 has no part of its own. */
function leakGradient(slots: Float32Array, { spec, parameters }: Model, first: number): Float32Array {
  return slots.slice(first, 2 * first).map((value, index) => {
    const alpha = parameters.alpha[index % spec.hidden] ?? Number.NaN;
    return spec.form === "rate" ? 0 : (1 - alpha) * value;
  });
}
