import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { sornRules, sornSchema } from "../plasticity/parameters.ts";
import { sornPresets } from "../plasticity/presets.ts";
import { sornRecordNames } from "../plasticity/record.ts";
import { sornInputsSchema } from "./sorn-inputs.ts";
import { readoutSchema, symbolTaskSchema } from "./sorn-task.ts";

const steps = z.int().positive();

const record = z.union([
  z.enum(sornRecordNames),
  z.strictObject({
    name: z.enum(sornRecordNames),
    stride: steps.optional(),
    units: z
      .union([z.array(z.int().min(0)).min(1), z.strictObject({ from: z.int().min(0), to: z.int().min(1) })])
      .optional(),
    last: steps.optional(),
  }),
]);

const fitRange = z
  .tuple([z.int().min(1), z.int().min(2)])
  .refine(([from, to]) => from < to, "expected a range [from, to] with from below to");

/** How avalanches are found and fitted; see `statistics.fitAvalanches`. */
const avalanches = z.strictObject({
  /** θ: half of the mean activity, another percentile of it, or a number of units. */
  threshold: z
    .union([
      z.enum(["halfMean", "median"]),
      z.strictObject({ percentile: z.number().min(0).max(100) }),
      z.number().min(0),
    ])
    .default("halfMean"),
  /** Of durations and sizes: those of Del Papa et al. 2017 by network size, from the KS minimum on, or one's own. */
  ranges: z
    .union([z.enum(["published", "auto"]), z.strictObject({ durations: fitRange, sizes: fitRange })])
    .default("published"),
  /** Data sets of the bootstrap that tells how good a fit is, of the first 8 replicas; 0: none. */
  samples: z.int().min(0).max(100_000).default(100),
});

/** Copies of the network from the end of a phase on, in each of which one excitatory unit is flipped. */
const damage = z.strictObject({ steps: steps.default(50), pairs: z.int().min(1).default(20) });

const shared = {
  /** What is recorded; see `figures` for what the figures need. */
  record: z.array(record).optional(),
  inputs: sornInputsSchema.optional(),
  noise: z.boolean().optional(),
  /** Symbols in place of inputs. */
  task: symbolTaskSchema.optional(),
  damage: damage.optional(),
};

const phase = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, "must be 1 to 40 letters, digits, - or _"),
  steps,
  /** Rules that are off, or `all` of them. */
  freeze: z.union([z.literal("all"), z.array(z.enum(sornRules))]).default([]),
  readout: readoutSchema.optional(),
  ...shared,
});

/** A run of a self-organising network as plain data: the content of CONFIG in `cortrain sorn CONFIG`. */
export const sornConfigSchema = z.strictObject({
  /** Parameters of the network, as `sorn` takes them. */
  network: sornSchema.prefault({}),
  /** Of the network, where it has none itself; replica k has the seed + k. */
  seed: z.int().min(0).max(0xffffffff).optional(),
  replicas: z.int().min(1).max(65535).default(1),
  /** Steps with all rules on, then a tenth as many frozen, or those of `readout`; in place of phases. */
  steps: steps.optional(),
  readout: readoutSchema.optional(),
  phases: z.array(phase).min(1).optional(),
  /** For all phases that do not say it themselves. */
  ...shared,
  /** `false`: none. */
  avalanches: z.union([z.literal(false), avalanches]).prefault({}),
  /** A snapshot to go on from: the path of a `state.safetensors`. */
  state: z.string().min(1).optional(),
  /** Written into a run's config.json (versions, device); not read. */
  run: z.record(z.string(), z.unknown()).optional(),
});

export type SornConfig = z.output<typeof sornConfigSchema>;
export type SornConfigInput = z.input<typeof sornConfigSchema>;
export type SornPhase = z.output<typeof phase>;

const presetSteps = 20_000;

/** Configurations by name: those of the published networks. */
export const sornConfigPresets: Readonly<Record<string, SornConfigInput>> = Object.fromEntries(
  Object.keys(sornPresets).map((name): [string, SornConfigInput] => [
    name,
    { network: { preset: name as keyof typeof sornPresets }, steps: presetSteps },
  ]),
);

/** With its phases and its seed filled in, and what is for all phases in each of them. */
export type CompleteSornConfig = Omit<SornConfig, "steps" | "phases" | "seed" | "readout" | keyof typeof shared> & {
  readonly phases: readonly SornPhase[];
};

/**
 * Checks a configuration and fills in phases and seed.
 * @throws ConfigError naming the key at fault, and for an unknown key the nearest known one.
 */
export function parseSornConfig(value: unknown, label: string): CompleteSornConfig {
  const { steps: given, phases: own, seed, readout, ...config } = parseWith(sornConfigSchema, value, label);
  if ((given === undefined) === (own === undefined))
    throw new ConfigError(`${label}: expected steps or phases, got ${given === undefined ? "none of them" : "both"}.`);
  if (own !== undefined && readout !== undefined)
    throw new ConfigError(`${label}: readout goes with steps; with phases, give it to the phase that it follows.`);
  const { record, inputs, noise, task, damage: spread, ...rest } = config;
  const common = Object.fromEntries(
    Object.entries({ record, noise, damage: spread }).filter(([, each]) => each !== undefined),
  );
  const phases = (own ?? phasesOf(given ?? 1, readout)).map((each): SornPhase => {
    // What a phase is shown it says as a whole: its own task is in place of all inputs, and the other way round.
    const shown = each.inputs === undefined && each.task === undefined ? { inputs, task } : {};
    const merged = { ...common, ...shown, ...each };
    if (merged.inputs !== undefined && merged.task !== undefined)
      throw new ConfigError(`${label}: phases: ${each.name}: expected inputs or a task, got both.`);
    if (merged.readout !== undefined && merged.task === undefined)
      throw new ConfigError(`${label}: phases: ${each.name}: readout names the symbols of a task; give a task.`);
    return merged;
  });
  const twice = phases.find(({ name }, index) => phases.findIndex((other) => other.name === name) < index);
  if (twice !== undefined)
    throw new ConfigError(`${label}: phases: two are named "${twice.name}"; files are named by them.`);
  const seeded = (value as { network?: { seed?: unknown } }).network?.seed !== undefined;
  if (seeded && seed !== undefined && seed !== config.network.seed)
    throw new ConfigError(`${label}: seed is ${seed} but network.seed is ${config.network.seed}; give one of them.`);
  const network = seed === undefined ? config.network : { ...config.network, seed };
  return { ...rest, network, phases };
}

function phasesOf(given: number, readout: SornPhase["readout"]): readonly SornPhase[] {
  const plastic: SornPhase = { name: "plastic", steps: given, freeze: [] };
  if (readout !== undefined) return [{ ...plastic, readout }];
  return [plastic, { name: "frozen", steps: Math.ceil(given / 10), freeze: "all" }];
}
