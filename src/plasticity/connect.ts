import { LimitError } from "../errors.ts";
import type { ProjectionName } from "../ops/sorn/layout.ts";
import { Random, streams } from "../random.ts";
import type { Connection, InputConnection, SornParameters } from "./parameters.ts";
import { targetRate } from "./parameters.ts";
import { projectionSizes, type SornState, type SornSynapses } from "./state.ts";

/** Steps of the random streams, so that one projection never changes another. */
const draws = { EE: 1, EI: 2, IE: 3, EU: 4, thresholds: 5, start: 6, target: 7 } as const;
/** More than these are refused before the first is drawn. */
const mostSynapses = 2 ** 29;

/** Draws the state of a new network. @throws LimitError for more synapses than fit anywhere. */
export function drawState(parameters: SornParameters): SornState {
  const { seed, excitatory, inhibitory, inputs, connections, thresholds, start } = parameters;
  const sizes = projectionSizes(parameters);
  checkSizes(parameters);
  const uniform = new Random(seed, streams.weights, draws.thresholds);
  const active = new Random(seed, streams.weights, draws.start);
  const project = (name: Exclude<ProjectionName, "EU">): SornSynapses =>
    drawProjection(name, connections[name], sizes[name], seed, parameters.preset === "sorn-0.7");
  return {
    thresholdE: Float32Array.from({ length: excitatory }, () => uniform.uniform(...thresholds.excitatory)),
    thresholdI: Float32Array.from({ length: inhibitory }, () => uniform.uniform(...thresholds.inhibitory)),
    x: Uint8Array.from({ length: excitatory }, () => Number(active.uniform() < start.excitatory)),
    y: Uint8Array.from({ length: inhibitory }, () => Number(active.uniform() < start.inhibitory)),
    target: drawTargets(parameters),
    synapses: {
      ...{ EE: project("EE"), EI: project("EI"), IE: project("IE") },
      EU: drawInputs(connections.input, excitatory, inputs, seed),
    },
  };
}

/** @throws LimitError */
function checkSizes(parameters: SornParameters): void {
  const { connections, excitatory, inputs } = parameters;
  const sizes = projectionSizes(parameters);
  for (const name of ["EE", "EI", "IE"] as const) {
    const [rows, columns] = sizes[name];
    const count = rows * expectedInDegree(connections[name], rows, columns);
    if (count > mostSynapses)
      throw new LimitError(
        `connections.${name}: about ${Math.round(count)} synapses; at most ${mostSynapses} are held. Use type "sparse" with a constant inDegree, or fewer units.`,
      );
  }
  const { type } = connections.input;
  if ((type === "dense" || type === "sparse") && excitatory * inputs > mostSynapses)
    throw new LimitError(
      `connections.input: ${type} of ${inputs} inputs to ${excitatory} units are ${excitatory * inputs} pairs; at most ${mostSynapses} are drawn. Use type "pools" or "units".`,
    );
}

function drawTargets(parameters: SornParameters): Float32Array {
  const { ip, seed, excitatory } = parameters;
  const target = ip === false ? 0 : ip.target;
  if (Array.isArray(target)) return Float32Array.from(target);
  if (typeof target === "object") {
    const random = new Random(seed, streams.weights, draws.target);
    return Float32Array.from({ length: excitatory }, () => random.uniform(target.low, target.high));
  }
  return new Float32Array(excitatory).fill(ip === false ? 0 : targetRate(parameters));
}

/**
 * Who is connected, weights U(0, 1), then each unit's sum to 1. A unit that would have no synapse gets two (as in sorn 0.7,
 * where they come from the first fifth of the sources).
 */
function drawProjection(
  name: "EE" | "EI" | "IE",
  connection: Connection,
  [rows, columns]: readonly [number, number],
  seed: number,
  fromFirstFifth: boolean,
): SornSynapses {
  const structure = new Random(seed, streams.structure, draws[name]);
  const weights = new Random(seed, streams.weights, draws[name]);
  const self = name !== "EE";
  const lists =
    connection.outDegree === undefined
      ? Array.from({ length: rows }, (_, row) => {
          const allowed = columns - (self ? 0 : 1);
          const sources = drawSources(structure, connection, columns, allowed);
          return self ? sources : sources.map((source) => source + Number(source >= row));
        })
      : reverseLists(
          Array.from({ length: columns }, (_, column) => {
            const targets = drawDegree(structure, connection.outDegree ?? 0, connection.spread, rows - (self ? 0 : 1));
            const drawn = drawDistinct(structure, rows - (self ? 0 : 1), targets);
            return self ? drawn : drawn.map((target) => target + Number(target >= column));
          }),
          rows,
        );
  const repair = Math.max(fromFirstFifth ? Math.floor(0.2 * columns) : columns, Math.min(columns, 3));
  return joinLists(
    lists.map((sources, row) => {
      if (sources.length > 0) return sources;
      const few = [structure.integer(repair), structure.integer(repair)].filter((source) => self || source !== row);
      if (few.length > 0) return [...new Set(few)];
      const other = row === 0 ? 1 : 0;
      return self ? [0] : other < columns ? [other] : [];
    }),
    (sources) => {
      const drawn = sources.map(() => weights.uniform(2 ** -24, 1));
      const sum = drawn.reduce((total, weight) => total + weight, 0);
      return drawn.map((weight) => weight / sum);
    },
  );
}

function expectedInDegree({ type, inDegree, outDegree, density }: Connection, rows: number, columns: number): number {
  if (type === "dense") return columns;
  return Math.min(
    columns,
    inDegree ?? (outDegree === undefined ? (density ?? 0) * columns : (outDegree * columns) / rows),
  );
}

/** Whole part of a normal number, as in sorn 0.7, held within what is possible. */
function drawDegree(random: Random, mean: number, spread: number | undefined, most: number): number {
  return Math.max(0, Math.min(most, Math.trunc(random.normal(mean, spread ?? 0))));
}

function drawSources(random: Random, connection: Connection, columns: number, allowed: number): number[] {
  const { type, density, inDegree, spread } = connection;
  if (type === "dense") return Array.from({ length: allowed }, (_, source) => source);
  if (density === undefined) return drawDistinct(random, allowed, drawDegree(random, inDegree ?? 0, spread, allowed));
  // Bernoulli of every pair, by the geometric gaps between those that are connected.
  const sources: number[] = [];
  if (density >= 1) return Array.from({ length: Math.min(allowed, columns) }, (_, source) => source);
  const gap = Math.log1p(-density);
  for (let at = -1; ; ) {
    at += 1 + Math.floor(Math.log1p(-random.uniform()) / gap);
    if (at >= allowed) return sources;
    sources.push(at);
  }
}

/** `count` distinct integers in [0, size), rising (Floyd's method). */
function drawDistinct(random: Random, size: number, count: number): number[] {
  const drawn = new Set<number>();
  for (let last = size - count; last < size; last += 1) {
    const candidate = random.integer(last + 1);
    drawn.add(drawn.has(candidate) ? last : candidate);
  }
  return [...drawn].sort((a, b) => a - b);
}

function reverseLists(lists: readonly (readonly number[])[], size: number): number[][] {
  const reversed = Array.from({ length: size }, (): number[] => []);
  for (const [from, targets] of lists.entries()) for (const target of targets) reversed[target]?.push(from);
  return reversed;
}

function joinLists(
  lists: readonly (readonly number[])[],
  weigh: (sources: readonly number[]) => readonly number[],
): SornSynapses {
  const starts = new Uint32Array(lists.length + 1);
  for (const [row, list] of lists.entries()) starts[row + 1] = (starts[row] ?? 0) + list.length;
  const sources = new Uint32Array(starts[lists.length] ?? 0);
  const weights = new Float32Array(sources.length);
  for (const [row, list] of lists.entries()) {
    const sorted = [...list].sort((a, b) => a - b);
    sources.set(sorted, starts[row]);
    weights.set(weigh(sorted), starts[row]);
  }
  return { starts, sources, weights };
}

function drawInputs(connection: InputConnection, excitatory: number, inputs: number, seed: number): SornSynapses {
  const random = new Random(seed, streams.weights, draws.EU);
  const { type, gain, units, size = 0, density = 1 } = connection;
  const targets = ((): readonly (readonly number[])[] => {
    switch (type) {
      case "first":
        return Array.from({ length: inputs }, (_, input) => [input]);
      case "units":
        return (units ?? []).map((each) => [...new Set(each)]);
      case "pools": {
        const order = random.permutation(excitatory);
        return Array.from({ length: inputs }, (_, input) => [...order.subarray(input * size, (input + 1) * size)]);
      }
      default: {
        const chance = type === "dense" ? 1 : density;
        return Array.from({ length: inputs }, () =>
          Array.from({ length: excitatory }, (_, unit) => unit).filter(() => random.uniform() < chance),
        );
      }
    }
  })();
  const drawn = type === "sparse" || type === "dense";
  if (gain === 0) return joinLists(reverseLists([], excitatory), () => []);
  return joinLists(reverseLists(targets, excitatory), (sources) =>
    sources.map(() => (drawn ? random.uniform(2 ** -24, 1) * gain : gain)),
  );
}
