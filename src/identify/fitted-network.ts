import { ShapeError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { createModel } from "../network/create.ts";
import type { Model } from "../network/model.ts";
import { effectiveWeights } from "../network/validate.ts";
import { Random, streams } from "../random.ts";
import type { Structure } from "../structure/structure.ts";
import type { LearnedNetwork } from "./learned-network.ts";
import type { IdentifySettings } from "./options.ts";

/**
 * How the units of a network that is fitted lie in the model that is trained: latents of a low-rank network first, then the
 * recorded units, then the hidden ones.
 */
export interface UnitPlan {
  /** K */
  readonly observed: number;
  /** N: recorded and hidden. */
  readonly units: number;
  /** R, 0 unless it is of low rank. */
  readonly latents: number;
  /** The first of the N units that the velocity is added to; N where it is to none. */
  readonly firstDriven: number;
  /** D */
  readonly dimensions: number;
}

export function unitPlan({ network }: IdentifySettings, observed: number, dimensions: number): UnitPlan {
  const units = observed + network.hidden;
  const everywhere = network.type === "elman" || network.hidden === 0;
  return {
    observed,
    units,
    latents: network.type === "lowRank" ? network.rank : 0,
    firstDriven: network.type === "zhang" ? units : everywhere ? 0 : observed,
    dimensions,
  };
}

/**
 * Input channels of the model: D velocities and a bias, to the driven units, and a bias of every unit. A bias is an input of 1
 * because a leak on the rates turns the inputs of a window's first step into others (see `leakedInputs`).
 */
export function channelsOf({ dimensions }: Pick<UnitPlan, "dimensions">): number {
  return dimensions + 2;
}

/** Masks, signs, layers and areas of the model. */
export function fittedStructure(plan: UnitPlan, settings: IdentifySettings): Structure {
  const { observed, units, latents, firstDriven } = plan;
  const inputs = channelsOf(plan);
  const hidden = latents + units;
  const weightIH = new Float32Array(hidden * inputs);
  for (let unit = 0; unit < units; unit += 1)
    for (let channel = 0; channel < inputs; channel += 1)
      weightIH[(latents + unit) * inputs + channel] = unit >= firstDriven || channel === inputs - 1 ? 1 : 0;
  const recorded: Area = { name: "recorded", from: latents, to: latents + observed };
  const rest: Area[] = units > observed ? [{ name: "hidden", from: latents + observed, to: hidden }] : [];
  const common = { inputs, hidden, outputs: 1, seed: settings.seed };
  if (latents > 0) {
    const weightHH = new Float32Array(hidden * hidden);
    for (let post = 0; post < hidden; post += 1)
      for (let pre = 0; pre < hidden; pre += 1)
        weightHH[post * hidden + pre] = post < latents !== pre < latents ? 1 : 0;
    const first: Area = { name: "latents", from: 0, to: latents };
    return {
      ...common,
      areas: [first, recorded, ...rest],
      layers: [first, { name: "neurons", from: latents, to: hidden }],
      masks: { weightIH, weightHH },
      signs: {},
      units: { activation: Array.from({ length: hidden }, (_, unit) => (unit < latents ? "linear" : null)) },
    };
  }
  const { mask, signs, unitSigns } = synapseRules(plan, settings);
  return {
    ...common,
    areas: [recorded, ...rest],
    masks: { weightIH, ...(mask && { weightHH: mask }) },
    signs: signs === undefined ? {} : { weightHH: signs },
    ...(unitSigns && { unitSigns }),
  };
}

/** What holds of the synapses between the N units. */
export interface SynapseRules {
  /** [N, N]: 1 where a synapse may exist. */
  readonly mask?: Float32Array | undefined;
  /** [N, N], of Dale's law: the sign of the presynaptic unit. */
  readonly signs?: Float32Array | undefined;
  /** [N] */
  readonly unitSigns?: Float32Array | undefined;
}

/** @throws ShapeError where `mask` or `excitatory` are not of the N units. */
export function synapseRules(
  { observed, units }: UnitPlan,
  { mask, excitatory }: Pick<IdentifySettings, "mask" | "excitatory">,
): SynapseRules {
  const size = `${units} units (${observed} recorded, ${units - observed} hidden)`;
  if (mask !== undefined && (mask.length !== units || mask.some((row) => row.length !== units)))
    throw new ShapeError(
      `identify: mask: expected [${units}][${units}] (post, pre) for ${size}, got ${mask.length} rows of ${mask[0]?.length ?? 0}.`,
    );
  if (Array.isArray(excitatory) && excitatory.length !== units)
    throw new ShapeError(
      `identify: excitatory: expected a share, or the signs of ${size}, got ${excitatory.length} signs.`,
    );
  const unitSigns =
    excitatory === undefined ? undefined : Float32Array.from({ length: units }, (_, unit) => signOf(unit));
  // Of n units in a row, the k-th is excitatory where the share's multiples pass a whole number.
  function signOf(unit: number): number {
    if (typeof excitatory !== "number") return excitatory?.[unit] ?? 0;
    const place = unit < observed ? unit : unit - observed;
    return Math.floor((place + 1) * excitatory) > Math.floor(place * excitatory) ? 1 : -1;
  }
  return {
    ...(mask && { mask: Float32Array.from(mask.flat()) }),
    ...(unitSigns && {
      unitSigns,
      signs: Float32Array.from({ length: units * units }, (_, index) => unitSigns[index % units] as number),
    }),
  };
}

/** A drawn weight as its mask and sign let it be. */
export function constrained({ mask, signs }: SynapseRules, index: number, value: number): number {
  const sign = signs?.[index] ?? 0;
  return (mask?.[index] ?? 1) * (sign === 0 ? value : Math.abs(value) * sign);
}

/**
 * A model with drawn weights: recurrent ones uniform in ± √(6 / 2N) times the scales (Glorot), those of the velocity in
 * ± √(6 / (1 + driven units)), biases 0. The numbers follow from the seed alone.
 */
export function drawFitted(plan: UnitPlan, settings: IdentifySettings, seed: number): Model {
  const structure = fittedStructure(plan, settings);
  const { latents, observed, units, firstDriven, dimensions } = plan;
  const { hidden, inputs } = structure;
  const { initialScale, observedScale, alpha, leak, learnAlpha, activation } = settings;
  const recurrent = new Random(seed, streams.weights, 2);
  const rules = latents > 0 ? {} : synapseRules(plan, settings);
  // Of low rank, M and N each are drawn so that their product has the scale of a full matrix.
  const limit = latents === 0 ? Math.sqrt(6 / (2 * units)) : Math.sqrt(Math.sqrt(2 / (units * latents)));
  const weightHH = Float32Array.from({ length: hidden * hidden }, (_, index) => {
    const [post, pre] = [Math.floor(index / hidden), index % hidden];
    const drawn = recurrent.uniform(-limit, limit);
    if (latents > 0) return post < latents === pre < latents ? 0 : Math.sqrt(initialScale) * drawn;
    const both = post < observed && pre < observed;
    return constrained(rules, index, (both ? observedScale : initialScale) * drawn);
  });
  const velocity = new Random(seed, streams.weights, 3);
  const reach = Math.sqrt(6 / (1 + units - firstDriven));
  const weightIH = new Float32Array(hidden * inputs);
  for (let unit = firstDriven; unit < units; unit += 1)
    for (let d = 0; d < dimensions; d += 1) weightIH[(latents + unit) * inputs + d] = velocity.uniform(-reach, reach);
  return createModel({
    structure,
    activation,
    alpha: latents === 0 ? alpha : [...new Array(latents).fill(1), ...new Array(units).fill(alpha)],
    ...(leak === "state" && learnAlpha && { learn: { alpha: true } }),
    seed,
    initial: { weightHH, weightIH, biasH: new Float32Array(hidden), weightHO: new Float32Array(hidden) },
  });
}

/** What a fitted network computes, recorded units first: velocity is added to drives by `inputWeights`, or multiplies the state. */
export interface FittedConnectivity extends LearnedNetwork {
  readonly weights: Float32Array;
  readonly inputWeights?: Float32Array;
  readonly velocityWeights?: Float32Array;
  readonly bias: Float32Array;
  readonly alpha: Float32Array;
}

/** A fitted model as the network of recorded and hidden units that it computes. */
export function learnedNetwork(
  plan: UnitPlan,
  model: Model,
): FittedConnectivity & { readonly inputWeights: Float32Array } {
  const { latents, units, dimensions, observed } = plan;
  const { hidden, inputs, activation } = model.spec;
  const all = effectiveWeights(model, "weightHH");
  const [weightIH, biasH] = [model.parameters.weightIH, model.parameters.biasH];
  const weights = new Float32Array(units * units);
  for (let post = 0; post < units; post += 1)
    for (let pre = 0; pre < units; pre += 1) {
      let sum = all[(latents + post) * hidden + latents + pre] as number;
      for (let k = 0; k < latents; k += 1)
        sum += (all[(latents + post) * hidden + k] as number) * (all[k * hidden + latents + pre] as number);
      weights[post * units + pre] = sum;
    }
  const row = (unit: number): number => (latents + unit) * inputs;
  return {
    units,
    observed,
    weights,
    inputWeights: Float32Array.from(
      { length: units * dimensions },
      (_, index) => weightIH[row(Math.floor(index / dimensions)) + (index % dimensions)] as number,
    ),
    bias: Float32Array.from(
      { length: units },
      (_, unit) =>
        (biasH[latents + unit] as number) +
        (weightIH[row(unit) + dimensions] as number) +
        (weightIH[row(unit) + dimensions + 1] as number),
    ),
    activation,
    alpha: model.parameters.alpha.slice(latents),
  };
}
