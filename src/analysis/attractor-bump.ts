import { ValueError } from "../errors.ts";

/** The shape of a bump on a ring of units. */
export interface BumpShape {
  readonly height: number;
  /** The unit of the largest rate, the first of several. */
  readonly peak: number;
  /** Units above the threshold. */
  readonly active: number;
  /** Units at half the height or above. */
  readonly aboveHalf: number;
  /** Full width at half maximum between neighbours, in units; the whole ring where no rate is below half. */
  readonly width: number;
  readonly sum: number;
}

/**
 * Height, width and number of active units of a bump on a ring.
 * @param rates [N], in the order of the ring; @param options.threshold of an active unit, default 0.
 * @throws ValueError for no rates, or one that is not finite.
 */
export function bumpShape(
  rates: ArrayLike<number>,
  { threshold = 0 }: { readonly threshold?: number } = {},
): BumpShape {
  const units = rates.length;
  let [height, sum, peak, active] = [Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let unit = 0; unit < units; unit += 1) {
    const rate = rates[unit] as number;
    if (!Number.isFinite(rate)) throw new ValueError(`bumpShape: expected finite rates, got ${rate} of unit ${unit}.`);
    if (rate > height) [height, peak] = [rate, unit];
    if (rate > threshold) active += 1;
    sum += rate;
  }
  if (units === 0) throw new ValueError("bumpShape: expected the rates of at least one unit, got none.");
  const half = height / 2;
  const at = (unit: number): number => rates[((unit % units) + units) % units] as number;
  const reach = (direction: number): number => {
    for (let distance = 1; distance < units; distance += 1) {
      const [inner, outer] = [at(peak + direction * (distance - 1)), at(peak + direction * distance)];
      if (outer < half) return distance - 1 + (inner - half) / (inner - outer);
    }
    return Number.POSITIVE_INFINITY;
  };
  const aboveHalf = Array.from(rates).filter((rate) => rate >= half).length;
  return { height, peak, active, aboveHalf, width: Math.min(units, reach(-1) + reach(1)), sum };
}
