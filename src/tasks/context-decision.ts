import { z } from "zod";
import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import { normalPair, streams, threefry2x32, unitInterval } from "../random.ts";
import { checkCount, checkKeys, checkPositive, checkSeed } from "../structure/options.ts";
import { choiceCorrect, choicesMade } from "./engine/choice.ts";
import { type BatchOptions, meanOfScored, stepsOf, type Task, type TrialBatch } from "./task.ts";

export interface ContextDecisionOptions {
  /** Milliseconds per time step where a batch does not ask for another; 20 unless given. */
  readonly dtMs?: number;
  /** 120 ms unless given; may be 0. */
  readonly fixationMs?: number;
  /** 600 ms unless given. */
  readonly stimulusMs?: number;
  /** 200 ms unless given. */
  readonly decisionMs?: number;
  /** Strengths of evidence, each shown to either side; [0.05, 0.15, 0.5] unless given. */
  readonly coherences?: readonly number[];
  /** σ of the sensory noise; 0.025 unless given. Its standard deviation per step is σ √(2 noiseTauMs / dtMs). */
  readonly noise?: number;
  /** 100 ms unless given. */
  readonly noiseTauMs?: number;
  /** Targets [low, high] of the outputs; [0.2, 1] unless given. */
  readonly targets?: readonly [low: number, high: number];
}

const duration = z.number().nonnegative().optional();

export const contextDecisionSchema = z.strictObject({
  dtMs: z.number().positive().optional(),
  fixationMs: duration,
  stimulusMs: duration,
  decisionMs: duration,
  coherences: z.array(z.number()).min(1).optional(),
  noise: z.number().nonnegative().optional(),
  noiseTauMs: z.number().positive().optional(),
  targets: z.tuple([z.number(), z.number()]).optional(),
});

/** One value for all trials, or one per trial. */
type PerTrial<Value> = Value | ArrayLike<Value>;

/** The conditions that a batch may fix; what is left out is drawn for each trial. A type alias, so that it fits records. */
export type ContextDecisionConditions = {
  /** Which modality is cued: 0 or "motion", 1 or "colour". */
  readonly context?: PerTrial<number> | "motion" | "colour";
  /** Signed evidence in [-1, 1]: positive to the right (choice 1), negative to the left (choice 0). */
  readonly motionCoherence?: PerTrial<number>;
  readonly colourCoherence?: PerTrial<number>;
};

const inputNames = ["contextMotion", "contextColour", "motionLeft", "motionRight", "colourLeft", "colourRight"];
const batchKeys = ["trials", "seed", "index", "stream", "dtMs"];
const conditionKeys = ["context", "motionCoherence", "colourCoherence"];
/** Counters of the conditions lie above those of the noise, so that neither shifts the other. */
const conditionCounter = 0x80000000;

function readCondition(name: string, given: PerTrial<number> | undefined, trials: number): Float32Array | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "number" && (typeof given !== "object" || given.length !== trials))
    throw new ShapeError(
      `contextDecision: ${name}: expected one number or ${trials} (one per trial), got ${typeof given === "object" ? `${given.length}` : JSON.stringify(given)}.`,
    );
  const values = typeof given === "number" ? new Float32Array(trials).fill(given) : Float32Array.from(given);
  const wrong = values.find((value) => (name === "context" ? value !== 0 && value !== 1 : !(Math.abs(value) <= 1)));
  if (wrong === undefined) return values;
  const expected = name === "context" ? '0 ("motion") or 1 ("colour")' : "a number in [-1, 1]";
  throw new ValueError(`contextDecision: ${name}: expected ${expected}, got ${wrong}.`);
}

function contextNumber(given: ContextDecisionConditions["context"]): PerTrial<number> | undefined {
  if (typeof given !== "string") return given;
  if (given !== "motion" && given !== "colour")
    throw new ConfigError(`contextDecision: context: expected "motion" or "colour", got "${String(given)}".`);
  return given === "motion" ? 0 : 1;
}

/**
 * Context-dependent decision (Mante, Sussillo, Shenoy & Newsome 2013), with the inputs, evidence, targets and mask of
 * pycog (Song, Yang & Wang 2016). Two streams of evidence, motion and colour, point left or right independently; the
 * context says which one to judge, and the other is to be ignored.
 *
 * Inputs (6): contextMotion, contextColour (1 for the cued one, all trial long), and in the stimulus period, for each
 * modality with signed coherence c, left (1 - c) / 2 and right (1 + c) / 2 plus Gaussian noise, independent for each
 * channel and step, of standard deviation σ √(2 τ / dt): the information in a stimulus does not depend on dt.
 * Outputs (2): left, right; targets 0.2, 0.2 in fixation, then 1.0 for the correct one and 0.2 for the other in the
 * decision period. The error counts in fixation and decision. The end of the stimulus is the go cue.
 *
 * Difficulty: an ideal observer sums right - left of the cued modality over the stimulus of n = T / dt steps. The sum has
 * mean n c and variance n · 2 · 2 σ² τ / dt, so its signal to noise ratio is z = |c| √(T / τ) / (2 σ) (the two directions
 * are d′ = 2 z apart), and it is right with probability Φ(z). With the defaults (σ 0.025, τ 100, T 600) d′ is 4.9, 14.7
 * and 49 at coherences 0.05, 0.15 and 0.5: 99.3 % correct at the weakest, 99.8 % over all. One step of 40 ms at the
 * weakest allows 73 % only, so that the network has to integrate.
 *
 * A cued coherence of exactly 0 (which only a fixed condition can ask for) has a random correct choice.
 * Its trials are made here, not by `defineTask`, so that they stay those that its published numbers come from.
 * @throws {@link ConfigError} for an unknown option, {@link ValueError} for one out of range.
 */
export function contextDecision(options: ContextDecisionOptions = {}): Task<ContextDecisionConditions> {
  const { fixationMs = 120, stimulusMs = 600, decisionMs = 200, dtMs: ownDtMs = 20 } = options;
  const { coherences = [0.05, 0.15, 0.5], noise = 0.025, noiseTauMs = 100, targets: levels = [0.2, 1] } = options;
  const known = ["dtMs", "fixationMs", "stimulusMs", "decisionMs", "coherences", "noise", "noiseTauMs", "targets"];
  checkKeys("contextDecision", options, known);
  for (const [name, value] of Object.entries({ dtMs: ownDtMs, stimulusMs, decisionMs, noiseTauMs }))
    checkPositive(`contextDecision: ${name}`, value);
  for (const [name, value] of Object.entries({ fixationMs, noise }))
    if (value !== 0) checkPositive(`contextDecision: ${name}`, value);
  if (coherences.length === 0 || coherences.some((value) => !(value > 0 && value <= 1)))
    throw new ValueError(`contextDecision: coherences: expected strengths in (0, 1], got [${coherences.join(", ")}].`);
  const [low, high] = levels;
  if (!Number.isFinite(low) || !Number.isFinite(high) || high <= low)
    throw new ValueError(`contextDecision: targets: expected [low, high] with low < high, got [${levels.join(", ")}].`);
  const signed = [...coherences, ...coherences.map((value) => -value)];

  function batch(given: BatchOptions & ContextDecisionConditions): TrialBatch {
    checkKeys("contextDecision batch", given, [...batchKeys, ...conditionKeys]);
    const trials = checkCount("contextDecision batch: trials", given.trials);
    const seed = checkSeed("contextDecision batch: seed", given.seed);
    const index = checkSeed("contextDecision batch: index", given.index ?? 0);
    const stream = checkSeed("contextDecision batch: stream", given.stream ?? streams.task);
    const dtMs = checkPositive("contextDecision batch: dtMs", given.dtMs ?? ownDtMs);
    const fixedContext = readCondition("context", contextNumber(given.context), trials);
    const fixedMotion = readCondition("motionCoherence", given.motionCoherence, trials);
    const fixedColour = readCondition("colourCoherence", given.colourCoherence, trials);

    const onset = stepsOf(fixationMs, dtMs);
    const offset = onset + stepsOf(stimulusMs, dtMs);
    const steps = offset + stepsOf(decisionMs, dtMs);
    const blocks = 2 * (offset - onset);
    if (trials * Math.max(blocks, 2) > conditionCounter)
      throw new ValueError(
        `contextDecision batch: ${trials} trials of ${steps} steps need more random numbers than 2³¹.`,
      );
    const context = new Int32Array(trials);
    const motionCoherence = new Float32Array(trials);
    const colourCoherence = new Float32Array(trials);
    const correct = new Int32Array(trials);
    const inputs = new Float32Array(steps * trials * 6);
    const targets = new Float32Array(steps * trials * 2).fill(low);
    const mask = new Float32Array(steps * trials * 2).fill(1);
    mask.fill(0, onset * trials * 2, offset * trials * 2);
    const sd = noise * Math.sqrt((2 * noiseTauMs) / dtMs);
    const pick = (bits: number): number => signed[Math.floor(unitInterval(bits) * signed.length)] as number;

    for (let trial = 0; trial < trials; trial += 1) {
      const [contextBits, motionBits] = threefry2x32(seed, stream, index, conditionCounter + 2 * trial);
      const [colourBits, tieBits] = threefry2x32(seed, stream, index, conditionCounter + 2 * trial + 1);
      const cued = fixedContext?.[trial] ?? contextBits >>> 31;
      const motion = fixedMotion?.[trial] ?? pick(motionBits);
      const colour = fixedColour?.[trial] ?? pick(colourBits);
      const evidence = cued === 0 ? motion : colour;
      const choice = evidence === 0 ? tieBits >>> 31 : evidence > 0 ? 1 : 0;
      context[trial] = cued;
      motionCoherence[trial] = motion;
      colourCoherence[trial] = colour;
      correct[trial] = choice;
      for (let step = 0; step < steps; step += 1) inputs[(step * trials + trial) * 6 + cued] = 1;
      for (let step = onset; step < offset; step += 1) {
        const at = (step * trials + trial) * 6;
        const counter = trial * blocks + 2 * (step - onset);
        const motionPair = threefry2x32(seed, stream, index, counter);
        const colourPair = threefry2x32(seed, stream, index, counter + 1);
        const motionNoise = normalPair(motionPair[0], motionPair[1]);
        const colourNoise = normalPair(colourPair[0], colourPair[1]);
        inputs[at + 2] = (1 - motion) / 2 + sd * motionNoise[0];
        inputs[at + 3] = (1 + motion) / 2 + sd * motionNoise[1];
        inputs[at + 4] = (1 - colour) / 2 + sd * colourNoise[0];
        inputs[at + 5] = (1 + colour) / 2 + sd * colourNoise[1];
      }
      for (let step = offset; step < steps; step += 1) targets[(step * trials + trial) * 2 + choice] = high;
    }
    return {
      steps,
      trials,
      dtMs,
      inputs,
      targets,
      mask,
      conditions: { context, motionCoherence, colourCoherence, choice: correct },
      correct,
      periods: {
        fixation: { from: 0, to: onset },
        stimulus: { from: onset, to: offset },
        decision: { from: offset, to: steps },
      },
    };
  }

  return {
    name: "contextDecision",
    source: "Mante, Sussillo, Shenoy & Newsome 2013; Song, Yang & Wang 2016 (pycog)",
    inputNames,
    outputNames: ["left", "right"],
    inputs: 6,
    outputs: 2,
    dtMs: ownDtMs,
    chance: 0.5,
    batch,
    conditionNames: conditionKeys,
    labels: { context: ["motion", "colour"] },
    accuracy: (outputs, trialBatch) => meanOfScored(choiceCorrect(outputs, trialBatch, "decision")),
    correct: (outputs, trialBatch) => choiceCorrect(outputs, trialBatch, "decision"),
    choices: (outputs, trialBatch) => choicesMade(outputs, trialBatch, "decision"),
  };
}
