import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { sornRules, sornSchema } from "../plasticity/parameters.ts";
import { sornPresets } from "../plasticity/presets.ts";
import { sornRecordNames } from "../plasticity/record.ts";
import { sornInputsSchema } from "./sorn-inputs.ts";

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

const shared = {
  /** What is recorded; see `figures` for what the figures need. */
  record: z.array(record).optional(),
  inputs: sornInputsSchema.optional(),
  noise: z.boolean().optional(),
};

const phase = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, "must be 1 to 40 letters, digits, - or _"),
  steps,
  /** Rules that are off, or `all` of them. */
  freeze: z.union([z.literal("all"), z.array(z.enum(sornRules))]).default([]),
  ...shared,
});

/** A run of a self-organising network as plain data: the content of CONFIG in `cortrain sorn CONFIG`. */
export const sornConfigSchema = z.strictObject({
  /** Parameters of the network, as `sorn` takes them. */
  network: sornSchema.prefault({}),
  /** Of the network, where it has none itself; replica k has the seed + k. */
  seed: z.int().min(0).max(0xffffffff).optional(),
  replicas: z.int().min(1).max(65535).default(1),
  /** Steps with all rules on, then a tenth as many frozen; in place of phases. */
  steps: steps.optional(),
  phases: z.array(phase).min(1).optional(),
  /** For all phases that do not say it themselves. */
  ...shared,
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

/** With its phases and its seed filled in. */
export type CompleteSornConfig = Omit<SornConfig, "steps" | "phases" | "seed"> & {
  readonly phases: readonly SornPhase[];
};

/**
 * Checks a configuration and fills in phases and seed.
 * @throws ConfigError naming the key at fault, and for an unknown key the nearest known one.
 */
export function parseSornConfig(value: unknown, label: string): CompleteSornConfig {
  const { steps: given, phases: own, seed, ...config } = parseWith(sornConfigSchema, value, label);
  if ((given === undefined) === (own === undefined))
    throw new ConfigError(`${label}: expected steps or phases, got ${given === undefined ? "none of them" : "both"}.`);
  const phases: readonly SornPhase[] = own ?? [
    { name: "plastic", steps: given ?? 1, freeze: [] },
    { name: "frozen", steps: Math.ceil((given ?? 1) / 10), freeze: "all" },
  ];
  const twice = phases.find(({ name }, index) => phases.findIndex((other) => other.name === name) < index);
  if (twice !== undefined)
    throw new ConfigError(`${label}: phases: two are named "${twice.name}"; files are named by them.`);
  const seeded = (value as { network?: { seed?: unknown } }).network?.seed !== undefined;
  if (seeded && seed !== undefined && seed !== config.network.seed)
    throw new ConfigError(`${label}: seed is ${seed} but network.seed is ${config.network.seed}; give one of them.`);
  const network = seed === undefined ? config.network : { ...config.network, seed };
  return { ...config, network, phases };
}
