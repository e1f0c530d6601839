import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { type ModelJsonInput, modelSchema } from "../../io/model-schema.ts";
import { withArticle } from "../cells.ts";
import type { Model, ParameterName } from "../model.ts";
import { validateModel } from "../validate.ts";
import type { InteropOptions } from "./assemble.ts";

/** The numbers of an LSTM or a GRU, gates stacked as in {@link Model}; what is left out is empty. */
export interface GatedParts extends Pick<ModelJsonInput, "lstmOutput"> {
  readonly cell: "lstm" | "gru";
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly parameters: Readonly<Partial<Record<ParameterName, Float32Array>>>;
}

/**
 * A checked LSTM or GRU of the parts that a file gave and the options.
 * @param learn what the package trains where the options say nothing.
 * @throws ConfigError for times and activations, which these cells do not have; what `validateModel` throws.
 */
export function assembleGated(
  label: string,
  { cell, lstmOutput, inputs, hidden, outputs, parameters }: GatedParts,
  options: InteropOptions,
  learn: NonNullable<ModelJsonInput["learn"]>,
): Model {
  for (const name of ["tauMs", "alpha", "activation"] as const)
    if (options[name] !== undefined)
      throw new ConfigError(`${label}: ${name}: the file holds ${withArticle(cell)}, which has none; leave it out.`);
  const json = {
    format: "cortrain/model@1",
    ...{ cell, inputs, hidden, outputs },
    ...(lstmOutput !== undefined && { lstmOutput }),
    ...(options.dtMs !== undefined && { dtMs: options.dtMs }),
    ...(options.noise !== undefined && { noise: options.noise }),
    learn: { ...learn, ...options.learn },
    ...(options.seed !== undefined && { seed: options.seed }),
  };
  const { format: _format, tauMs: _tauMs, alpha: _alpha, ...spec } = parseWith(modelSchema, json, label);
  const none = new Float32Array(0);
  const model: Model = {
    spec,
    parameters: {
      ...{ weightIH: none, weightHH: none, biasH: none, weightHO: none, biasO: none },
      ...{ alpha: none, v0: none, biasN: none, r0: none },
      ...parameters,
    },
    ...{ masks: {}, signs: {}, plasticity: {} },
  };
  return validateModel(model, { project: options.project === true });
}
