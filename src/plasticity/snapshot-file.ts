import { z } from "zod";
import { FileFormatError, ValueError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import { parseJson, parseWith } from "../io/config.ts";
import { decodeSafetensors, encodeSafetensors } from "../io/safetensors.ts";
import { type ProjectionName, projectionNames } from "../ops/sorn/layout.ts";
import type { SornSnapshot, SornState, SornSynapses } from "./state.ts";

const metadataKey = "cortrain/sorn";
const count = z.int().min(0).max(0xffffffff);
const headSchema = z
  .strictObject({
    format: z.literal("cortrain/sorn@1"),
    step: count,
    seeds: z.array(count).min(1),
    settled: z.boolean(),
    refused: z.array(count),
  })
  .superRefine(({ seeds, refused }, context) => {
    if (refused.length === seeds.length) return;
    const message = `expected one number for each of ${seeds.length} seeds, got ${refused.length}`;
    context.addIssue({ code: "custom", message, path: ["refused"], params: { complete: true } });
  });

const unitNames = ["x", "y", "thresholdE", "thresholdI", "target"] as const;
/** The largest whole number that is one in float32. */
const exact = 2 ** 24;

/**
 * A snapshot as one `.safetensors` file of float32: of replica k `k.x`, `k.y`, `k.thresholdE`, `k.thresholdI`, `k.target`, and
 * of each projection, such as EE, `k.EE.degrees` [units], `k.EE.sources` and `k.EE.weights` [synapses], by rising unit and
 * source. The rest is in its metadata.
 * @throws ValueError for more units than float32 can number.
 */
export function encodeSnapshot({ replicas, ...head }: SornSnapshot): Uint8Array {
  const tensors = new Map<string, ArrayData>();
  const add = (name: string, values: ArrayLike<number>): void => {
    tensors.set(name, { shape: [values.length], data: Float32Array.from(values) });
  };
  for (const [replica, state] of replicas.entries()) {
    if (Math.max(state.x.length, state.y.length) > exact)
      throw new ValueError(`encodeSnapshot: expected at most ${exact} units, got ${state.x.length}.`);
    for (const name of unitNames) add(`${replica}.${name}`, state[name]);
    for (const name of projectionNames) {
      const { starts, sources, weights } = state.synapses[name];
      // Degrees are small where starts may be beyond what float32 holds.
      add(
        `${replica}.${name}.degrees`,
        Array.from(starts.subarray(1), (end, unit) => end - (starts[unit] ?? 0)),
      );
      add(`${replica}.${name}.sources`, sources);
      add(`${replica}.${name}.weights`, weights);
    }
  }
  const metadata: z.input<typeof headSchema> = { ...head, seeds: [...head.seeds], refused: [...head.refused] };
  return encodeSafetensors(tensors, { [metadataKey]: JSON.stringify(metadata) });
}

/**
 * Reads what {@link encodeSnapshot} wrote. Shapes must agree and numbers be finite; that they fit a network is checked by
 * `Sorn.restore`.
 * @throws FileFormatError, ConfigError naming `label`.
 */
export function decodeSnapshot(bytes: Uint8Array, label: string): SornSnapshot {
  const { tensors, metadata } = decodeSafetensors(bytes, label);
  const text = metadata[metadataKey];
  if (text === undefined)
    throw new FileFormatError(`${label}: expected a snapshot of a self-organising network (${metadataKey} is missing)`);
  const head = parseWith(headSchema, parseJson(text, `${label}: ${metadataKey}`), `${label}: ${metadataKey}`);
  const read = (name: string, length?: number): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new FileFormatError(`${label}: the tensor ${name} is missing`);
    const { shape, data } = tensor;
    if (shape.length !== 1 || (length !== undefined && data.length !== length))
      throw new FileFormatError(
        `${label}: ${name}: expected shape [${length ?? "n"}], got [${shape.join(", ")}]; is the file damaged?`,
      );
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new FileFormatError(`${label}: ${name}[${wrong}] is ${data[wrong]}; expected a finite number`);
    return data;
  };
  const wholes = (name: string, most: number, length?: number): Uint32Array => {
    const values = read(name, length);
    const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > most);
    if (wrong >= 0)
      throw new FileFormatError(
        `${label}: ${name}[${wrong}] is ${values[wrong]}; expected a whole number up to ${most}`,
      );
    return Uint32Array.from(values);
  };
  const synapsesOf = (prefix: string, units: number): SornSynapses => {
    const degrees = wholes(`${prefix}.degrees`, exact, units);
    // In float64, so that no sum of what a file may hold comes round to a small number.
    const total = degrees.reduce((sum, degree) => sum + degree, 0);
    const sources = wholes(`${prefix}.sources`, exact, total);
    const weights = read(`${prefix}.weights`, total);
    const starts = new Uint32Array(degrees.length + 1);
    degrees.forEach((degree, unit) => {
      starts[unit + 1] = (starts[unit] ?? 0) + degree;
    });
    return { starts, sources, weights };
  };
  const replicas = head.seeds.map((_, replica): SornState => {
    const [x, y] = [wholes(`${replica}.x`, 1), wholes(`${replica}.y`, 1)];
    const synapses = projectionNames.map((name) => {
      const units = name === "IE" ? y.length : x.length;
      return [name, synapsesOf(`${replica}.${name}`, units)] as const;
    });
    return {
      ...{ x: Uint8Array.from(x), y: Uint8Array.from(y) },
      thresholdE: read(`${replica}.thresholdE`, x.length),
      thresholdI: read(`${replica}.thresholdI`, y.length),
      target: read(`${replica}.target`, x.length),
      synapses: Object.fromEntries(synapses) as Record<ProjectionName, SornSynapses>,
    };
  });
  return { ...head, replicas };
}
