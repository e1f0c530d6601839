import { z } from "zod";
import { ConfigError, ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial } from "../definition.ts";
import { withDerived } from "../derived.ts";
import { scoreLargest } from "../engine/choice.ts";
import { meanOutput } from "../scores.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";

export const sequenceReproductionSchema = z.strictObject({
  ...commonTaskOptions,
  /** Different items, each with an input and an output. */
  items: z.int().min(2).default(4),
  /** How many are shown: one of these lengths in each trial. */
  lengths: z.array(z.int().min(1)).min(1).default([3]),
  fixationMs: durationSchema.default(200),
  /** Time of one item, gap included, when it is shown and when it is reproduced. */
  itemMs: z.number().positive().default(200),
  /** The last part of an item's time, in which nothing is shown. */
  gapMs: z.number().nonnegative().default(60),
  delayMs: durationSchema.default({ uniform: [200, 600] }),
  /** Whether an item can follow itself. */
  repeats: z.boolean().default(true),
  /** In the order in which they were shown, or the last one first. */
  order: z.enum(["forward", "backward"]).default("forward"),
  /** σ of the noise of all inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.01),
});
export type SequenceReproductionOptions = z.input<typeof sequenceReproductionSchema>;

type Period = "fixation" | "sequence" | "delay" | "recall";
type Conditions = Omit<DefinedConditions<"length", "sequence", Period>, "sequenceMs" | "recallMs">;

/**
 * Sequence reproduction (after the delayed sequences of Barone & Joseph 1989; the copy task of Graves, Wayne &
 * Danihelka 2014): items are shown one after another; after a delay and a go cue, reproduce them in the same order, or
 * backwards, at the same pace.
 *
 * Inputs: `fixation`, 1 until the go cue; `item0`, …, 1 while shown. Outputs: `fixate`, 1 until the go cue; `recall0`,
 * …, 1 in the time of its place in the sequence. The error counts 5 in the recall, but for the first 60 ms of each
 * place, and 1 until then. Conditions: `length`; the vector `sequence`, numbers of items, of which the first `length`
 * are shown. Accuracy: the share of places in which the right output has the largest mean.
 *
 * Where the copy task differs: it shows random bit patterns for one step each and has no delay.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function sequenceReproduction(options: SequenceReproductionOptions = {}): Task<Conditions> {
  const label = "sequenceReproduction";
  const given = parseWith(sequenceReproductionSchema, options, label);
  const { dtMs = 20, items, lengths, itemMs, gapMs, repeats, order, noise } = given;
  if (!(gapMs < itemMs))
    throw new ConfigError(
      `${label}: gapMs: expected less than itemMs ${itemMs}, got ${gapMs}: nothing would be shown.`,
    );
  const longest = Math.max(...lengths);
  const names = (word: string) => Array.from({ length: items }, (_, item) => `${word}${item}`);
  const lasts = { of: ({ length }: { readonly length: number }) => length * itemMs, max: longest * itemMs };

  const task = defineTask<"length", "sequence", Period, "fixation" | "item", "fixate" | "recall">({
    name: label,
    source: "Barone & Joseph 1989; Graves, Wayne & Danihelka 2014",
    dtMs,
    conditions: { length: { choice: lengths, only: true } },
    vectors: {
      sequence: {
        count: longest,
        of: (_trial, random) => {
          const sequence: number[] = [];
          for (let place = 0; place < longest; place += 1) {
            const last = sequence[place - 1];
            const others = repeats || last === undefined ? items : items - 1;
            const drawn = random.integer(others);
            sequence.push(others < items && last !== undefined && drawn >= last ? drawn + 1 : drawn);
          }
          return sequence;
        },
      },
    },
    periods: { fixation: given.fixationMs, sequence: lasts, delay: given.delayMs, recall: lasts },
    inputs: {
      fixation: { during: { recall: 0, otherwise: 1 } },
      item: {
        names: names("item"),
        fill: (values, { sequence, length, dtMs: dt }, timeline) => {
          const { from } = timeline.period("sequence");
          for (let place = 0; place < length; place += 1) {
            const item = checkItem(label, sequence[place], items);
            const start = from + placeAt(place, itemMs, dt);
            const end = Math.max(start + 1, from + Math.round((place * itemMs + itemMs - gapMs) / dt));
            for (let step = start; step < end; step += 1) values[step * items + item] = 1;
          }
        },
      },
    },
    noise: sensoryNoise(noise),
    outputs: {
      fixate: { during: { recall: 0, otherwise: 1 } },
      recall: {
        names: names("recall"),
        fill: (values, { sequence, length, dtMs: dt }, timeline) => {
          const { from } = timeline.period("recall");
          for (let place = 0; place < length; place += 1) {
            const item = sequence[order === "forward" ? place : length - 1 - place] as number;
            for (let step = placeAt(place, itemMs, dt); step < placeAt(place + 1, itemMs, dt); step += 1)
              values[(from + step) * items + item] = 1;
          }
        },
        fillMask: (mask, { length, dtMs: dt }, timeline) => {
          const { from } = timeline.period("recall");
          for (let place = 0; place < length; place += 1) {
            const start = from + placeAt(place, itemMs, dt);
            const end = Math.min(start + Math.round(60 / dt), from + placeAt(place + 1, itemMs, dt) - 1);
            if (end > start) mask.fill(0, start * items, end * items);
          }
        },
      },
    },
    mask: { recall: 5, otherwise: 1 },
    accuracy: (judged) => sharePlaces(judged, itemMs, items),
    chance: 1 / items,
  });
  return withDerived(task, ["sequenceMs", "recallMs"]);
}

/** The step at which a place of the sequence begins, from the first one. */
function placeAt(place: number, itemMs: number, dtMs: number): number {
  return Math.round((place * itemMs) / dtMs);
}

/** @throws {@link ValueError} for what a batch fixed to no item. */
function checkItem(label: string, item: number | undefined, items: number): number {
  if (item !== undefined && Number.isInteger(item) && item >= 0 && item < items) return item;
  throw new ValueError(`${label} batch: sequence: expected items of 0 … ${items - 1}, got ${item}.`);
}

/** The share of the places of a sequence in which the right output has the largest mean. */
function sharePlaces(judged: JudgedTrial, itemMs: number, items: number): number {
  const { from } = judged.period("recall");
  const places = judged.condition("length");
  let right = 0;
  for (let place = 0; place < places; place += 1) {
    const window = {
      from: from + placeAt(place, itemMs, judged.dtMs),
      to: from + placeAt(place + 1, itemMs, judged.dtMs),
    };
    const width = items + 1;
    const item = judged.targets.subarray(window.from * width + 1, (window.from + 1) * width).indexOf(1);
    const means = Float64Array.from({ length: items }, (_, output) => meanOutput(judged, output + 1, window));
    right += scoreLargest(means, item);
  }
  return right / places;
}
