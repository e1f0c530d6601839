import { ConfigError } from "../errors.ts";
import { type Cell, cells, gateNames } from "../io/cells.ts";
import type { ModelSpec, ParameterName } from "./model.ts";

/**
 * Gates in PyTorch's order, one block of hidden rows each:
 * LSTM: i, f, o = sigmoid(W_i u + W_h h + b), g = tanh(W_i u + W_h h + b); c = f c + i g; h = o tanh(c) (or o sigmoid(c)).
 * GRU: r, z = sigmoid(W_i u + W_h h + b), n = tanh(W_in u + b_n + r (W_hn h + biasN)); h = (1 - z) n + z h.
 * PyTorch has two biases of each gate; only their sum counts (biasH), but for the GRU's candidate n.
 */
export { gateCount, gateNames } from "../io/cells.ts";

/** Whether the units are gated: an LSTM or a GRU. */
export function isGated(cell: Cell): boolean {
  return cell !== "ctrnn";
}

/** `a ctrnn`, `an lstm`. */
export function withArticle(cell: Cell): string {
  return `${cell === "lstm" ? "an" : "a"} ${cell}`;
}

/** Tensors that not every cell has, and which has them. */
const owners: Readonly<Partial<Record<ParameterName, readonly Cell[]>>> = {
  alpha: ["ctrnn"],
  v0: ["ctrnn", "lstm"],
  biasN: ["gru"],
  r0: ["lstm", "gru"],
};

/** Whether a cell has a trainable tensor; one that it does not have is empty. */
export function hasParameter(cell: Cell, name: ParameterName): boolean {
  return owners[name]?.includes(cell) ?? true;
}

/** @throws {@link ConfigError} naming the cells that have the tensor. */
export function checkHasParameter(label: string, cell: Cell, name: ParameterName): void {
  if (hasParameter(cell, name)) return;
  const others = (owners[name] ?? []).map(withArticle).join(" or ");
  throw new ConfigError(`${label}: ${withArticle(cell)} has no ${name}; ${others} has one.`);
}

/** Which tensors training changes, with the defaults of those that only some cells have. */
export function learnedTensors({ learn }: Pick<ModelSpec, "learn">): Readonly<Record<ParameterName, boolean>> {
  return { ...learn, biasN: learn.biasN ?? true, r0: learn.r0 ?? false };
}

/** Which gate a row of a weight with G blocks of hidden rows belongs to, in words: `gate f of `; nothing in a CTRNN. */
export function gateOfRow(cell: Cell, row: number, hidden: number): string {
  const gate = gateNames[cell][Math.floor(row / hidden)] ?? "";
  return gate === "" ? "" : `gate ${gate} of `;
}

/**
 * @throws {@link ConfigError} for a setting of a model that its cell does not have. `activation` relu and `form` state, which
 * stand in every model.json, are passed over in an LSTM and a GRU.
 */
export function checkCell(spec: ModelSpec): void {
  const { cell, learn, units, lstmOutput } = spec;
  if (!cells.includes(cell))
    throw new ConfigError(`cell: expected one of ${cells.join(", ")}, got ${JSON.stringify(cell)}.`);
  for (const name of ["alpha", "v0", "biasN", "r0"] as const)
    if (learn[name] === true) checkHasParameter(`learn.${name}`, cell, name);
  if (lstmOutput !== undefined && cell !== "lstm")
    throw new ConfigError(`lstmOutput: it is of an lstm, this is ${withArticle(cell)}; leave it out.`);
  if (!isGated(cell)) return;
  const faults: Readonly<Record<string, boolean>> = {
    activation: spec.activation !== "relu",
    customActivations: spec.customActivations !== undefined,
    form: spec.form !== "state",
    shortTermPlasticity: spec.shortTermPlasticity !== undefined,
    layers: (spec.layers?.length ?? 1) > 1,
    "units.activation": units?.activation !== undefined,
    "units.gain": units?.gain !== undefined,
    "units.threshold": units?.threshold !== undefined,
  };
  for (const [name, isFault] of Object.entries(faults)) if (isFault) refuse(name, cell);
  if (spec.noise.scale !== "unit")
    throw new ConfigError(
      `noise.scale: ${withArticle(cell)} has no alpha to scale its noise by, so only "unit" is possible; got "${spec.noise.scale}".`,
    );
}

/** Why a gated cell has no use for a setting, where more can be said than that it belongs to a CTRNN. */
const reasons: Readonly<Record<string, string>> = {
  activation: "its gates are sigmoid and its candidate is tanh",
  tauMs: "it has no leak",
  alpha: "it has no leak",
  layers: "all its units are updated at once",
};

/** @throws {@link ConfigError}: the setting belongs to a CTRNN. */
export function refuse(name: string, cell: Cell): never {
  const reason = reasons[name] ?? "it is of a ctrnn";
  throw new ConfigError(`${name}: ${withArticle(cell)} does not take it (${reason}); leave it out, or use a ctrnn.`);
}
