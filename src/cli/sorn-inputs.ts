import { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { SornInputSource } from "../plasticity/run-options.ts";
import { streams, threefry2x32 } from "../random.ts";

/** Simple sources of input by name; each is the same for the same seed and step, so that a run can go on exactly. */
export const sornInputsSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  /** The same on all inputs. */
  z.strictObject({ type: z.literal("constant"), value: z.number() }),
  /** Drawn for every input and step. */
  z.strictObject({ type: z.literal("uniform"), low: z.number().default(0), high: z.number().default(1) }),
  /** One input at a time, in turn, each for `hold` steps. */
  z.strictObject({ type: z.literal("cycle"), value: z.number().default(1), hold: z.int().positive().default(1) }),
  /** One input at a time, drawn anew every `hold` steps. */
  z.strictObject({ type: z.literal("random"), value: z.number().default(1), hold: z.int().positive().default(1) }),
]);
export type SornInputs = z.output<typeof sornInputsSchema>;

/**
 * What writes the inputs of a run that begins at `first` steps of the network's life.
 * @throws ConfigError where the network has no inputs.
 */
export function sornInputSource(
  given: SornInputs | undefined,
  { inputs, seeds }: { readonly inputs: number; readonly seeds: readonly number[] },
  first: number,
  label: string,
): SornInputSource | undefined {
  if (given === undefined || given.type === "none") return undefined;
  if (inputs === 0)
    throw new ConfigError(`${label}: inputs are "${given.type}", and the network has none. Give network.inputs.`);
  // 32 bits of their own stream for each step and input.
  const draw = (replica: number, step: number, index: number): number =>
    threefry2x32(seeds[replica] ?? 0, streams.task, step, index)[0] / 2 ** 32;
  return (step, target, replica) => {
    const now = first + step;
    switch (given.type) {
      case "constant":
        target.fill(given.value);
        break;
      case "uniform":
        for (let input = 0; input < target.length; input += 1)
          target[input] = given.low + (given.high - given.low) * draw(replica, now, input);
        break;
      case "cycle":
        target.fill(0);
        target[Math.floor(now / given.hold) % target.length] = given.value;
        break;
      case "random":
        target.fill(0);
        target[Math.floor(draw(replica, Math.floor(now / given.hold), 0) * target.length)] = given.value;
        break;
    }
  };
}
