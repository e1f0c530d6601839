/** Sums over whole numbers k of a range, in units of `unit`^-α. */
export interface PowerSums {
  /** Σ (k / unit)^-α */
  readonly total: number;
  /** Σ ln k · (k / unit)^-α */
  readonly logs: number;
}

/** B₂ⱼ / (2j)! for j = 1 … 8 (Bernoulli numbers). */
const bernoulli = [
  ...[1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160],
  ...[-691 / 1307674368000, 1 / 74724249600, -3617 / 10670622842880000],
];
/** From here on the terms of Euler and Maclaurin fall fast. */
const firstSmooth = 20;

/**
 * Σ k^-α and Σ ln k · k^-α for k = `from` … `to`: the normalisation of a discrete power law and the mean it gives to ln k.
 * Up to 20 term by term, then by the formula of Euler and Maclaurin, so that a range of millions costs no more.
 * @param exponent α; above 1 where `to` is Infinity. @param from, to whole numbers from 1 on.
 */
export function powerSums(exponent: number, from: number, to: number, unit = from): PowerSums {
  let [total, logs] = [0, 0];
  const logUnit = Math.log(unit);
  const power = (log: number): number => Math.exp(-exponent * (log - logUnit));
  const smooth = Math.max(from, firstSmooth);
  const direct = to < smooth + 10 ? to : smooth - 1;
  for (let k = from; k <= direct; k += 1) {
    const log = Math.log(k);
    const value = power(log);
    total += value;
    logs += log * value;
  }
  if (direct === to) return { total, logs };
  const integral = integrate(exponent, smooth, to);
  const scale = power(Math.log(smooth)) * smooth;
  total += scale * integral.total;
  logs += scale * (Math.log(smooth) * integral.total + integral.logs);
  for (const [k, sign] of [[smooth, 1] as const, [to, -1] as const]) {
    if (k === Number.POSITIVE_INFINITY) continue;
    const log = Math.log(k);
    const value = power(log);
    total += value / 2;
    logs += (log * value) / 2;
    // f⁽ᵐ⁾(k) = -(α)ₘ k^(-α-m) for odd m, (α)ₘ = α (α+1) … (α+m-1); of ln k · k^-α it is minus the derivative by α.
    // At α = 0 the product of the two still has its limit.
    const alpha = exponent === 0 ? 1e-300 : exponent;
    let [rising, harmonic] = [value * (alpha / k), 1 / alpha];
    for (const [index, factor] of bernoulli.entries()) {
      const order = 2 * index + 1;
      total += sign * factor * rising;
      logs += sign * factor * rising * (log - harmonic);
      rising *= ((exponent + order) * (exponent + order + 1)) / k ** 2;
      harmonic += 1 / (exponent + order) + 1 / (exponent + order + 1);
    }
  }
  return { total, logs };
}

/** ∫ e^{st} dt and ∫ t e^{st} dt over t = 0 … ln(to / from), s = 1 - α. */
function integrate(exponent: number, from: number, to: number): PowerSums {
  const s = 1 - exponent;
  if (to === Number.POSITIVE_INFINITY) return { total: -1 / s, logs: 1 / s ** 2 };
  const length = Math.log(to / from);
  const product = s * length;
  if (Math.abs(product) > 1) {
    const grown = Math.expm1(product);
    return { total: grown / s, logs: (length * (grown + 1)) / s - grown / s ** 2 };
  }
  let [total, logs, term] = [0, 0, 1];
  for (let n = 0; n < 20; n += 1) {
    total += term / (n + 1);
    logs += term / (n + 2);
    term *= product / (n + 1);
  }
  return { total: total * length, logs: logs * length ** 2 };
}
