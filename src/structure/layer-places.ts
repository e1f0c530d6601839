import { ConfigError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { readAreaList } from "./areas.ts";
import { checkFraction, checkKeys, checkList, checkShare } from "./options.ts";

/** A projection between two layers, each by index from 0 or by name; `from` may be the inputs. */
export interface LayerProjection {
  readonly from: number | string;
  readonly to: number | string;
  /** Probability of each synapse; 1 unless given. */
  readonly density?: number;
}

/** A projection by the indices of its layers; {@link fromInputs} stands for the inputs. */
export interface Connection {
  readonly from: number;
  readonly to: number;
  readonly density: number;
}

/** In a {@link Connection}, the index of the inputs, which lie before the first layer. */
export const fromInputs = -1;

/** Layers as contiguous ranges: `layer1`, `layer2`, … unless they have names. @throws {@link ConfigError} a name. */
export function layerPlaces(
  label: string,
  layers: readonly { readonly name?: string; readonly size: number }[],
): Area[] {
  const names = layers.map(({ name }, index) => name ?? `layer${index + 1}`);
  let from = 0;
  return layers.map(({ size }, index) => {
    const name = names[index] as string;
    if (typeof name !== "string" || name === "" || name === "inputs" || names.indexOf(name) !== index)
      throw new ConfigError(
        `${label}: layers[${index}].name: expected a name of its own other than "inputs", got ${JSON.stringify(name)}.`,
      );
    from += size;
    return { name, from: from - size, to: from };
  });
}

function layerIndex(label: string, given: number | string, layers: readonly Area[]): number {
  const [index = 0] = readAreaList(label, [given], layers);
  return index;
}

function readProjections(
  label: string,
  given: readonly LayerProjection[],
  layers: readonly Area[],
  check: (path: string, from: number, to: number) => void,
): Connection[] {
  const seen = new Set<string>();
  return checkList(label, given, "projections { from, to }").map((projection, index) => {
    const path = `${label}[${index}]`;
    checkKeys(path, projection, ["from", "to", "density"]);
    const { density = 1 } = projection;
    const from = projection.from === "inputs" ? fromInputs : layerIndex(`${path}.from`, projection.from, layers);
    const to = layerIndex(`${path}.to`, projection.to, layers);
    check(path, from, to);
    if (seen.has(`${from} ${to}`)) throw new ConfigError(`${path}: there is already one between these two.`);
    seen.add(`${from} ${to}`);
    return { from, to, density: checkFraction(`${path}.density`, density) };
  });
}

/** Projections that pass over at least one layer; `true` = from the inputs onto every layer. */
export function readSkip(
  label: string,
  given: boolean | readonly LayerProjection[],
  layers: readonly Area[],
): Connection[] {
  if (given === false) return [];
  if (given === true) return layers.slice(1).map((_, index) => ({ from: fromInputs, to: index + 1, density: 1 }));
  return readProjections(`${label}: skip`, given, layers, (path, from, to) => {
    if (from + 1 < to) return;
    throw new ConfigError(
      `${path}: expected a projection that passes over a layer. Projections onto the next layer have a density of their own, those inside a layer are recurrent, those onto an earlier one are feedback.`,
    );
  });
}

/** Projections onto an earlier layer; `true` or a density = from each layer onto the one before it. */
export function readFeedback(
  label: string,
  given: boolean | number | readonly LayerProjection[],
  layers: readonly Area[],
): Connection[] {
  if (typeof given === "boolean" || typeof given === "number") {
    const density = checkShare(`${label}: feedback`, given);
    return layers.slice(1).map((_, index) => ({ from: index + 1, to: index, density }));
  }
  return readProjections(`${label}: feedback`, given, layers, (path, from, to) => {
    if (from > to) return;
    throw new ConfigError(`${path}: expected a projection from a later layer onto an earlier one.`);
  });
}

/** The layers that are read out. */
export function readReadout(
  label: string,
  given: "last" | "all" | readonly (number | string)[],
  layers: readonly Area[],
): ReadonlySet<number> {
  if (given === "last") return new Set([layers.length - 1]);
  if (given === "all") return new Set(layers.keys());
  if (!Array.isArray(given))
    throw new ConfigError(
      `${label}: readout: expected "last", "all" or a list of layers, got ${JSON.stringify(given)}.`,
    );
  return readAreaList(`${label}: readout`, given as readonly (number | string)[], layers);
}
