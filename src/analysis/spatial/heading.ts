import { ShapeError, ValueError } from "../../errors.ts";

/** How a unit follows the heading. */
export interface HeadingModulation {
  /** (max - min) / (max + min) of the tuning curve, in [0, 1]; 0 for a silent unit. */
  readonly index: number;
  /** Length of the mean vector |Σ r e^{iθ}| / Σ r, in [0, 1]; 0 for a silent unit. */
  readonly vectorLength: number;
  /** Direction of the mean vector, radians in [0, 2π); of a curve that does not vary it means nothing. */
  readonly preferred: number;
}

/**
 * Modulation of a tuning curve by the heading. As it is one of mean rates in bins, that the animal looked more often to
 * one side does not count.
 * @param curve rates of at least 0 in even bins around the circle, [bins]; NaN, where nobody looked, is left out.
 * @throws ShapeError, ValueError
 */
export function headingModulation(curve: ArrayLike<number>): HeadingModulation {
  const label = "headingModulation";
  if (curve.length < 3) throw new ShapeError(`${label}: expected at least 3 bins, got ${curve.length}.`);
  let [x, y, total, least, most] = [0, 0, 0, Number.POSITIVE_INFINITY, 0];
  for (let bin = 0; bin < curve.length; bin += 1) {
    const rate = curve[bin] as number;
    if (Number.isNaN(rate)) continue;
    if (!(rate >= 0 && Number.isFinite(rate)))
      throw new ValueError(`${label}: bin ${bin} is ${rate}; expected a rate of at least 0.`);
    const angle = (2 * Math.PI * (bin + 0.5)) / curve.length;
    x += rate * Math.cos(angle);
    y += rate * Math.sin(angle);
    total += rate;
    least = Math.min(least, rate);
    most = Math.max(most, rate);
  }
  if (least === Number.POSITIVE_INFINITY) throw new ValueError(`${label}: no bin was visited: every value is NaN.`);
  if (total === 0) return { index: 0, vectorLength: 0, preferred: 0 };
  const angle = Math.atan2(y, x);
  return {
    index: (most - least) / (most + least),
    vectorLength: Math.hypot(x, y) / total,
    preferred: angle < 0 ? angle + 2 * Math.PI : angle,
  };
}
