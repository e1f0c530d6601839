import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { type SornPresetName, sornPresets } from "./presets.ts";

/** The rules, under the names of the Python package sorn, as `freeze` takes them. */
export const sornRules = ["stdp", "ip", "sp", "istdp", "ss"] as const;
export type SornRule = (typeof sornRules)[number];

const mostUnits = 2 ** 20;
const count = z.int().min(1).max(mostUnits);
const fraction = z.number().min(0).max(1);
const rate = z.number().min(0).max(1);
const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, "must be [low, high]");
const seed = z.int().min(0).max(0xffffffff);

const stdp = z.strictObject({
  rate,
  /** A weight above it becomes it. */
  maximum: z.number().positive().max(1),
  /** A weight at or below it becomes 0: the synapse is removed. */
  prune: fraction,
});
const ip = z.strictObject({
  rate,
  /** Target rate of all units, of each, uniform between two numbers, or `"inputs"`: 2 inputs / excitatory units. */
  target: z.union([
    fraction,
    z.array(fraction),
    z.strictObject({ low: fraction, high: fraction }),
    z.literal("inputs"),
  ]),
  /** Thresholds are held in this range. */
  clip: z.union([z.literal(false), range]),
});
const sp = z.strictObject({
  /** Expected number of new synapses: of the network in a step, or of each pair of units in a step. */
  rate: z.number().min(0),
  per: z.enum(["step", "pair"]),
  weight: z.number().positive().max(1),
  /** Whether the new synapse takes part in the scaling of its step. */
  order: z.enum(["beforeScaling", "afterScaling"]),
});
const istdp = z.strictObject({
  rate,
  target: z.number().positive().max(1),
  /** A weight at or below 0 becomes it; 0 removes the synapse for ever. */
  floor: fraction,
  maximum: z.number().positive().max(1),
});
const ss = z.strictObject({ excitatory: z.boolean(), inhibitory: z.boolean() });

/** Synapses of a projection at the start: U(0, 1), then every unit's sum to 1. Exactly one of the three numbers if sparse. */
const connection = z
  .strictObject({
    type: z.enum(["dense", "sparse"]),
    /** Sources of each unit, or targets of each source: whole part of a normal number of this mean. */
    inDegree: z.number().positive().optional(),
    outDegree: z.number().positive().optional(),
    /** Its standard deviation; default 0. */
    spread: z.number().min(0).optional(),
    /** Probability of each pair. */
    density: z.number().positive().max(1).optional(),
  })
  .superRefine(({ type, inDegree, outDegree, density, spread }, context) => {
    const given = [inDegree, outDegree, density].filter((each) => each !== undefined).length;
    if (given !== (type === "sparse" ? 1 : 0)) {
      const message = `a ${type} projection takes ${type === "sparse" ? "exactly one of" : "none of"} inDegree, outDegree and density; ${given} are given`;
      context.addIssue({ code: "custom", message, params: { complete: true } });
    }
    if (spread !== undefined && density !== undefined)
      context.addIssue({
        code: "custom",
        message: "spread goes with inDegree or outDegree",
        params: { complete: true },
      });
  });

const inputConnection = z
  .strictObject({
    /**
     * `first`: input k to unit k; `units`: input k to the units listed; `pools`: to `size` units of its own, drawn; `sparse`
     * and `dense`: weights U(0, gain).
     */
    type: z.enum(["first", "units", "pools", "sparse", "dense"]),
    gain: z.number().default(1),
    units: z.array(z.array(z.int().min(0))).optional(),
    size: count.optional(),
    density: z.number().positive().max(1).optional(),
  })
  .superRefine((value, context) => {
    const needed = { first: undefined, units: "units", pools: "size", sparse: "density", dense: undefined }[value.type];
    for (const name of ["units", "size", "density"] as const) {
      if ((value[name] !== undefined) === (name === needed)) continue;
      const message =
        name === needed ? `type "${value.type}" needs ${name}` : `${name} does not go with type "${value.type}"`;
      context.addIssue({ code: "custom", message, path: [name], params: { complete: true } });
    }
  });

const noise = z.strictObject({ excitatory: z.number().min(0), inhibitory: z.number().min(0) });
const presetNames = Object.keys(sornPresets) as [SornPresetName, ...SornPresetName[]];

const rule = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) =>
  z.union([z.boolean(), schema.partial()]).optional();

/** What {@link sorn} is told, as plain data; whatever is left out is the preset's. */
export const sornSchema = z.strictObject({
  preset: z.enum(presetNames).default("zheng2013"),
  seed: seed.default(0),
  excitatory: count.optional(),
  /** Default: a fifth of the excitatory units, and at least one. */
  inhibitory: count.optional(),
  inputs: z.int().min(0).max(mostUnits).optional(),
  /** When a unit fires: drive above 0, or at least 0. */
  threshold: z.enum([">", ">="]).optional(),
  /** Which excitatory spikes drive inhibition: x(t), or x(t+1). */
  inhibition: z.enum(["previous", "current"]).optional(),
  /** Standard deviation of the normal noise on every drive (not its variance). */
  noise: z.union([z.number().min(0), noise.partial()]).optional(),
  /** Ranges of the uniform initial thresholds. */
  thresholds: z.strictObject({ excitatory: range, inhibitory: range }).partial().optional(),
  /** Probability of a unit to be active at the start. */
  start: z.strictObject({ excitatory: fraction, inhibitory: fraction }).partial().optional(),
  stdp: rule(stdp),
  ip: rule(ip),
  sp: rule(sp),
  istdp: rule(istdp),
  /** Synaptic scaling (normalisation) of the synapses onto excitatory units. */
  ss: rule(ss),
  connections: z
    .strictObject({ EE: connection, EI: connection, IE: connection, input: inputConnection })
    .partial()
    .optional(),
  /** How synapses lie on the GPU; `auto`: dense up to 1,000 excitatory units, then lists of what is sparse. */
  storage: z.enum(["auto", "dense", "lists"]).default("auto"),
  /** Slots of a unit's list of excitatory synapses; default: a quarter more than the largest in-degree at the start. */
  slots: count.optional(),
});

/** Options of {@link sorn}. */
export type SornOptions = z.input<typeof sornSchema>;

/** All parameters of a network, complete and plain: what a preset and options come to. */
export interface SornParameters {
  readonly preset: SornPresetName;
  readonly seed: number;
  readonly excitatory: number;
  readonly inhibitory: number;
  readonly inputs: number;
  readonly threshold: ">" | ">=";
  readonly inhibition: "previous" | "current";
  readonly noise: z.output<typeof noise>;
  readonly thresholds: {
    readonly excitatory: readonly [number, number];
    readonly inhibitory: readonly [number, number];
  };
  readonly start: { readonly excitatory: number; readonly inhibitory: number };
  readonly stdp: false | z.output<typeof stdp>;
  readonly ip: false | (Omit<z.output<typeof ip>, "clip"> & { readonly clip: false | readonly [number, number] });
  readonly sp: false | z.output<typeof sp>;
  readonly istdp: false | z.output<typeof istdp>;
  readonly ss: false | z.output<typeof ss>;
  readonly connections: {
    readonly EE: Connection;
    readonly EI: Connection;
    readonly IE: Connection;
    readonly input: InputConnection;
  };
  readonly storage: "auto" | "dense" | "lists";
  readonly slots: number | undefined;
}
export type Connection = z.output<typeof connection>;
export type InputConnection = z.output<typeof inputConnection>;

/** A rule that is on: what is given, else the preset's, else that of zheng2013; `false` where it is off. */
function mergeRule<Rule extends object>(
  given: boolean | { readonly [Key in keyof Rule]?: Rule[Key] | undefined } | undefined,
  preset: false | Rule,
  fallback: false | Rule,
): false | Rule {
  if (given === false || (given === undefined && preset === false)) return false;
  return { ...(preset === false ? fallback : preset), ...(typeof given === "object" ? given : {}) } as Rule;
}

/**
 * Fills in what a preset says and checks the whole.
 * @throws ConfigError naming the nearest key, or the units that are too few.
 */
export function sornParameters(options: SornOptions = {}, label = "sorn"): SornParameters {
  const given = parseWith(sornSchema, options, label);
  const preset: Omit<SornParameters, "preset" | "seed" | "storage" | "slots"> = sornPresets[given.preset];
  const fallback = sornPresets.zheng2013;
  const excitatory = given.excitatory ?? preset.excitatory;
  const parameters: SornParameters = {
    ...{ preset: given.preset, seed: given.seed, storage: given.storage, slots: given.slots, excitatory },
    inhibitory: given.inhibitory ?? Math.max(1, Math.floor(0.2 * excitatory)),
    inputs: given.inputs ?? preset.inputs,
    threshold: given.threshold ?? preset.threshold,
    inhibition: given.inhibition ?? preset.inhibition,
    noise:
      typeof given.noise === "number"
        ? { excitatory: given.noise, inhibitory: given.noise }
        : ({ ...preset.noise, ...given.noise } as SornParameters["noise"]),
    thresholds: { ...preset.thresholds, ...given.thresholds } as SornParameters["thresholds"],
    start: { ...preset.start, ...given.start } as SornParameters["start"],
    stdp: mergeRule(given.stdp, preset.stdp, fallback.stdp),
    ip: mergeRule(given.ip, preset.ip, fallback.ip),
    sp: mergeRule(given.sp, preset.sp, fallback.sp),
    istdp: mergeRule(given.istdp, preset.istdp, fallback.istdp),
    ss: mergeRule(given.ss, preset.ss, fallback.ss),
    connections: { ...preset.connections, ...given.connections } as SornParameters["connections"],
  };
  checkUnits(parameters, label);
  checkDegrees(given.connections ?? {}, parameters, label);
  return parameters;
}

/** Of what is given: a preset's degrees are held within what a small network has. */
function checkDegrees(
  given: Partial<Record<keyof SornParameters["connections"], Connection | InputConnection | undefined>>,
  { excitatory, inhibitory }: SornParameters,
  label: string,
): void {
  const sizes = { EE: [excitatory - 1, excitatory - 1], EI: [excitatory, inhibitory], IE: [inhibitory, excitatory] };
  for (const [name, [targets = 0, sources = 0]] of Object.entries(sizes)) {
    const { inDegree = 0, outDegree = 0 } = (given[name as "EE"] ?? {}) as Partial<Connection>;
    for (const [key, degree, most] of [
      ["inDegree", inDegree, sources],
      ["outDegree", outDegree, targets],
    ] as const)
      if (degree > most)
        throw new ConfigError(
          `${label}: connections.${name}.${key}: ${degree} are more than the ${most} units there are to connect; give at most ${most}, or type "dense".`,
        );
  }
}

function checkUnits({ excitatory, inputs, connections, ip, sp }: SornParameters, label: string): void {
  const { input } = connections;
  const needed = input.type === "first" ? inputs : input.type === "pools" ? inputs * (input.size ?? 1) : 0;
  if (needed > excitatory) {
    throw new ConfigError(
      `${label}: ${inputs} inputs need ${needed} excitatory units of their own (connections.input is "${input.type}"), and there are ${excitatory}. Use more units or fewer inputs.`,
    );
  }
  if (input.units !== undefined) {
    if (input.units.length !== inputs)
      throw new ConfigError(
        `${label}: connections.input.units: expected one list of units for each of ${inputs} inputs, got ${input.units.length}.`,
      );
    const wrong = input.units.flat().find((unit) => unit >= excitatory);
    if (wrong !== undefined)
      throw new ConfigError(`${label}: connections.input.units: expected units 0 to ${excitatory - 1}, got ${wrong}.`);
  }
  if (ip && Array.isArray(ip.target) && ip.target.length !== excitatory)
    throw new ConfigError(
      `${label}: ip.target: expected one number for each of ${excitatory} excitatory units, got ${ip.target.length}.`,
    );
  if (ip && ip.target === "inputs" && 2 * inputs > excitatory)
    throw new ConfigError(
      `${label}: ip.target "inputs" is 2 × ${inputs} / ${excitatory}, which is above 1. Use more units, or give a rate.`,
    );
  if (sp && synapsesPerStep(sp, excitatory) > excitatory)
    throw new ConfigError(
      `${label}: sp.rate: ${synapsesPerStep(sp, excitatory)} new synapses a step are more than one for each of ${excitatory} units.`,
    );
}

/** Expected number of new synapses of a network in a step. */
export function synapsesPerStep({ rate, per }: { rate: number; per: "step" | "pair" }, excitatory: number): number {
  return per === "step" ? rate : rate * excitatory * (excitatory - 1);
}

/** One line a setting that is easily mistaken: the noise with its variance, the target rate, the rules that are on. */
export function describeSorn(parameters: SornParameters): string {
  const { excitatory, inhibitory, inputs, noise, ip } = parameters;
  const target = ip === false ? "none" : typeof ip.target === "object" ? "per unit" : String(targetRate(parameters));
  const on = sornRules.filter((name) => parameters[name] !== false);
  return [
    `${parameters.preset}: ${excitatory} excitatory, ${inhibitory} inhibitory units, ${inputs} inputs, seed ${parameters.seed}`,
    `noise: ${describeNoise(noise.excitatory)} on E, ${describeNoise(noise.inhibitory)} on I`,
    `rules: ${on.length === 0 ? "none" : on.join(", ")}; target rate ${target}`,
  ].join("\n");
}

function describeNoise(deviation: number): string {
  return `standard deviation ${Number(deviation.toPrecision(4))} (variance ${Number((deviation ** 2).toPrecision(4))})`;
}

/** The target rate of intrinsic plasticity where it is one number; NaN where each unit has its own. */
export function targetRate({ ip, inputs, excitatory }: SornParameters): number {
  if (ip === false || typeof ip.target === "object") return Number.NaN;
  return ip.target === "inputs" ? (2 * inputs) / excitatory : ip.target;
}
