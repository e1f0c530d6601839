import { areaRanges } from "../structure/check.ts";
import { gateNames, hasParameter, isGated, learnedTensors } from "./cells.ts";
import {
  type Model,
  type ParameterName,
  parameterNames,
  parameterShape,
  type WeightName,
  weightNames,
} from "./model.ts";
import { spectralRadius } from "./spectral-radius.ts";
import { effectiveWeights } from "./validate.ts";

function isWeight(name: ParameterName): name is WeightName {
  return (weightNames as readonly string[]).includes(name);
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function range(values: ArrayLike<number>): string {
  let [low, high, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of Array.from(values)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
  }
  if (low === high) return `all ${short(low)}`;
  return `${short(low)} to ${short(high)}, mean ${short(sum / values.length)}`;
}

/** One number where all units agree, else the range. */
function time({ spec, parameters }: Model): string {
  if (isGated(spec.cell)) return spec.dtMs === undefined ? "no time step" : `dt ${short(spec.dtMs)} ms`;
  const text = (values: ArrayLike<number>): string => range(values).replace(/^all /, "");
  if (spec.dtMs === undefined) return `alpha ${text(parameters.alpha)}`;
  const { dtMs } = spec;
  const tauMs = Array.from(parameters.alpha, (alpha) => Number((dtMs / alpha).toPrecision(6)));
  return `dt ${short(dtMs)} ms, tau ${text(tauMs)} ms, alpha ${text(parameters.alpha)}`;
}

/** `relu, state form`, or the cell. */
function dynamics({ cell, activation, form, lstmOutput = "tanh" }: Model["spec"]): string {
  if (cell === "lstm") return `lstm, h = o ${lstmOutput}(c)`;
  return cell === "gru" ? "gru" : `${activation}, ${form} form`;
}

/** Of the recurrent matrix, or of each gate's. */
function radii(weights: Float32Array, { cell, hidden }: Model["spec"]): string {
  return gateNames[cell]
    .map((gate, index) => {
      const own = weights.slice(index * hidden * hidden, (index + 1) * hidden * hidden);
      return `${gate} ${spectralRadius(own, hidden).toFixed(3)}`.trim();
    })
    .join(", ");
}

/**
 * A model in words: sizes, dynamics, constraint, areas, layers, and for each trainable tensor its shape and the range of its
 * effective values; for weights the share that is not zero, for the recurrent ones the spectral radius (of each gate).
 */
export function describeModel(model: Model): string {
  const { spec, parameters } = model;
  const { noise } = spec;
  const factor = (factors: readonly number[] | undefined): string => (factors ? ` times ${range(factors)}` : "");
  const [areas, layers] = [areaRanges(spec.areas), areaRanges(spec.layers ?? [])];
  const lines = [
    `${spec.inputs} inputs, ${spec.hidden} hidden units, ${spec.outputs} outputs; ${dynamics(spec)}`,
    `  ${time(model)}; noise pre ${short(noise.pre)}${factor(spec.units?.noisePre)} (${noise.scale}), post ${short(noise.post)}${factor(spec.units?.noisePost)}`,
    `  constraint ${spec.constraint}, seed ${spec.seed}${areas === "" ? "" : `; areas ${areas}`}${layers === "" ? "" : `; layers ${layers}`}`,
  ];
  for (const [name, { value }] of Object.entries(spec.customActivations ?? {})) lines.push(`  ${name}(x) = ${value}`);
  const learned = learnedTensors(spec);
  for (const name of parameterNames.filter((each) => hasParameter(spec.cell, each))) {
    const values = isWeight(name) ? effectiveWeights(model, name) : parameters[name];
    const parts = [`  ${name} [${parameterShape(spec, name).join(", ")}]: ${range(values)}`];
    if (isWeight(name))
      parts.push(`density ${(values.filter((value) => value !== 0).length / values.length).toFixed(3)}`);
    if (name === "weightHH") parts.push(`spectral radius ${radii(values, spec)}`);
    if (!learned[name]) parts.push("fixed");
    lines.push(parts.join("; "));
  }
  return lines.join("\n");
}
