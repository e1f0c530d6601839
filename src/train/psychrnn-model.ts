import { ConfigError, ShapeError } from "../errors.ts";
import type { ModelOptions } from "../network/create.ts";
import type { ParameterName } from "../network/model.ts";
import {
  drawPsychRNN,
  excitatoryUnits,
  type RecurrentInitialiser,
  recurrentWeights,
} from "../network/psychrnn-weights.ts";
import { Random, streams } from "../random.ts";
import { flatten, type MatrixInput } from "../structure/check.ts";
import { fromMasks } from "../structure/from-masks.ts";
import type { PsychRNNParameters } from "./psychrnn-options.ts";

const label = "psychrnn";

/** Channels and units. */
export interface Sizes {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
}

function vectorOf(name: string, values: ArrayLike<number>, length: number): Float32Array {
  const flat = Float32Array.from(values);
  if (flat.length === length) return flat;
  throw new ShapeError(`${label}: ${name}: expected ${length} values, got ${flat.length}.`);
}

/** A network of PsychRNN's as options for `createModel`. @throws ConfigError, ShapeError naming the array. */
export function modelOptions(given: PsychRNNParameters, sizes: Sizes): ModelOptions {
  const { hidden } = sizes;
  const { seed, dale_ratio } = given;
  const ratio = dale_ratio ?? undefined;
  const masks = masksOf(given, sizes);
  const excitatory = ratio === undefined ? hidden : excitatoryUnits(ratio, hidden);
  const isExcitatory = (index: number): boolean => index % hidden < excitatory;
  const structure = fromMasks({
    ...sizes,
    seed,
    maskIH: masks.weightIH,
    maskHH: masks.weightHH,
    maskHO: masks.weightHO.map((mask, index) => (isExcitatory(index) ? mask : 0)),
    ...(ratio !== undefined && {
      signIH: masks.weightIH.map(() => 1),
      signHH: masks.weightHH.map((_, index) => (isExcitatory(index) ? 1 : -1)),
      signHO: masks.weightHO.map((_, index) => (isExcitatory(index) ? 1 : 0)),
    }),
  });
  const tau = given.tau;
  return {
    structure,
    dtMs: given.dt,
    tauMs: typeof tau === "number" ? tau : Array.from(tau),
    activation: given.transfer_function,
    noise: { pre: given.rec_noise, scale: "sqrt2alpha" },
    constraint: ratio === undefined ? "project" : "abs",
    learn: {
      weightIH: given.W_in_train,
      weightHH: given.W_rec_train,
      weightHO: given.W_out_train,
      biasH: given.b_rec_train,
      biasO: given.b_out_train,
      v0: given.init_state_train,
    },
    seed,
    initial: initialParameters(given, sizes, masks, structure.masks.weightHO ?? masks.weightHO),
  };
}

type Masks = Readonly<Record<"weightIH" | "weightHH" | "weightHO", Float32Array>>;

/** PsychRNN's connectivities, all ones unless given, and without self-connections where autapses are off. */
function masksOf(given: PsychRNNParameters, { inputs, hidden, outputs }: Sizes): Masks {
  const read = (name: string, values: MatrixInput | undefined, rows: number, columns: number): Float32Array =>
    values === undefined
      ? new Float32Array(rows * columns).fill(1)
      : flatten(`${label}: ${name}`, values, rows, columns);
  const recurrent = read("rec_connectivity", given.rec_connectivity, hidden, hidden);
  return {
    weightIH: read("input_connectivity", given.input_connectivity, hidden, inputs),
    weightHH: recurrent.map((mask, index) => (!given.autapses && index % (hidden + 1) === 0 ? 0 : mask)),
    weightHO: read("output_connectivity", given.output_connectivity, outputs, hidden),
  };
}

/** Steps of the stream of weights; 0, 1 and 2 are those of the three matrices, as elsewhere. */
const initialStateStep = 3;

/** Raw values; those of absent synapses, which PsychRNN keeps without any effect, are 0. */
function initialParameters(
  given: PsychRNNParameters,
  { inputs, hidden, outputs }: Sizes,
  masks: Masks,
  readoutMask: Float32Array,
): NonNullable<ModelOptions["initial"]> {
  const { seed } = given;
  const own = typeof given.initializer === "object" ? given.initializer : undefined;
  const name = own?.name ?? (typeof given.initializer === "string" ? given.initializer : undefined);
  const usual = given.W_rec === undefined ? "GaussianSpectralRadius" : "WeightInitializer";
  const draw = own?.which_rand_init ?? given.which_rand_init ?? "glorot_gauss";
  const low = own?.init_minval ?? given.init_minval ?? -0.1;
  const high = own?.init_maxval ?? given.init_maxval ?? 0.1;
  const initialiser: RecurrentInitialiser = {
    ...{ name: name ?? usual, low, high },
    radius: own?.spec_rad ?? given.spec_rad ?? 1.1,
    alpha: own?.alpha ?? Number.NaN,
    draw: own?.which_rand_W_rec_init ?? given.which_rand_W_rec_init ?? draw,
  };
  if (initialiser.name === "AlphaIdentity" && own?.alpha === undefined)
    throw new ConfigError(
      `${label}: initializer: AlphaIdentity needs its alpha: { name: "AlphaIdentity", alpha: 0.5 }.`,
    );
  const matrix = (
    what: string,
    values: MatrixInput | undefined,
    rows: number,
    columns: number,
    step: number,
    mask: Float32Array,
  ) =>
    values === undefined
      ? drawPsychRNN(draw, mask, rows, columns, { random: new Random(seed, streams.weights, step), low, high })
      : flatten(`${label}: ${what}`, values, rows, columns);
  const recurrent =
    given.W_rec === undefined
      ? recurrentWeights(initialiser, masks.weightHH, hidden, given.dale_ratio ?? undefined, seed)
      : flatten(`${label}: W_rec`, given.W_rec, hidden, hidden);
  const masked = (values: ArrayLike<number>, mask: Float32Array): Float32Array =>
    Float32Array.from(values, (value, index) => (mask[index] === 0 ? 0 : value));
  const random = new Random(seed, streams.weights, initialStateStep);
  const start = given.init_state ?? Array.from({ length: hidden }, () => random.normal(0.1, 0.01));
  return {
    weightIH: masked(matrix("W_in", given.W_in, hidden, inputs, 0, masks.weightIH), masks.weightIH),
    weightHH: masked(recurrent, masks.weightHH),
    weightHO: masked(matrix("W_out", given.W_out, outputs, hidden, 2, masks.weightHO), readoutMask),
    biasH: vectorOf("b_rec", given.b_rec ?? new Float32Array(hidden), hidden),
    biasO: vectorOf("b_out", given.b_out ?? new Float32Array(outputs), outputs),
    v0: vectorOf("init_state", start, hidden),
  };
}

/** `fixed_weights` under our names. @throws ConfigError, ShapeError naming the array. */
export function fixedParameters(
  { fixed_weights }: PsychRNNParameters,
  { inputs, hidden, outputs }: Sizes,
): Partial<Record<ParameterName, Float32Array>> {
  const { W_in, W_rec, W_out, b_rec, b_out, init_state } = fixed_weights ?? {};
  const read = (name: string, values: MatrixInput, rows: number, columns: number): Float32Array => {
    const flat = flatten(`${label}: fixed_weights: ${name}`, values, rows, columns);
    return check(name, flat);
  };
  const check = (name: string, flat: Float32Array): Float32Array => {
    const wrong = flat.findIndex((value) => value !== 0 && value !== 1);
    if (wrong < 0) return flat;
    throw new ConfigError(
      `${label}: fixed_weights: ${name}: entry ${wrong} is ${flat[wrong]}: 1 fixes a weight, 0 trains it.`,
    );
  };
  const list = (name: string, values: ArrayLike<number>, length: number): Float32Array =>
    check(name, vectorOf(`fixed_weights: ${name}`, values, length));
  return {
    ...(W_in && { weightIH: read("W_in", W_in, hidden, inputs) }),
    ...(W_rec && { weightHH: read("W_rec", W_rec, hidden, hidden) }),
    ...(W_out && { weightHO: read("W_out", W_out, outputs, hidden) }),
    ...(b_rec && { biasH: list("b_rec", b_rec, hidden) }),
    ...(b_out && { biasO: list("b_out", b_out, outputs) }),
    ...(init_state && { v0: list("init_state", init_state, hidden) }),
  };
}
