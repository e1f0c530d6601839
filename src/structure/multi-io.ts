import { type ChannelsInput, groupFields, inputMask, outputMask, readChannels } from "./groups.ts";
import { checkCount, checkKeys, checkSeed } from "./options.ts";
import { checkSizes, type Structure } from "./structure.ts";

export interface MultiIOOptions {
  readonly hidden: number;
  /** A number of channels that reach every unit; groups of channels, each to chosen units; or a 0/1 table. */
  readonly inputs: ChannelsInput;
  /** The same for the readout. */
  readonly outputs: ChannelsInput;
  /** Recorded only: nothing is drawn here. */
  readonly seed?: number;
}

/**
 * Groups of input channels that reach chosen hidden units, and groups of output channels that read chosen ones. The
 * recurrent mask is full. The groups stand in `inputGroups` and `outputGroups`, by name.
 * @throws {@link ConfigError} unknown options or names, {@link ShapeError} a table's shape, {@link ValueError} units or
 * numbers out of range.
 */
export function multiIO(options: MultiIOOptions): Structure {
  checkKeys("multiIO", options, ["hidden", "inputs", "outputs", "seed"]);
  const hidden = checkCount("multiIO: hidden", options.hidden);
  const inputs = readChannels("multiIO: inputs", "input", options.inputs, hidden);
  const outputs = readChannels("multiIO: outputs", "output", options.outputs, hidden);
  const sizes = checkSizes("multiIO", { inputs: inputs.count, hidden, outputs: outputs.count });
  return {
    ...sizes,
    areas: [],
    masks: { weightIH: inputMask(inputs, hidden), weightHO: outputMask(outputs, hidden) },
    signs: {},
    ...groupFields(inputs, outputs),
    seed: checkSeed("multiIO: seed", options.seed ?? 0),
  };
}
