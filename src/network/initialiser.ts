import { ConfigError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import { checkKeys, checkPositive } from "../structure/options.ts";

/**
 * How the first values of one weight matrix are drawn, as plain data. The fan-in of a row is its number of synapses that
 * may exist. A synapse with a sign gets |draw|·sign; an absent one gets 0.
 * - `uniform`: from [low, high); ±1/√fan-in unless both are given (nn4n, and PyTorch's linear layer).
 * - `normal`: mean 0 and standard deviation sd; 1/√fan-in unless given.
 * - `glorotUniform`, `glorotNormal`: variance gain² · 2 / (fan-in + fan-out), each counted in the mask (Glorot & Bengio
 *   2010; on the mask as in PsychRNN); gain 1 unless given.
 * - `orthogonal`: gain · Q, Q from the QR decomposition of a normal matrix (Saxe, McClelland & Ganguli 2013): the rows are
 *   orthonormal, or the columns where there are fewer of them. Masks and signs are applied after that.
 * - `identity`: a on the diagonal, 0 elsewhere (Le, Jaitly & Hinton 2015); a 1 unless given.
 * - `gamma`: magnitude with shape k and scale θ; shape 2, and the scale that makes the mean square 1/fan-in, unless given
 *   (Song, Yang & Wang 2016: shape 2). A synapse whose sign is free is excitatory or inhibitory with equal chance.
 * - `logNormal`: magnitude with this mean and variance (not those of its logarithm). Unless given, the variance is
 *   0.4·mean² (the ratio of pycog's 0.1 and 0.5) and the mean makes the mean square 1/fan-in. Free signs as in `gamma`.
 * - `constant`: value.
 */
export type Initialiser =
  | { readonly type: "uniform"; readonly low?: number; readonly high?: number }
  | { readonly type: "normal"; readonly sd?: number }
  | { readonly type: "glorotUniform"; readonly gain?: number }
  | { readonly type: "glorotNormal"; readonly gain?: number }
  | { readonly type: "orthogonal"; readonly gain?: number }
  | { readonly type: "identity"; readonly a?: number }
  | { readonly type: "gamma"; readonly shape?: number; readonly scale?: number }
  | { readonly type: "logNormal"; readonly mean?: number; readonly variance?: number }
  | { readonly type: "constant"; readonly value: number };

/** The parameters of each type: whether each is any finite number or a positive one. */
const parametersOf: Readonly<Record<Initialiser["type"], Readonly<Record<string, "finite" | "positive">>>> = {
  uniform: { low: "finite", high: "finite" },
  normal: { sd: "positive" },
  glorotUniform: { gain: "positive" },
  glorotNormal: { gain: "positive" },
  orthogonal: { gain: "positive" },
  identity: { a: "finite" },
  gamma: { shape: "positive", scale: "positive" },
  logNormal: { mean: "positive", variance: "positive" },
  constant: { value: "finite" },
};

/** Every type of {@link Initialiser}. */
export const initialiserTypes = Object.keys(parametersOf) as readonly Initialiser["type"][];

/**
 * @param label what the initialiser is for, as messages name it: `weights.weightHH`.
 * @throws {@link ConfigError} for an unknown type or parameter, naming the nearest known one, and for one half of a
 * range; {@link ValueError} for a parameter outside its range.
 */
export function checkInitialiser(label: string, initialiser: Initialiser): Initialiser {
  if (typeof initialiser !== "object" || initialiser === null)
    throw new ConfigError(`${label}: expected an initialiser such as { type: "normal" }, got ${String(initialiser)}.`);
  const { type } = initialiser;
  if (!initialiserTypes.includes(type))
    throw new ConfigError(
      `${label}: unknown initialiser "${String(type)}"; ${suggestName(String(type), initialiserTypes)}`,
    );
  const kinds = parametersOf[type];
  checkKeys(`${label} (${type})`, initialiser, ["type", ...Object.keys(kinds)]);
  const values = initialiser as unknown as Readonly<Record<string, number | undefined>>;
  for (const [name, kind] of Object.entries(kinds)) {
    const value = values[name];
    if (value === undefined) continue;
    if (kind === "positive") checkPositive(`${label}: ${name}`, value);
    else if (!Number.isFinite(value))
      throw new ValueError(`${label}: ${name}: expected a finite number, got ${String(value)}.`);
  }
  if (initialiser.type === "constant" && initialiser.value === undefined)
    throw new ConfigError(`${label}: a constant needs its value: { type: "constant", value: 0 }.`);
  if (initialiser.type === "logNormal" && initialiser.variance !== undefined && initialiser.mean === undefined)
    throw new ConfigError(`${label}: a variance needs the mean: { type: "logNormal", mean: 0.5, variance: 0.1 }.`);
  if (initialiser.type === "uniform") {
    const { low, high } = initialiser;
    if ((low === undefined) !== (high === undefined))
      throw new ConfigError(`${label}: give both low and high of the uniform range, or neither for ±1/√fan-in.`);
    if (low !== undefined && high !== undefined && !(low < high))
      throw new ValueError(`${label}: expected low < high, got low ${low} and high ${high}.`);
  }
  return initialiser;
}
