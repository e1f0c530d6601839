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
  checkKeys("gradients", options, ["noise", "seed", "replica", "family", "tile", "products", "rule"]);
  checkFlags("gradients", options, ["noise"]);
  if (options.seed !== undefined) checkSeed("gradients: seed", options.seed);
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
    const { layout } = plan.sequence;
    const slots = { offset: plan.sequence.slotOffset(replica, 0), count: plan.sequence.slotOffset(1, 0) };
    const outputs = layout.steps * layout.batch * layout.output4 * 4;
    const [history, flat, states, rates, y] = (await network.readback.read(
      [
        { tensor: plan.tensors.history, offset: replica * recordFloats, count: recordFloats },
        { tensor: plan.tensors.gradients, offset: replica * layout.parameters, count: layout.parameters },
        { tensor: plan.tensors.stateGradients, ...slots },
        { tensor: plan.tensors.rateGradients, ...slots },
        { tensor: plan.sequence.tensors.outputs, offset: replica * outputs, count: outputs },
      ],
      plan.dispatches,
    )) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    const values = [...history.subarray(0, terms.length)];
    const hidden = (padded: Float32Array): Float32Array => stripRows(padded, layout.hidden, 4 * layout.hidden4);
    const allSlots = hidden(states);
    const allRates = hidden(rates);
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

/** (1 - alpha) dL/dv of the first step, [B, H]; 0 in rate form, where v0 has no part of its own. */
function leakGradient(slots: Float32Array, { spec, parameters }: Model, first: number): Float32Array {
  return slots.slice(first, 2 * first).map((value, index) => {
    const alpha = parameters.alpha[index % spec.hidden] ?? Number.NaN;
    return spec.form === "rate" ? 0 : (1 - alpha) * value;
  });
}
