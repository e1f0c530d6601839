import { ShapeError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { TorusParameters } from "./torus.ts";
import { MapStore, type TorusMapOptions, type TorusMaps } from "./torus-maps.ts";
import { PatternTracker, patternOf, type TorusPattern } from "./torus-pattern.ts";
import { planTorusRun, type TorusRunOptions } from "./torus-run.ts";
import { runTorus, simulateTorus } from "./torus-simulate.ts";

/** A walk of several animals through a box, and what is kept of what a sheet does meanwhile. */
export interface TorusExploreOptions extends Omit<TorusRunOptions, "units" | "velocities"> {
  /** [rows, trials, 2] m/s; a row lasts `hold` steps. */
  readonly velocities: ArrayLike<number>;
  /** [trials, 2] m, where the trials begin; default: all at 0. All patterns begin alike, so it should be one place. */
  readonly start?: ArrayLike<number>;
  /** Rate maps of some units. */
  readonly maps?: TorusMapOptions;
  /** Units that the pattern moves for one metre; default: the least-squares fit to this walk. */
  readonly unitsPerMetre?: number;
}

/** How well a sheet integrated a walk, in metres, and its maps. */
export interface TorusExploration {
  /** The pattern after settling, with which the walk began. */
  readonly pattern: TorusPattern;
  /** Units that the pattern moved for one metre, and the period of a unit's grid of fields that follows. */
  readonly unitsPerMetre: number;
  readonly periodM: number;
  /** [frames] seconds since the start. */
  readonly seconds: Float64Array;
  /** [frames, trials, 2] metres from the start: where the animals are, and where the pattern says they are. */
  readonly travelled: Float64Array;
  readonly decoded: Float64Array;
  /** [frames] root mean square over trials of their distance. */
  readonly errorM: Float64Array;
  readonly maps?: TorusMaps;
  /** [trials, side, side] at the end. */
  readonly state: Float32Array;
}

/**
 * Lets a sheet integrate the walks of several animals and measures it on the fly: what the pattern's phases say of the
 * distance travelled against the truth, and rate maps. It settles once, so that all trials begin with the same pattern.
 * @throws ValueError, ShapeError as `runTorus`; ValueError where no pattern forms, or an animal leaves the box of the maps.
 */
export async function exploreTorus(
  device: Device,
  torus: TorusParameters,
  options: TorusExploreOptions,
): Promise<TorusExploration> {
  const { maps, start, unitsPerMetre, initial, settleMs, ...rest } = options;
  const plan = planTorusRun(torus, rest);
  const origin = originOf(start, plan.trials);
  const store = maps && new MapStore(torus, maps, (plan.every * torus.dtMs) / 1000);
  const settled =
    initial ??
    (await simulateTorus(device, torus, { steps: 1, seed: plan.seed, ...(settleMs !== undefined && { settleMs }) }))
      .state;
  const pattern = patternOf(
    torus,
    Array.from({ length: torus.side ** 2 }, (_, unit) => settled[unit] as number),
  );
  const tracker = new PatternTracker(torus, pattern, plan.trials);
  const length = plan.trials * torus.side ** 2;
  tracker.next(Float32Array.from({ length }, (_, at) => settled[at % settled.length] as number));

  const frames = Math.floor(plan.steps / plan.every);
  const width = 2 * plan.trials;
  const travelled = travelOf(torus, options.velocities, plan, frames);
  const moved = new Float64Array(frames * width);
  const blocks = runTorus(device, torus, { ...rest, trials: plan.trials, initial: settled });
  let next = await blocks.next();
  for (; next.done !== true; next = await blocks.next())
    for (let frame = 0; frame < next.value.frames; frame += 1) {
      const index = next.value.first + frame;
      const rates = next.value.rates.subarray(frame * length, (frame + 1) * length);
      moved.set(tracker.next(rates), index * width);
      store?.add(rates, travelled.subarray(index * width, (index + 1) * width), origin);
    }
  const gain = unitsPerMetre ?? fittedGain(moved, travelled);
  const decoded = moved.map((units) => units / gain);
  return {
    ...{
      pattern,
      unitsPerMetre: gain,
      periodM: pattern.spacing / Math.abs(gain),
      travelled,
      decoded,
      state: next.value,
    },
    seconds: Float64Array.from({ length: frames }, (_, frame) => ((frame + 1) * plan.every * torus.dtMs) / 1000),
    errorM: errorsOf(travelled, decoded, plan.trials),
    ...(store && { maps: store.result() }),
  };
}

function originOf(start: ArrayLike<number> | undefined, trials: number): Float64Array {
  const origin = new Float64Array(2 * trials);
  if (start === undefined) return origin;
  if (start.length !== origin.length)
    throw new ShapeError(`torus exploration: start: expected [${trials}, 2] metres, got ${start.length} values.`);
  return Float64Array.from(start);
}

/** [frames, trials, 2] metres from the start after the step of each frame. */
function travelOf(
  torus: TorusParameters,
  velocities: ArrayLike<number>,
  { trials, hold, every }: { readonly trials: number; readonly hold: number; readonly every: number },
  frames: number,
): Float64Array {
  const width = 2 * trials;
  const travelled = new Float64Array(frames * width);
  const place = new Float64Array(width);
  for (let step = 0; step < frames * every; step += 1) {
    const row = Math.floor(step / hold) * width;
    for (let part = 0; part < width; part += 1)
      place[part] = (place[part] as number) + ((velocities[row + part] as number) * torus.dtMs) / 1000;
    if ((step + 1) % every === 0) travelled.set(place, ((step + 1) / every - 1) * width);
  }
  return travelled;
}

/** Units a metre by least squares: moved = gain · travelled. */
function fittedGain(moved: Float64Array, travelled: Float64Array): number {
  let [products, squares] = [0, 0];
  for (const [index, way] of travelled.entries()) {
    products += way * (moved[index] as number);
    squares += way * way;
  }
  if (!(squares > 0) || products === 0)
    throw new ValueError(
      "torus exploration: the pattern or the animals did not move, so that there is no gain to fit.",
    );
  return products / squares;
}

/** Root mean square over trials, frame by frame. */
function errorsOf(travelled: Float64Array, decoded: Float64Array, trials: number): Float64Array {
  const errors = new Float64Array(travelled.length / (2 * trials));
  for (const [index, way] of travelled.entries()) {
    const frame = Math.floor(index / (2 * trials));
    errors[frame] = (errors[frame] as number) + (way - (decoded[index] as number)) ** 2 / trials;
  }
  return errors.map(Math.sqrt);
}
