import { z } from "zod";
import { ringSchema } from "../attractors/ring.ts";
import { ConfigError } from "../errors.ts";
import { type IdentifyOptions, type IdentifySettings, identifyPresets, identifySettings } from "../identify/options.ts";
import { parseWith } from "../io/config.ts";
import { agentSchema } from "../world/agents.ts";

const count = z.int().positive();
const seed = z.int().min(0).max(0xffffffff);

/** A ring attractor that is turned by an agent's velocity, with noise on its state: nsi's, at its size. */
const simulated = z.strictObject({
  type: z.literal("ring"),
  ring: ringSchema.prefault({}),
  agent: agentSchema.prefault({ type: "gaussMomentum", sigma: 1.2, momentum: 0.8 }),
  trials: count.default(100),
  steps: count.default(1000),
  settleSteps: z.int().nonnegative().default(500),
  /** Whether the bumps of all trials form at one place, as nsi's, or each where its own initial state says. */
  start: z.enum(["nsi", "ownPerTrial"]).default("nsi"),
  noise: z.number().nonnegative().default(0.1),
  seed: seed.default(0),
  /** What networks are scored on: fresh trials of the same ring. */
  test: z.strictObject({ trials: count.default(20), steps: count.default(1000), seed: seed.default(1) }).prefault({}),
});

/** Recorded activity: `rates` [T, B, N], `velocities` [T, B, D], and `headings` [T, B] if known, of an .npz file. */
const recorded = z.strictObject({
  type: z.literal("file"),
  path: z.string().min(1),
  dtMs: z.number().positive(),
  /** The last so many trials are not trained on and networks are scored on them; a fifth, at least one, unless given. */
  testTrials: count.optional(),
  /** An .npz with `weights` [N, N] (post, pre) and, if known, `velocity_weights` [D, N, N], to score against. */
  truth: z.string().min(1).optional(),
});

const condition = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, "must be 1 to 40 letters, digits, - or _"),
  preset: z.enum(Object.keys(identifyPresets) as [keyof typeof identifyPresets]).default("cortrain"),
  /** As `identify` takes them, over those of the preset. */
  settings: z.record(z.string(), z.unknown()).default({}),
});

/** An identification as plain data: the content of CONFIG in `cortrain identify CONFIG`. */
export const identifyConfigSchema = z.strictObject({
  recording: z.discriminatedUnion("type", [simulated, recorded]).prefault({ type: "ring" }),
  /** Ways of fitting, each with networks of its own. */
  conditions: z.array(condition).min(1),
  /** Networks of each condition, of seeds seed, seed + 1, …, where its settings do not say it. */
  replicas: count.default(1),
  seed: seed.default(0),
  /** Whether ridge regression and the correlation matrix are scored, too. */
  baselines: z.boolean().default(true),
  /** Written into a run's config.json (versions, device); not read. */
  run: z.record(z.string(), z.unknown()).optional(),
});

export type IdentifyConfigInput = z.input<typeof identifyConfigSchema>;
type Parsed = z.output<typeof identifyConfigSchema>;
export type RingRecordingConfig = Extract<Parsed["recording"], { type: "ring" }>;
export type FileRecordingConfig = Extract<Parsed["recording"], { type: "file" }>;

/** One way of fitting with everything filled in. */
export interface Condition {
  readonly name: string;
  readonly settings: IdentifySettings;
}

export interface CompleteIdentifyConfig extends Omit<Parsed, "conditions"> {
  readonly conditions: readonly Condition[];
}

const separation = (settings: IdentifyOptions = {}, preset: keyof typeof identifyPresets = "cortrain") => [
  { name: "separated", preset, settings: { ...settings } },
  { name: "not-separated", preset, settings: { ...settings, network: { type: "elman" as const } } },
];

/** Configurations by name. */
export const identifyConfigPresets: Readonly<Record<string, IdentifyConfigInput>> = {
  ring: {
    recording: {
      ...{ type: "ring", ring: { units: 48 }, trials: 60, steps: 400, start: "ownPerTrial" },
      test: { trials: 10, steps: 400 },
    },
    conditions: separation({ network: { type: "separated", hidden: 48 }, lr: 5e-4 }),
    replicas: 2,
  },
  "ring-100": { recording: { type: "ring" }, conditions: separation(), replicas: 5 },
  nsi: { recording: { type: "ring" }, conditions: separation({}, "nsi") },
};

/**
 * Checks a configuration and fills in the settings of every condition.
 * @throws ConfigError naming the key at fault, and for an unknown key the nearest known one.
 */
export function parseIdentifyConfig(value: unknown, label: string): CompleteIdentifyConfig {
  const { conditions, ...config } = parseWith(identifyConfigSchema, value, label);
  const twice = conditions.find(({ name }, index) => conditions.findIndex((other) => other.name === name) < index);
  if (twice !== undefined)
    throw new ConfigError(`${label}: conditions: two are named "${twice.name}"; folders are named by them.`);
  return {
    ...config,
    conditions: conditions.map(({ name, preset, settings }, index): Condition => {
      const given = { replicas: config.replicas, seed: config.seed, ...identifyPresets[preset], ...settings };
      return { name, settings: identifySettings(given as IdentifyOptions, `${label}: conditions[${index}].settings`) };
    }),
  };
}
