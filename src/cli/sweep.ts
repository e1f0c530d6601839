import { ConfigError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import { type Loss, lossNames } from "../loss/losses.ts";
import type { OwnSettings } from "../train/replica-settings.ts";
import type { TrainConfig } from "./train-config.ts";

/** One combination of the swept values. */
export interface SweepPoint {
  /** The swept settings and their values here; empty without a sweep. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly config: TrainConfig;
}

/** What may differ between networks that are trained in one plan. */
const roots = ["optimizer", "loss", "clip", "alphaMin", "stop", "seed", "network", "structure"];

/**
 * The combinations of a configuration's `sweep`, the last setting varying fastest. A key is a path into the configuration;
 * a loss term is named by its type or name, `loss.rateL2.weight`.
 * @param parse checks a configuration and fills in its defaults.
 * @throws ConfigError naming the path at fault, and what `parse` throws.
 */
export function sweepPoints(config: TrainConfig, parse: (value: unknown, label: string) => TrainConfig): SweepPoint[] {
  const { sweep = {}, ...base } = config;
  let points: Readonly<Record<string, unknown>>[] = [{}];
  for (const [path, values] of Object.entries(sweep)) {
    checkPath(path);
    points = points.flatMap((point) => values.map((value) => ({ ...point, [path]: value })));
  }
  return points.map((values) => {
    const changed = structuredClone(base) as Record<string, unknown>;
    for (const [path, value] of Object.entries(values)) place(changed, path, value);
    const label = Object.entries(values).map(([path, value]) => `${path} = ${JSON.stringify(value)}`);
    return { values, config: label.length === 0 ? config : parse(changed, `sweep: ${label.join(", ")}`) };
  });
}

/** The settings of training that a replica has of its own. @param replica its number within the combination. */
export function ownSettings(
  { optimizer, loss, clip, alphaMin, stop, seed }: TrainConfig,
  replica: number,
): OwnSettings {
  return {
    ...{ optimizer, loss, alphaMin, stop },
    ...(clip !== undefined && { clip }),
    seed: (seed ?? 0) + replica,
  };
}

function checkPath(path: string): void {
  const [root = ""] = path.split(".");
  if (roots.includes(root)) return;
  throw new ConfigError(
    `sweep: "${path}" is the same for all networks of a plan; ${suggestName(root, roots)} Those that can be swept: ${roots.join(", ")}.`,
  );
}

/** Writes a value at a path; a key that its object does not have yet is checked with the configuration. */
function place(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at: unknown = target;
  for (const [index, key] of keys.entries()) {
    const next: unknown = Array.isArray(at) ? termOf(at, key) : (at as Record<string, unknown>)[key];
    if (typeof next !== "object" || next === null)
      throw new ConfigError(`sweep: "${path}": the configuration has no ${keys.slice(0, index + 1).join(".")}.`);
    at = next;
  }
  (at as Record<string, unknown>)[last] = value;
}

function termOf(terms: readonly unknown[], name: string): unknown {
  return terms[lossNames(terms as readonly Loss[]).indexOf(name)];
}
