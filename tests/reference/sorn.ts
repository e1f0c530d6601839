import { type SornParameters, type SornRule, synapsesPerStep } from "../../src/plasticity/parameters.ts";
import { matrixOf, type SornState } from "../../src/plasticity/state.ts";
import { normalPair, streams, threefry2x32, unitInterval } from "../../src/random.ts";
import { at } from "./numbers.ts";

/**
 * A self-organising recurrent network in float64 plain loops, written from the equations: Lazar et al. 2009, Zheng et al.
 * 2013, and what the Python package sorn makes of them. Matrices are [post * columns + pre].
 */
export interface SornReference {
  readonly parameters: SornParameters;
  x: number[];
  y: number[];
  readonly thresholdE: Float64Array;
  readonly thresholdI: Float64Array;
  readonly target: Float64Array;
  readonly EE: Float64Array;
  readonly EI: Float64Array;
  readonly IE: Float64Array;
  readonly EU: Float64Array;
  step: number;
  /** The smallest distance of any drive from 0 so far: float32 must tell it apart. */
  margin: number;
}

export interface SornReferenceStep {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** What E does without its input. */
  readonly r: readonly number[];
  /** Synapses before this step's plasticity. */
  readonly countEE: number;
  readonly countEI: number;
}

export function sornReference(parameters: SornParameters, state: SornState): SornReference {
  const { excitatory: e, inhibitory: i, inputs: u } = parameters;
  const { EE, EI, IE, EU } = state.synapses;
  return {
    parameters,
    ...{ x: [...state.x], y: [...state.y], step: 0, margin: Number.POSITIVE_INFINITY },
    thresholdE: Float64Array.from(state.thresholdE),
    thresholdI: Float64Array.from(state.thresholdI),
    target: Float64Array.from(state.target),
    EE: Float64Array.from(matrixOf(EE, e)),
    EI: Float64Array.from(matrixOf(EI, i)),
    IE: Float64Array.from(matrixOf(IE, e)),
    EU: Float64Array.from(matrixOf(EU, u)),
  };
}

function product(matrix: Float64Array, row: number, vector: ArrayLike<number>): number {
  let sum = 0;
  for (let column = 0; column < vector.length; column += 1)
    sum += at(matrix, row * vector.length + column) * (vector[column] ?? 0);
  return sum;
}

function positives(matrix: Float64Array): number {
  return matrix.reduce((count, weight) => count + Number(weight > 0), 0);
}

function scaleRows(matrix: Float64Array, columns: number): void {
  for (let row = 0; row * columns < matrix.length; row += 1) {
    let sum = 0;
    for (let column = 0; column < columns; column += 1) sum += at(matrix, row * columns + column);
    if (sum === 0) continue;
    for (let column = 0; column < columns; column += 1)
      matrix[row * columns + column] = at(matrix, row * columns + column) / sum;
  }
}

/** One step. @param inputs [inputs] of this step. */
export function stepSorn(
  net: SornReference,
  inputs: ArrayLike<number>,
  freeze: readonly SornRule[] = [],
  noisy = true,
): SornReferenceStep {
  const { parameters, EE, EI, IE, EU, thresholdE, thresholdI, target, step } = net;
  const { excitatory: e, inhibitory: i, seed, noise, threshold, inhibition } = parameters;
  const on = <Name extends SornRule>(name: Name): SornParameters[Name] | false =>
    freeze.includes(name) ? false : parameters[name];
  const [stdp, ip, sp, istdp, ss] = [on("stdp"), on("ip"), on("sp"), on("istdp"), on("ss")];
  const draw = (stream: number, index: number) => threefry2x32(seed, stream, step, index);
  const xi = (unit: number, deviation: number): number =>
    noisy && deviation > 0 ? deviation * normalPair(...draw(streams.runNoise, unit))[0] : 0;
  const fires = (drive: number): number => {
    net.margin = Math.min(net.margin, Math.abs(drive));
    return Number(threshold === ">" ? drive > 0 : drive >= 0);
  };
  const [x0, y0] = [net.x, net.y];
  const drives = x0.map(
    (_, unit) => product(EE, unit, x0) - product(EI, unit, y0) + xi(unit, noise.excitatory) - at(thresholdE, unit),
  );
  const r = drives.map(fires);
  const x1 = drives.map((drive, unit) => fires(drive + product(EU, unit, inputs)));
  const driving = inhibition === "current" ? x1 : x0;
  const y1 = y0.map((_, unit) =>
    fires(product(IE, unit, driving) + xi(e + unit, noise.inhibitory) - at(thresholdI, unit)),
  );
  const counts = { countEE: positives(EE), countEI: positives(EI) };

  // The pair is chosen among those without a synapse before this step's STDP.
  const wanted: (readonly [post: number, pre: number])[] = [];
  const perStep = sp ? synapsesPerStep(sp, e) : 0;
  if (sp && perStep <= 1 && unitInterval(draw(streams.plasticity, 0)[0]) < perStep) {
    for (let attempt = 1; attempt <= 64; attempt += 1) {
      const [a, b] = draw(streams.plasticity, attempt);
      const [post, pre] = [a % e, b % e];
      if (post === pre || at(EE, post * e + pre) > 0) continue;
      wanted.push([post, pre]);
      break;
    }
  }
  if (stdp) {
    for (let post = 0; post < e; post += 1) {
      for (let pre = 0; pre < e; pre += 1) {
        const place = post * e + pre;
        const change = (x1[post] ?? 0) * (x0[pre] ?? 0) - (x0[post] ?? 0) * (x1[pre] ?? 0);
        if (at(EE, place) === 0 || change === 0) continue;
        const weight = Math.min(stdp.maximum, at(EE, place) + stdp.rate * change);
        EE[place] = weight <= stdp.prune ? 0 : weight;
      }
    }
  }
  if (ip) {
    for (let unit = 0; unit < e; unit += 1) {
      const [low, high] = ip.clip || [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      const moved = at(thresholdE, unit) + ip.rate * ((x1[unit] ?? 0) - at(target, unit));
      thresholdE[unit] = Math.min(high, Math.max(low, moved));
    }
  }
  if (sp && perStep > 1) {
    // Every unit draws for itself, and takes the first of four candidates that it is free to take.
    for (let post = 0; post < e; post += 1) {
      if (!(unitInterval(draw(streams.plasticity, 0x10000000 + post)[0]) < perStep / e)) continue;
      const candidates = [
        ...draw(streams.plasticity, 0x20000000 + post),
        ...draw(streams.plasticity, 0x30000000 + post),
      ].map((bits) => bits % e);
      const pre = candidates.find((candidate) => candidate !== post && at(EE, post * e + candidate) === 0);
      if (pre !== undefined) wanted.push([post, pre]);
    }
  }
  const grow = (): void => {
    if (sp) for (const [post, pre] of wanted) EE[post * e + pre] = sp.weight;
  };
  if (sp !== false && sp.order === "beforeScaling") grow();
  if (istdp) {
    for (let post = 0; post < e; post += 1) {
      for (let pre = 0; pre < i; pre += 1) {
        const place = post * i + pre;
        if (at(EI, place) === 0 || y0[pre] === 0) continue;
        const change = -istdp.rate * (1 - (x1[post] ?? 0) * (1 + 1 / istdp.target));
        const weight = Math.min(istdp.maximum, at(EI, place) + change);
        EI[place] = weight <= 0 ? istdp.floor : weight;
      }
    }
  }
  if (ss !== false && ss.excitatory) scaleRows(EE, e);
  if (ss !== false && ss.inhibitory) scaleRows(EI, i);
  if (sp !== false && sp.order === "afterScaling") grow();
  net.x = x1;
  net.y = y1;
  net.step += 1;
  return { x: x1, y: y1, r, ...counts };
}
