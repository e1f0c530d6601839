import { ConfigError, ConstraintError, ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { Random, streams } from "../random.ts";
import { type NamedChannels, type Population, type Projection, readPlaces, readPopulations } from "./block-places.ts";
import { checkDale, checkReadoutSigns, columnSigns } from "./check.ts";
import { type BlockPlace, drawBlock, visitBlock } from "./draw-block.ts";
import { checkFlags, checkFraction, checkKeys, checkSeed } from "./options.ts";
import { checkSizes, type MaskedWeight, type Structure } from "./structure.ts";

export type { NamedChannels, Population, Projection } from "./block-places.ts";

export interface BlocksOptions {
  readonly populations: readonly Population[];
  /** Only these synapses may exist, feedback among them. At most one projection for each pair of places. */
  readonly projections: readonly Projection[];
  /** Inputs by name; a mere number is one input named `inputs`. */
  readonly inputs: number | readonly NamedChannels[];
  /** Outputs by name; a mere number is one output named `outputs`. */
  readonly outputs: number | readonly NamedChannels[];
  /** Not needed: the populations' sizes add up to it, which is checked where it is given. */
  readonly hidden?: number;
  /** Whether a unit may have a synapse onto itself; false unless given. */
  readonly selfConnections?: boolean;
  /** Unsigned 32-bit integer; 0 unless given. Each projection draws for itself, numbered in order. */
  readonly seed?: number;
}

const keys = ["populations", "projections", "inputs", "outputs", "hidden", "selfConnections", "seed"];

interface Block extends BlockPlace {
  readonly weight: MaskedWeight;
  readonly columns: Area;
}

/** A projection's sign must not contradict what its population is. */
function checkSign(label: string, sign: number, block: Block, unitSigns: Float32Array): void {
  if (sign !== 1 && sign !== -1 && sign !== 0)
    throw new ValueError(`${label}.sign: expected 1 (excitatory), -1 (inhibitory) or 0 (free), got ${String(sign)}.`);
  if (block.weight === "weightIH") return;
  const signs = unitSigns.subarray(block.columns.from, block.columns.to);
  if (signs.every((unitSign) => unitSign === 0 || unitSign === sign)) return;
  if (sign === 0 && block.weight === "weightHO") return;
  throw new ConstraintError(
    `${label}: sign ${sign} contradicts the population "${block.columns.name}", whose units have signs of their own (excitatory). Leave the sign out, or the population's excitatory.`,
  );
}

/**
 * Named populations joined by named projections, assembled into one structure: areas are the populations, `inputGroups`
 * and `outputGroups` the named channels, `units` the populations' time constants, activations and noise. All populations
 * are updated at once: a projection, feedback or not, acts one time step later (for layers, see `stack`). A population
 * with `excitatory` obeys Dale's law, onto the readout too; one without has free signs but where a projection gives one.
 * Each entry of a projection is an independent draw at its density.
 *
 * The noise of populations needs none of the network: its own `noise.pre` and `noise.post` are then 1, and what is given
 * for them multiplies that of every population.
 *
 * @throws {@link ConfigError} unknown options or names, or two projections of one pair; {@link ConstraintError} signs
 * that contradict each other; {@link ValueError} numbers out of range; {@link ShapeError} sizes that do not add up.
 */
export function blocks(options: BlocksOptions): Structure {
  checkKeys("blocks", options, keys);
  checkFlags("blocks", options, ["selfConnections"]);
  const seed = checkSeed("blocks: seed", options.seed ?? 0);
  const { areas, unitSigns: ownSigns, units, noise } = readPopulations(options.populations);
  const hidden = ownSigns.length;
  if (options.hidden !== undefined && options.hidden !== hidden)
    throw new ShapeError(`blocks: population sizes add up to ${hidden}, but hidden is ${options.hidden}.`);
  const inputPlaces = readPlaces("blocks: inputs", "inputs", options.inputs);
  const outputPlaces = readPlaces("blocks: outputs", "outputs", options.outputs);
  const names = [...areas, ...inputPlaces, ...outputPlaces].map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new ConfigError(`blocks: two places are named "${repeated}".`);
  const inputs = inputPlaces.at(-1)?.to ?? 0;
  const outputs = outputPlaces.at(-1)?.to ?? 0;
  checkSizes("blocks", { inputs, hidden, outputs });

  const masks: Record<MaskedWeight, Float32Array> = {
    weightIH: new Float32Array(hidden * inputs),
    weightHH: new Float32Array(hidden * hidden),
    weightHO: new Float32Array(outputs * hidden),
  };
  const signs: Record<MaskedWeight, Float32Array> = {
    weightIH: new Float32Array(hidden * inputs),
    weightHH: Float32Array.from({ length: hidden * hidden }, (_, index) => ownSigns[index % hidden] as number),
    weightHO: Float32Array.from({ length: outputs * hidden }, (_, index) => ownSigns[index % hidden] as number),
  };
  const findBlock = (label: string, from: string, to: string): Block => {
    const find = (places: readonly Area[], name: string) => places.find((place) => place.name === name);
    const target = find([...areas, ...outputPlaces], to);
    const source = find([...areas, ...inputPlaces], from);
    const sources = [...areas, ...inputPlaces].map(({ name }) => name);
    const targets = [...areas, ...outputPlaces].map(({ name }) => name);
    if (source === undefined)
      throw new ConfigError(`${label}.from: no population or input "${from}"; ${suggestName(from, sources)}`);
    if (target === undefined)
      throw new ConfigError(`${label}.to: no population or output "${to}"; ${suggestName(to, targets)}`);
    const isInput = inputPlaces.includes(source);
    const isOutput = outputPlaces.includes(target);
    if (isInput && isOutput)
      throw new ConfigError(
        `${label}: the input "${from}" cannot project to the output "${to}" but through a population.`,
      );
    const weight = isInput ? "weightIH" : isOutput ? "weightHO" : "weightHH";
    return { weight, rows: target, columns: source, width: isInput ? inputs : hidden };
  };
  if (!Array.isArray(options.projections)) throw new ConfigError("blocks: projections: expected a list.");
  const seen = new Set<string>();
  options.projections.forEach((projection: Projection, index) => {
    const label = `blocks: projections[${index}]`;
    checkKeys(label, projection, ["from", "to", "density", "sign"]);
    const { from, to, density = 1, sign } = projection;
    for (const [side, name] of Object.entries({ from, to }))
      if (typeof name !== "string")
        throw new ConfigError(`${label}.${side}: expected a name, got ${JSON.stringify(name)}.`);
    const block = findBlock(label, from, to);
    const pair = JSON.stringify([from, to]);
    if (seen.has(pair)) throw new ConfigError(`${label}: there is already a projection from "${from}" to "${to}".`);
    seen.add(pair);
    checkFraction(`${label}.density`, density);
    if (sign !== undefined) checkSign(label, sign, block, ownSigns);
    const random = new Random(seed, streams.structure, index);
    const isHollow = block.weight === "weightHH" && options.selfConnections !== true;
    drawBlock(masks[block.weight], block, random, density, (post, pre) => !isHollow || post !== pre);
    if (sign !== undefined)
      visitBlock(block, (entry) => {
        signs[block.weight][entry] = sign;
      });
  });
  checkDale("blocks: signHH", signs.weightHH, hidden, areas);
  const unitSigns = columnSigns(signs.weightHH, hidden);
  checkReadoutSigns("blocks: signHO", signs.weightHO, unitSigns, areas);
  const given = Object.entries(signs).filter(([, matrix]) => matrix.some((sign) => sign !== 0));
  return {
    inputs,
    hidden,
    outputs,
    areas,
    masks,
    signs: Object.fromEntries(given),
    ...(unitSigns.some((sign) => sign !== 0) ? { unitSigns } : {}),
    inputGroups: inputPlaces,
    outputGroups: outputPlaces,
    ...(units && { units }),
    ...(noise && { noise }),
    seed,
  };
}
