import { ConfigError, ValueError } from "../errors.ts";

/**
 * A quantity as two inputs that sum to 1.6 (pycog): 0.4 … 1.2 rising from `lowest` to `highest`, and the same falling.
 * @throws {@link ConfigError} where lowest = highest; the function throws {@link ValueError} for a value that is not between them.
 */
export function opponentRates(
  label: string,
  lowest: number,
  highest: number,
): (value: number) => readonly [rising: number, falling: number] {
  if (!(lowest < highest)) throw new ConfigError(`${label}: expected different values, got only ${lowest}.`);
  const span = highest - lowest;
  return (value) => {
    if (!(value >= lowest && value <= highest))
      throw new ValueError(`${label}: expected a number in [${lowest}, ${highest}], got ${value}.`);
    return [0.4 + (0.8 * (value - lowest)) / span, 0.4 + (0.8 * (highest - value)) / span];
  };
}
