import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { checkFftSide, fftSides } from "../ops/fft.ts";
import { type TorusPresetName, torusPresets } from "./torus-presets.ts";

const differenceKernel = z.strictObject({
  /** W0(x) = strength (excitation e^{-γ|x|²} - e^{-β|x|²}), β = 3 / wavelength², γ = ratio β; distances in units. */
  type: z.literal("difference"),
  strength: z.number(),
  excitation: z.number(),
  wavelength: z.number().positive(),
  ratio: z.number().positive(),
});
const gaussianKernel = z.strictObject({
  /**
   * W0(x) = (strength e^{-|x|²/σ²} - offset) 90 / units, σ = width sides of the sheet: as in a sheet of 90 units, whatever
   * their number.
   */
  type: z.literal("gaussian"),
  strength: z.number(),
  width: z.number().positive(),
  offset: z.number(),
});
const velocity = z.discriminatedUnion("type", [
  /** Units prefer one of four directions; their weights reach `shift` units that way, and velocity (m/s) drives them. */
  z.strictObject({ type: z.literal("directions"), shift: z.number(), gain: z.number() }),
  /** Velocity (m/s) multiplies the derivative of the kernel: W(x) - gain v·∇W(x). */
  z.strictObject({ type: z.literal("derivative"), gain: z.number() }),
  /** Velocity (m/s) shifts the kernel: W(x - gain v), in sides of the sheet a step. */
  z.strictObject({ type: z.literal("shift"), gain: z.number() }),
]);
const envelope = z.strictObject({
  /** A(x) = e^{-steepness (|x| - R + taper R)² / (taper R)²} outside of R - taper R, R = side / 2; 1 inside. */
  steepness: z.number().min(0),
  taper: z.number().positive().max(1),
});

const schema = z.strictObject({
  /** Units of a side: a power of two from 8 to 256; an even number from 8 to 128 of an aperiodic sheet. */
  side: z.int().min(fftSides.least).max(fftSides.most),
  /** Units lie on a square grid, or on one of equilateral triangles, whose torus is the twisted one. */
  lattice: z.enum(["square", "rhombic"]),
  boundary: z.enum(["periodic", "aperiodic"]),
  /** Of the input of an aperiodic sheet. */
  envelope,
  dtMs: z.number().positive(),
  tauMs: z.number().positive(),
  kernel: z.discriminatedUnion("type", [differenceKernel, gaussianKernel]),
  velocity,
  activation: z.enum(["relu", "retanh"]),
  /** Constant drive of all units. */
  input: z.number(),
  /** Share of the drive that is divided by the sum of all rates. */
  normalised: z.number().min(0).max(1),
  /**
   * Standard deviation of white noise in the drive at dt = tau. At another time step it is sqrt(tau / dt) times this, so
   * that what it does to the state does not depend on dt.
   */
  noise: z.number().min(0),
});

/** Complete parameters of a two-dimensional attractor sheet, plain data. */
export type TorusParameters = z.output<typeof schema>;

/** What differs from a preset; `kernel`, `velocity` and `envelope` are taken key by key where their type is the same. */
export type TorusOptions = { readonly preset?: TorusPresetName } & {
  readonly [Key in keyof TorusParameters]?: TorusParameters[Key] extends object
    ? Partial<TorusParameters[Key]>
    : TorusParameters[Key];
};

/** Largest side of an aperiodic sheet: its field has twice as many points a side. */
const largestAperiodic = fftSides.most / 2;

/**
 * Parameters of a two-dimensional attractor sheet whose activity is a pattern of bumps on a triangular grid that moves with
 * the velocity: grid cells. Presets: `burak2009` (Burak & Fiete 2009, doi 10.1371/journal.pcbi.1000291; the default),
 * `guanella2007` (Guanella, Kiper & Verschure 2007: twisted torus, one bump), `nsi` (the 2-D option of liuyuezhang/nsi,
 * which has its bumps move against the velocity: `velocity: { gain: -1 }`).
 * @throws ConfigError naming the nearest key; ShapeError for a side that the Fourier transform does not take.
 */
export function torusAttractor(options: TorusOptions = {}): TorusParameters {
  const { preset = "burak2009", ...changes } = options;
  const names = Object.keys(torusPresets) as TorusPresetName[];
  const { preset: name } = parseWith(z.object({ preset: z.enum(names as [TorusPresetName]) }), { preset }, "torus");
  const base: Record<string, unknown> = { ...torusPresets[name] };
  for (const [key, value] of Object.entries(changes)) base[key] = merged(base[key], value);
  const parameters = parseWith(schema, base, "torus");
  const { side, boundary, lattice, dtMs, tauMs } = parameters;
  if (dtMs > tauMs) throw new ConfigError(`torus: dtMs: expected at most tauMs, ${tauMs}, got ${dtMs}.`);
  if (boundary === "periodic") checkFftSide("torus: side of a periodic sheet", side);
  else if (lattice !== "square")
    throw new ConfigError(`torus: lattice: an aperiodic sheet is "square", got "${lattice}".`);
  else if (side % 2 !== 0 || side > largestAperiodic)
    throw new ConfigError(
      `torus: side: expected an even number of at most ${largestAperiodic} for an aperiodic sheet, got ${side}.`,
    );
  return parameters;
}

function merged(base: unknown, value: unknown): unknown {
  if (!isObject(base) || !isObject(value)) return value;
  return value["type"] === undefined || value["type"] === base["type"] ? { ...base, ...value } : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Points of a side of the field in which a sheet is transformed. */
export function fieldSide({ side, boundary }: Pick<TorusParameters, "side" | "boundary">): number {
  return boundary === "periodic" ? side : 2 ** Math.ceil(Math.log2(2 * side - 1));
}
