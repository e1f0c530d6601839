import { gateCount } from "../../src/network/cells.ts";
import type { ModelSpec, ParameterName, WeightName } from "../../src/network/model.ts";
import { unitNoise } from "./activation.ts";
import type { DirectGradients, Gradients } from "./bptt.ts";
import { effectiveWeights, type ForwardOptions, type InputSequence } from "./ctrnn.ts";
import { rawWeightGradient } from "./effective-weights.ts";
import { add, at, type Numbers } from "./numbers.ts";

/** What the reference needs of an LSTM or a GRU: a `Model` is one, and so is the same with float64 parameters. */
export interface GatedModel {
  readonly spec: ModelSpec;
  readonly parameters: Readonly<Record<ParameterName, Numbers>>;
  readonly masks: Readonly<Partial<Record<WeightName, Numbers>>>;
  readonly signs: Readonly<Partial<Record<WeightName, Numbers>>>;
}

export interface GatedTrajectory {
  /** c of an LSTM, h of a GRU [time, batch, hidden]. */
  readonly v: Float64Array;
  /** h [time, batch, hidden], post-noise included. */
  readonly r: Float64Array;
  /** [time, batch, outputs]. */
  readonly outputs: Float64Array;
  /** What each step of each unit came from, in the order of v. */
  readonly steps: readonly (LstmStep | GruStep)[];
}

interface LstmStep {
  readonly cell: "lstm";
  readonly i: number;
  readonly f: number;
  readonly g: number;
  readonly o: number;
}

interface GruStep {
  readonly cell: "gru";
  readonly r: number;
  readonly z: number;
  readonly n: number;
  /** W_hn h + b_hn. */
  readonly m: number;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** [value, slope] of what an LSTM makes of its cell state. */
function lstmOutput({ lstmOutput: name = "tanh" }: ModelSpec, c: number): readonly [number, number] {
  const value = name === "tanh" ? Math.tanh(c) : logistic(c);
  return [value, name === "tanh" ? 1 - value * value : value * (1 - value)];
}

/** c[-1] and h[-1] of a trial: given, or the parameters; where only c is given, an LSTM's h is its parameter, a GRU's is c. */
export function gatedInitialState(
  model: GatedModel,
  options: ForwardOptions,
  b: number,
  i: number,
): { v: number; r: number } {
  const { cell, hidden } = model.spec;
  const { v0, r0 } = model.parameters;
  const place = b * hidden + i;
  const r = options.r0 ? at(options.r0, place) : options.v0 && cell === "gru" ? at(options.v0, place) : at(r0, i);
  if (cell === "gru") return { v: r, r };
  return { v: options.v0 ? at(options.v0, place) : at(v0, i), r };
}

/**
 * torch.nn.LSTM and torch.nn.GRU as their documentation has them, float64, one loop per index of the formula:
 * LSTM: i, f, o = σ(W_i u + W_h h + b), g = tanh(...); c[t] = f c[t-1] + i g + σ_pre ξ; h[t] = o φ(c[t]) + σ_post η.
 * GRU: r, z = σ(...), n = tanh(W_in u + b_n + r (W_hn h + b_hn) + σ_pre ξ); h[t] = (1 - z) n + z h[t-1] + σ_post η.
 */
export function gatedForward(
  model: GatedModel,
  sequence: InputSequence,
  options: ForwardOptions = {},
): GatedTrajectory {
  const { spec, parameters } = model;
  const { cell, inputs, hidden, outputs: outputCount } = spec;
  const { time, batch } = sequence;
  const weights = effectiveWeights(model);
  const v = new Float64Array(time * batch * hidden);
  const r = new Float64Array(time * batch * hidden);
  const outputs = new Float64Array(time * batch * outputCount);
  const steps: (LstmStep | GruStep)[] = [];
  for (let t = 0; t < time; t += 1) {
    for (let b = 0; b < batch; b += 1) {
      const before = Array.from({ length: hidden }, (_, i) => {
        if (t === 0) return gatedInitialState(model, options, b, i);
        const place = ((t - 1) * batch + b) * hidden + i;
        return { v: at(v, place), r: at(r, place) };
      });
      const driven = (gate: number, i: number): number => {
        let total = 0;
        for (let k = 0; k < inputs; k += 1)
          total +=
            at(weights.weightIH, (gate * hidden + i) * inputs + k) * at(sequence.inputs, (t * batch + b) * inputs + k);
        return total;
      };
      const recurrent = (gate: number, i: number): number => {
        let total = 0;
        for (const [j, { r: rate }] of before.entries())
          total += at(weights.weightHH, (gate * hidden + i) * hidden + j) * rate;
        return total;
      };
      const bias = (gate: number, i: number): number => at(parameters.biasH, gate * hidden + i);
      for (let i = 0; i < hidden; i += 1) {
        const place = (t * batch + b) * hidden + i;
        const own = before[i] ?? { v: Number.NaN, r: Number.NaN };
        const sum = (gate: number): number => driven(gate, i) + recurrent(gate, i) + bias(gate, i);
        const pre = options.preNoise ? unitNoise(spec, i).pre * at(options.preNoise, place) : 0;
        const post = options.postNoise ? unitNoise(spec, i).post * at(options.postNoise, place) : 0;
        if (cell === "lstm") {
          const step = { cell, i: logistic(sum(0)), f: logistic(sum(1)), g: Math.tanh(sum(2)), o: logistic(sum(3)) };
          v[place] = step.f * own.v + step.i * step.g + pre;
          r[place] = step.o * lstmOutput(spec, at(v, place))[0] + post;
          steps.push(step);
        } else {
          const [reset, z] = [logistic(sum(0)), logistic(sum(1))];
          const m = recurrent(2, i) + at(parameters.biasN, i);
          const n = Math.tanh(driven(2, i) + bias(2, i) + reset * m + pre);
          r[place] = (1 - z) * n + z * own.r + post;
          v[place] = at(r, place);
          steps.push({ cell: "gru", r: reset, z, n, m });
        }
      }
      for (let o = 0; o < outputCount; o += 1) {
        let y = at(parameters.biasO, o);
        for (let j = 0; j < hidden; j += 1)
          y += at(weights.weightHO, o * hidden + j) * at(r, (t * batch + b) * hidden + j);
        outputs[(t * batch + b) * outputCount + o] = y;
      }
    }
  }
  return { v, r, outputs, steps };
}

/**
 * Back-propagation through time of {@link gatedForward}, by the chain rule, unit after unit: what a unit's gates receive is
 * handed on at once to the rates, inputs and weights that they came from.
 */
export function gatedBackward(
  model: GatedModel,
  sequence: InputSequence,
  options: ForwardOptions,
  trajectory: GatedTrajectory,
  direct: DirectGradients,
): Gradients {
  const { spec, parameters } = model;
  const { cell, inputs, hidden, outputs: outputCount } = spec;
  const { time, batch } = sequence;
  const weights = effectiveWeights(model);
  const rows = gateCount(cell) * hidden;
  const weightIH = new Float64Array(rows * inputs);
  const weightHH = new Float64Array(rows * hidden);
  const weightHO = new Float64Array(outputCount * hidden);
  const biasH = new Float64Array(rows);
  const biasO = new Float64Array(outputCount);
  const biasN = new Float64Array(parameters.biasN.length);
  const v = new Float64Array(time * batch * hidden);
  const r = new Float64Array(time * batch * hidden);
  const v0Trials = new Float64Array(batch * hidden);
  const r0Trials = new Float64Array(batch * hidden);

  for (let b = 0; b < batch; b += 1) {
    // What the steps that are already done have sent back to c and h of the step before them.
    let toState = new Float64Array(hidden);
    let toRate = new Float64Array(hidden);
    for (let t = time - 1; t >= 0; t -= 1) {
      const row = t * batch + b;
      for (let i = 0; i < hidden; i += 1) {
        if (direct.r) add(toRate, i, at(direct.r, row * hidden + i));
        if (direct.v) add(toState, i, at(direct.v, row * hidden + i));
      }
      for (let o = 0; o < outputCount; o += 1) {
        const gradient = direct.outputs ? at(direct.outputs, row * outputCount + o) : 0;
        add(biasO, o, gradient);
        for (let j = 0; j < hidden; j += 1) {
          add(weightHO, o * hidden + j, gradient * at(trajectory.r, row * hidden + j));
          add(toRate, j, gradient * at(weights.weightHO, o * hidden + j));
        }
      }
      const stateBefore = new Float64Array(hidden);
      const rateBefore = new Float64Array(hidden);
      for (let i = 0; i < hidden; i += 1) {
        const place = row * hidden + i;
        const previous = (values: Float64Array, j: number, which: "v" | "r"): number =>
          t === 0 ? gatedInitialState(model, options, b, j)[which] : at(values, (row - batch) * hidden + j);
        const throughInputs = (gate: number, gradient: number): void => {
          add(biasH, gate * hidden + i, gradient);
          for (let k = 0; k < inputs; k += 1)
            add(weightIH, (gate * hidden + i) * inputs + k, gradient * at(sequence.inputs, row * inputs + k));
        };
        const throughRates = (gate: number, gradient: number): void => {
          for (let j = 0; j < hidden; j += 1) {
            add(weightHH, (gate * hidden + i) * hidden + j, gradient * previous(trajectory.r, j, "r"));
            add(rateBefore, j, gradient * at(weights.weightHH, (gate * hidden + i) * hidden + j));
          }
        };
        const step = trajectory.steps[place];
        const dh = at(toRate, i);
        r[place] = dh;
        if (step?.cell === "lstm") {
          const [value, slope] = lstmOutput(spec, at(trajectory.v, place));
          const dc = at(toState, i) + dh * step.o * slope;
          v[place] = dc;
          const byGate = [
            dc * step.g * step.i * (1 - step.i),
            dc * previous(trajectory.v, i, "v") * step.f * (1 - step.f),
            dc * step.i * (1 - step.g ** 2),
            dh * value * step.o * (1 - step.o),
          ];
          for (const [gate, gradient] of byGate.entries()) {
            throughInputs(gate, gradient);
            throughRates(gate, gradient);
          }
          add(stateBefore, i, dc * step.f);
        } else if (step?.cell === "gru") {
          const dState = dh + at(toState, i);
          v[place] = dState;
          r[place] = dState;
          const dn = dState * (1 - step.z) * (1 - step.n ** 2);
          const dz = dState * (previous(trajectory.r, i, "r") - step.n) * step.z * (1 - step.z);
          const dr = dn * step.m * step.r * (1 - step.r);
          for (const [gate, gradient] of [dr, dz, dn].entries()) throughInputs(gate, gradient);
          for (const [gate, gradient] of [dr, dz, dn * step.r].entries()) throughRates(gate, gradient);
          add(biasN, i, dn * step.r);
          add(rateBefore, i, dState * step.z);
        }
      }
      toState = stateBefore;
      toRate = rateBefore;
    }
    // A GRU's state is its rate.
    v0Trials.set(cell === "gru" ? toRate : toState, b * hidden);
    r0Trials.set(toRate, b * hidden);
  }

  const raw = (name: WeightName, effective: Float64Array): Float64Array =>
    rawWeightGradient(spec.constraint, effective, parameters[name], model.masks[name], model.signs[name]);
  const overTrials = (values: Float64Array): Float64Array => {
    const total = new Float64Array(hidden);
    for (const [index, value] of values.entries()) add(total, index % hidden, value);
    return total;
  };
  return {
    parameters: {
      weightIH: raw("weightIH", weightIH),
      weightHH: raw("weightHH", weightHH),
      biasH,
      weightHO: raw("weightHO", weightHO),
      biasO,
      alpha: new Float64Array(0),
      v0: cell === "lstm" ? overTrials(v0Trials) : new Float64Array(0),
      biasN,
      r0: overTrials(r0Trials),
    },
    v0: v0Trials,
    r0: r0Trials,
    v,
    r,
  };
}
