import type { OnNotice } from "../../io/array.ts";
import { parseWith } from "../../io/config.ts";
import { type Area, type Constraint, type ModelJsonInput, modelSchema } from "../../io/model-schema.ts";
import { checkKeys } from "../../structure/options.ts";
import type { Model, ModelSpec, ParameterName, WeightName } from "../model.ts";
import { alphaOf, type TimeOptions } from "../time.ts";
import { validateModel } from "../validate.ts";

/** What the files of other packages do not say. */
export interface InteropOptions extends TimeOptions, Pick<ModelJsonInput, "activation" | "noise" | "learn" | "seed"> {
  /** Projects weights that break their mask or sign, instead of refusing them. */
  readonly project?: boolean;
  /** The file's name, for messages. */
  readonly label?: string;
  /** Hears of what was left out, added up or assumed. */
  readonly onNotice?: OnNotice;
}

const optionKeys = ["dtMs", "tauMs", "alpha", "activation", "noise", "learn", "seed", "project", "label", "onNotice"];

/** @throws ConfigError for an unknown option, naming the nearest known one. */
export function checkInteropOptions(label: string, options: object, more: readonly string[] = []): void {
  checkKeys(label, options, [...optionKeys, ...more]);
}

/** The numbers of a model; masks and signs as in {@link Model}. */
export interface ModelParts {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly parameters: Readonly<Record<Exclude<ParameterName, "alpha" | "biasN" | "r0">, Float32Array>>;
  /** In place of times in the options. */
  readonly alpha?: Float32Array;
  readonly masks?: Readonly<Partial<Record<WeightName, Float32Array>>>;
  readonly signs?: Readonly<Partial<Record<WeightName, Float32Array>>>;
  readonly layers?: readonly Area[];
  readonly constraint?: Constraint;
}

/** What a package takes where nothing is given. */
export type InteropDefaults = Pick<ModelJsonInput, "activation" | "noise" | "learn"> &
  Pick<TimeOptions, "dtMs" | "tauMs">;

/**
 * A checked model of the parts that a file gave, the options, and what the package takes where neither says anything.
 * @throws what `validateModel` throws, and ConfigError.
 */
export function assembleModel(
  label: string,
  parts: ModelParts,
  options: InteropOptions,
  defaults: InteropDefaults,
): Model {
  const { inputs, hidden, outputs, parameters, layers, constraint = "project", masks = {}, signs = {} } = parts;
  const { noise, learn } = options;
  const json = {
    format: "cortrain/model@1",
    cell: "ctrnn",
    ...{ inputs, hidden, outputs, constraint },
    activation: options.activation ?? defaults.activation,
    noise: { ...defaults.noise, ...noise },
    learn: { ...defaults.learn, ...learn },
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(layers !== undefined && { layers: layers.map((layer) => ({ ...layer })) }),
  };
  const { format: _format, ...parsed } = parseWith(modelSchema, json, label);
  const { dtMs = options.alpha === undefined ? defaults.dtMs : undefined } = options;
  const { tauMs = options.alpha === undefined ? defaults.tauMs : undefined } = options;
  const spec: ModelSpec = dtMs === undefined ? parsed : { ...parsed, dtMs };
  const alpha = parts.alpha ?? alphaOf({ dtMs, tauMs, alpha: options.alpha }, spec);
  const nothing = { biasN: new Float32Array(0), r0: new Float32Array(0) };
  const model: Model = { spec, parameters: { ...parameters, alpha, ...nothing }, masks, signs, plasticity: {} };
  return validateModel(model, { project: options.project === true });
}
