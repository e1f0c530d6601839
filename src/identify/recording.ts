import { checkSeries } from "../analysis/series.ts";
import { ShapeError, ValueError } from "../errors.ts";

/** Activity of N units with the velocity that drove it: a simulation, or a file. */
export interface Recording {
  readonly steps: number;
  readonly trials: number;
  readonly units: number;
  readonly dtMs: number;
  /** [steps, trials, units]: rates[t] answers velocities[t]. */
  readonly rates: ArrayLike<number>;
  /** [steps, trials, D], rad/s or m/s. */
  readonly velocities: ArrayLike<number>;
  /** [steps, trials], rad, wrapped or not: the true heading after the move of a step. */
  readonly headings?: ArrayLike<number> | undefined;
  /** [steps, trials, D], m. */
  readonly positions?: ArrayLike<number> | undefined;
}

/**
 * Checks the arrays of a recording against its sizes.
 * @returns `rows` = steps × trials, and the number of velocity components.
 * @throws ShapeError naming the array; ValueError for sizes that are no positive integers or a value that is not finite.
 */
export function checkRecording(
  label: string,
  { steps, trials, units, dtMs, rates, velocities, headings, positions }: Recording,
): { readonly rows: number; readonly dimensions: number } {
  for (const [name, size] of Object.entries({ steps, trials, units }))
    if (!Number.isInteger(size) || size < 1)
      throw new ValueError(`${label}: ${name}: expected a positive integer, got ${size}.`);
  if (!(dtMs > 0 && Number.isFinite(dtMs)))
    throw new ValueError(`${label}: dtMs: expected a positive number of milliseconds, got ${dtMs}.`);
  const rows = steps * trials;
  checkLength(`${label}: rates`, rates, `[${steps}, ${trials}, ${units}] (step, trial, unit)`, rows * units);
  const dimensions = velocities.length / rows;
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new ShapeError(
      `${label}: velocities: expected [${steps}, ${trials}, D] (step, trial, component), got ${velocities.length} values.`,
    );
  checkSeries(velocities, `${label}: velocities`);
  if (headings !== undefined) checkLength(`${label}: headings`, headings, `[${steps}, ${trials}] (step, trial)`, rows);
  if (positions !== undefined)
    checkLength(
      `${label}: positions`,
      positions,
      `[${steps}, ${trials}, 1] or [${steps}, ${trials}, 2] (step, trial, component)`,
      positions.length === 2 * rows ? 2 * rows : rows,
    );
  return { rows, dimensions };
}

/** @throws ShapeError for another number of values; ValueError naming the first that is not finite. */
export function checkLength(label: string, values: ArrayLike<number>, shape: string, length: number): void {
  if (values.length !== length) throw new ShapeError(`${label}: expected ${shape}, got ${values.length} values.`);
  checkSeries(values, label);
}

/** Some units of rates [rows, units], in the order of `list`: [rows, list]. */
export function pickUnits(rates: ArrayLike<number>, units: number, list: ArrayLike<number>): Float64Array {
  const rows = rates.length / units;
  const picked = new Float64Array(rows * list.length);
  for (let row = 0, at = 0; row < rows; row += 1)
    for (let index = 0; index < list.length; index += 1, at += 1)
      picked[at] = rates[row * units + (list[index] as number)] as number;
  return picked;
}
