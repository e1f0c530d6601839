import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import { type SornParameters, type SornRule, sornRules } from "./parameters.ts";
import { checkRings, planRecords, type RecordPlan, type SornRecordName, type SornRecordRequest } from "./record.ts";

/** Writes the inputs of one step of the run (from 0 on) for one replica. */
export type SornInputSource = (step: number, target: Float32Array, replica: number) => void;

/** A synapse that the caller adds in one step of a run (from 0 on), in place of random ones. */
export interface GivenSynapse {
  readonly step: number;
  readonly post: number;
  readonly pre: number;
  /** Default 0. */
  readonly replica?: number;
}

/** How `Sorn.run` is told what to do. */
export interface SornRunOptions {
  /** [steps, inputs], or [replica, steps, inputs], or what writes them; none = no input. */
  readonly inputs?: Float32Array | SornInputSource;
  /** Default: as many as there are inputs. */
  readonly steps?: number;
  /** Rules that are off in this run. All five make a liquid-state machine. */
  readonly freeze?: readonly SornRule[];
  /**
   * `false`: none. Or the samples themselves, in place of drawn ones, [steps, E] and [steps, I], or with a first axis
   * [replica].
   */
  readonly noise?: boolean | { readonly excitatory: Float32Array; readonly inhibitory: Float32Array };
  /** New synapses of structural plasticity, in place of random ones; at most one a step and replica. */
  readonly newSynapses?: readonly GivenSynapse[];
  readonly record?: readonly (SornRecordName | SornRecordRequest)[];
  /** A block comes at least every so many steps. */
  readonly block?: number;
  /** Ends the run after the block that is being computed. */
  readonly signal?: AbortSignal;
}

/** The options with everything checked and filled in. */
export interface RunPlan {
  readonly steps: number;
  readonly inputs: Float32Array | SornInputSource | undefined;
  /** Whether `inputs` or `noise` differ between replicas. */
  readonly ownInputs: boolean;
  readonly freeze: ReadonlySet<SornRule>;
  readonly noisy: boolean;
  readonly givenNoise: { readonly excitatory: Float32Array; readonly inhibitory: Float32Array } | undefined;
  readonly newSynapses: readonly GivenSynapse[] | undefined;
  readonly records: readonly RecordPlan[];
  readonly block: number;
  readonly signal: AbortSignal | undefined;
}

const optionNames: readonly (keyof SornRunOptions)[] = [
  ...(["inputs", "steps", "freeze", "noise", "newSynapses", "record", "block", "signal"] as const),
];

/** @throws ConfigError for an unknown option, rule or record, ShapeError for inputs, ValueError for numbers, LimitError for a
 * ring that no array can hold. */
export function planRun(options: SornRunOptions, parameters: SornParameters, replicas: number): RunPlan {
  const unknown = Object.keys(options).find((key) => !(optionNames as readonly string[]).includes(key));
  if (unknown !== undefined)
    throw new ConfigError(`run: unknown option ${unknown}; ${suggestName(unknown, optionNames)}`);
  const freeze = new Set(options.freeze ?? []);
  for (const rule of freeze)
    if (!sornRules.includes(rule))
      throw new ConfigError(
        `run: freeze: unknown rule ${JSON.stringify(rule)}; ${suggestName(String(rule), sornRules)}`,
      );
  const { steps, ownInputs } = planInputs(options, parameters, replicas);
  if (!Number.isInteger(steps) || steps < 1)
    throw new ValueError(`run: steps: expected a positive integer, got ${steps}.`);
  const block = options.block ?? steps;
  if (!Number.isInteger(block) || block < 1)
    throw new ValueError(`run: block: expected a positive integer, got ${block}.`);
  const givenNoise = typeof options.noise === "object" ? options.noise : undefined;
  const ownNoise = givenNoise !== undefined && checkNoise(givenNoise, parameters, steps, replicas);
  checkSynapses(options.newSynapses, parameters, freeze, steps, replicas);
  const records = planRecords(options.record ?? [], parameters);
  checkRings(records, steps, replicas);
  return {
    ...{ steps, block, freeze, givenNoise },
    inputs: options.inputs,
    ownInputs: replicas > 1 && (ownInputs || ownNoise),
    noisy: options.noise !== false,
    newSynapses: options.newSynapses,
    records,
    signal: options.signal,
  };
}

function planInputs(
  { inputs, steps }: SornRunOptions,
  { inputs: width }: SornParameters,
  replicas: number,
): { readonly steps: number; readonly ownInputs: boolean } {
  if (inputs === undefined || typeof inputs === "function") {
    if (steps === undefined) throw new ConfigError("run: give steps, or inputs as an array.");
    if (inputs !== undefined && width === 0)
      throw new ConfigError("run: this network has no inputs; make it with inputs.");
    return { steps, ownInputs: inputs !== undefined };
  }
  const wrong = inputs.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new ValueError(`run: inputs[${wrong}] is ${inputs[wrong]}; expected a finite number.`);
  const rows = inputs.length / Math.max(1, width);
  const expected = steps ?? rows;
  const own = replicas > 1 && rows === replicas * expected;
  if (width === 0 || !Number.isInteger(expected) || (rows !== expected && !own))
    throw new ShapeError(
      `run: inputs: expected [${steps ?? "steps"}, ${width}]${replicas > 1 ? ` or [${replicas}, ${steps ?? "steps"}, ${width}]` : ""}, got ${inputs.length} values. Are they [step, input], and not the other way round?`,
    );
  return { steps: expected, ownInputs: own };
}

function checkNoise(
  noise: { readonly excitatory: Float32Array; readonly inhibitory: Float32Array },
  { excitatory, inhibitory }: SornParameters,
  steps: number,
  replicas: number,
): boolean {
  let own = false;
  for (const [name, units] of [
    ["excitatory", excitatory],
    ["inhibitory", inhibitory],
  ] as const) {
    const values = noise[name];
    if (values?.length !== steps * units && values?.length !== replicas * steps * units)
      throw new ShapeError(`run: noise.${name}: expected [${steps}, ${units}], got ${values?.length ?? "no"} values.`);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new ValueError(`run: noise.${name}[${wrong}] is ${values[wrong]}; expected a finite number.`);
    own ||= replicas > 1 && values.length === replicas * steps * units;
  }
  return own;
}

function checkSynapses(
  synapses: readonly GivenSynapse[] | undefined,
  { excitatory, sp }: SornParameters,
  freeze: ReadonlySet<SornRule>,
  steps: number,
  replicas: number,
): void {
  if (synapses === undefined) return;
  if (sp === false || freeze.has("sp"))
    throw new ConfigError("run: newSynapses are given, and structural plasticity (sp) is off or frozen. Turn it on.");
  const seen = new Set<string>();
  for (const { step, post, pre, replica = 0 } of synapses) {
    const limits = [
      ["step", step, steps],
      ["post", post, excitatory],
      ["pre", pre, excitatory],
      ["replica", replica, replicas],
    ] as const;
    for (const [name, value, end] of limits)
      if (!Number.isInteger(value) || value < 0 || value >= end)
        throw new ValueError(`run: newSynapses: ${name}: expected 0 to ${end - 1}, got ${value}.`);
    if (post === pre) throw new ValueError(`run: newSynapses: unit ${post} may not be connected with itself.`);
    if (seen.has(`${step} ${replica}`))
      throw new ValueError(`run: newSynapses: two in step ${step} of replica ${replica}; at most one is possible.`);
    seen.add(`${step} ${replica}`);
  }
}

/** Checks what the caller's function wrote as the inputs of one step. @throws ValueError */
export function checkStep(inputs: Float32Array, step: number): void {
  const wrong = inputs.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new ValueError(`run: input ${wrong} of step ${step} is ${inputs[wrong]}; expected a finite number.`);
}
