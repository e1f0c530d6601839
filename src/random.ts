/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy
 * as 1, 2, 3"), keyed by (seed, stream) and counted by (step, index). `shaders/lib/random.wgsl` is the bit-equal twin.
 *
 * Nothing here has state: the number at (seed, stream, step, index) is the same on every adapter, in any order.
 */

/** Separate streams, so that changing the noise never changes the initial weights or the trials. */
export const streams = {
  weights: 1,
  structure: 2,
  task: 3,
  noise: 4,
  validation: 5,
  runNoise: 6,
  shuffle: 7,
  feedback: 8,
  plasticity: 9,
  world: 10,
  /** Trials of earlier stages of a curriculum; the numbers after it are theirs, too, one a stage. */
  curriculum: 256,
} as const;

const parity = 0x1bd11bda;

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/**
 * One Threefry-2x32-20 block.
 * @param key0 seed, key1 stream, counter0 step, counter1 index: unsigned 32-bit integers.
 * @returns two unsigned 32-bit integers.
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): readonly [number, number] {
  const k0 = key0 | 0;
  const k1 = key1 | 0;
  const k2 = parity ^ k0 ^ k1;
  let x = (counter0 + k0) | 0;
  let y = (counter1 + k1) | 0;
  const mix = (bits: number): void => {
    x = (x + y) | 0;
    y = rotateLeft(y, bits) ^ x;
  };
  mix(13);
  mix(15);
  mix(26);
  mix(6);
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;
  mix(17);
  mix(29);
  mix(16);
  mix(24);
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;
  mix(13);
  mix(15);
  mix(26);
  mix(6);
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;
  mix(17);
  mix(29);
  mix(16);
  mix(24);
  x = (x + k1) | 0;
  y = (y + k2 + 4) | 0;
  mix(13);
  mix(15);
  mix(26);
  mix(6);
  x = (x + k2) | 0;
  y = (y + k0 + 5) | 0;
  return [x >>> 0, y >>> 0];
}

/** A 32-bit integer as a uniform number in [0, 1): its upper 24 bits, so that float32 holds it exactly. */
export function unitInterval(bits: number): number {
  return (bits >>> 8) * 2 ** -24;
}

/** Two 32-bit integers as two independent standard normal numbers (Box–Muller). */
export function normalPair(bits0: number, bits1: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(((bits0 >>> 8) + 1) * 2 ** -24));
  const angle = 2 * Math.PI * unitInterval(bits1);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** A position in one random stream, for host code that draws one number after another. */
export class Random {
  readonly seed: number;
  readonly stream: number;
  readonly step: number;
  #index = 0;
  #spareNormal: number | undefined;

  /** @param seed, stream, step unsigned 32-bit integers; the draws are numbered 0, 1, 2, … within them. */
  constructor(seed: number, stream: number, step = 0) {
    this.seed = seed >>> 0;
    this.stream = stream >>> 0;
    this.step = step >>> 0;
  }

  #next(): readonly [number, number] {
    const pair = threefry2x32(this.seed, this.stream, this.step, this.#index);
    this.#index += 1;
    return pair;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * unitInterval(this.#next()[0]);
  }

  /** A standard normal number, scaled and shifted. */
  normal(mean = 0, standardDeviation = 1): number {
    let value = this.#spareNormal;
    if (value === undefined) {
      const [bits0, bits1] = this.#next();
      const [first, second] = normalPair(bits0, bits1);
      value = first;
      this.#spareNormal = second;
    } else {
      this.#spareNormal = undefined;
    }
    return mean + standardDeviation * value;
  }

  /** A uniform integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** One element of a non-empty list. */
  choice<Item>(items: readonly Item[]): Item {
    const item = items[this.integer(items.length)];
    if (item === undefined) throw new RangeError("choice: the list is empty");
    return item;
  }

  /** The integers 0 … count-1 in random order (Fisher–Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last -= 1) {
      const other = this.integer(last + 1);
      const kept = order[last] as number;
      order[last] = order[other] as number;
      order[other] = kept;
    }
    return order;
  }
}
