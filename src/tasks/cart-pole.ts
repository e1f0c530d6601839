import { ConfigError, ValueError } from "../errors.ts";
import { Random, streams } from "../random.ts";

/** Where cart and pole are: metres, metres a second, radians from upright, radians a second. */
export interface CartPoleState {
  readonly position: number;
  readonly velocity: number;
  readonly angle: number;
  readonly angularVelocity: number;
}

export interface CartPoleStep {
  readonly state: CartPoleState;
  /** 1 for every step, the last one included. */
  readonly reward: number;
  /** The pole fell, or the cart left the track. */
  readonly terminated: boolean;
  /** Neither, but the episode has had all its steps. */
  readonly truncated: boolean;
}

/** Constants of gym's CartPole-v1. */
export const cartPole = {
  gravity: 9.8,
  cartMass: 1,
  poleMass: 0.1,
  /** Half of the pole, m. */
  halfLength: 0.5,
  /** N, to the left (action 0) or to the right (action 1). */
  force: 10,
  /** s */
  timeStep: 0.02,
  largestAngle: (12 * 2 * Math.PI) / 360,
  largestPosition: 2.4,
  largestStart: 0.05,
  steps: 500,
} as const;

/**
 * One step of a pole on a cart, without friction, by Euler's method:
 * a = (F + m l θ'² sin θ) / M; θ'' = (g sin θ - a cos θ) / (l (4/3 - m cos² θ / M)); x'' = a - m l θ'' cos θ / M,
 * with the pole's mass m, its half length l and the mass M of both (Barto, Sutton & Anderson 1983, IEEE Trans SMC 13:834,
 * without friction, as in gym's CartPole).
 * @param force N, to the right.
 */
export function moveCartPole(state: CartPoleState, force: number): CartPoleState {
  const { gravity, cartMass, poleMass, halfLength, timeStep } = cartPole;
  const { position, velocity, angle, angularVelocity } = state;
  const mass = cartMass + poleMass;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const pushed = (force + poleMass * halfLength * angularVelocity ** 2 * sin) / mass;
  const angular = (gravity * sin - cos * pushed) / (halfLength * (4 / 3 - (poleMass * cos ** 2) / mass));
  const linear = pushed - (poleMass * halfLength * angular * cos) / mass;
  return {
    position: position + timeStep * velocity,
    velocity: velocity + timeStep * linear,
    angle: angle + timeStep * angularVelocity,
    angularVelocity: angularVelocity + timeStep * angular,
  };
}

/** The balancing of a pole on a cart as an environment: gym's CartPole-v1, with its numbers. Episodes differ by seed. */
export class CartPole {
  readonly #random: Random;
  readonly #most: number;
  #state: CartPoleState | undefined;
  #steps = 0;

  /** @param options.steps the longest episode; 500 in CartPole-v1, 200 in v0. @throws ValueError */
  constructor(options: { readonly seed: number; readonly steps?: number }) {
    const { seed, steps = cartPole.steps } = options;
    if (!Number.isInteger(steps) || steps < 1)
      throw new ValueError(`CartPole: steps: expected a positive integer, got ${steps}.`);
    this.#random = new Random(seed, streams.task);
    this.#most = steps;
  }

  /** Begins an episode: all four numbers uniform in ±0.05. */
  reset(): CartPoleState {
    const draw = (): number => this.#random.uniform(-cartPole.largestStart, cartPole.largestStart);
    this.#state = { position: draw(), velocity: draw(), angle: draw(), angularVelocity: draw() };
    this.#steps = 0;
    return this.#state;
  }

  /** Pushes the cart to the left (0) or to the right (1). @throws ConfigError before `reset()` or after the end; ValueError */
  step(action: number): CartPoleStep {
    if (this.#state === undefined)
      throw new ConfigError("CartPole: the episode is over. Call reset() to begin another.");
    if (action !== 0 && action !== 1) throw new ValueError(`CartPole: action: expected 0 or 1, got ${action}.`);
    const state = moveCartPole(this.#state, action === 1 ? cartPole.force : -cartPole.force);
    this.#steps += 1;
    const terminated =
      Math.abs(state.position) > cartPole.largestPosition || Math.abs(state.angle) > cartPole.largestAngle;
    const truncated = !terminated && this.#steps >= this.#most;
    this.#state = terminated || truncated ? undefined : state;
    return { state, reward: 1, terminated, truncated };
  }
}
