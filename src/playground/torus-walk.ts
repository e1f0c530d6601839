import { vec2 } from "gl-matrix";
import { Random, streams } from "../random.ts";
import {
  type AgentState,
  arenaEnvironment,
  type Intention,
  intentions,
  keyboardAgent,
  keyboardIntention,
  type Region,
  startState,
  stepAgent,
  type Vector,
  walkAgent,
} from "../world/world.ts";
import { TimeStrip } from "./time-strip.ts";

/** Metres of a side of the box, whose lower left corner is at 0. */
export const boxSize = 1.2;
/** The obstacle that can be put into the box. */
export const obstacle: Region & { type: "circle" } = { type: "circle", radius: 0.16, centre: [0.75, 0.7] };

const pathSeconds = 20;
const keyboard = keyboardAgent({ motion: "plane", speed: 0.5 });

/** An animal in a box that goes where the keys say, or by itself. */
export class TorusWalk {
  /** Places [x, y] of the last seconds, a row a step. */
  readonly path: TimeStrip;
  readonly start: Vector;
  readonly #environment: ReturnType<typeof arenaEnvironment>;
  readonly #stepMs: number;
  readonly #wander: () => Intention;
  #animal: AgentState;
  #walked = 0;

  constructor(seed: number, withObstacle: boolean, stepMs: number) {
    this.#stepMs = stepMs;
    this.#environment = arenaEnvironment({
      walls: { type: "box", width: boxSize, height: boxSize, centre: [boxSize / 2, boxSize / 2] },
      obstacles: withObstacle ? [obstacle] : [],
      ...{ start: [0.3, 0.3], heading: Math.PI / 4 },
    });
    this.#animal = startState(this.#environment, new Random(seed, streams.world));
    this.start = this.place;
    const random = new Random(seed, streams.world, 1);
    this.#wander = intentions(walkAgent({ speed: 0.4, turning: 1.5 }), {
      ...{ dimensions: 2, dtMs: stepMs, steps: 1, trials: 1, trial: 0, random },
    });
    this.path = new TimeStrip(Math.round((1000 * pathSeconds) / stepMs), 2);
  }

  get place(): Vector {
    return this.#animal.place as Vector;
  }

  /** Where it looks, rad counter-clockwise from the x axis. */
  get heading(): number {
    return this.#animal.heading;
  }

  /** Metres since the start. */
  get walked(): number {
    return this.#walked;
  }

  /** From where it began to where it is, metres. */
  get displacement(): Vector {
    return vec2.subtract([0, 0], this.place, this.start) as [number, number];
  }

  /** A step; what it wants is told by the keys, or else drawn. @returns the velocity that it had, m/s. */
  advance(keys: ReadonlySet<string>, wander: boolean): Vector {
    const driven = keys.size > 0 || !wander;
    const intention = driven ? keyboardIntention(keyboard, keys, this.#stepMs) : this.#wander();
    const { state, velocity } = stepAgent(this.#environment, this.#animal, intention, this.#stepMs);
    this.#animal = state;
    this.#walked += (vec2.length(velocity as Vector) * this.#stepMs) / 1000;
    this.path.push(state.place);
    return velocity as Vector;
  }
}
