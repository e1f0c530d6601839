import { ValueError } from "../errors.ts";
import { type Evaluate, type Expression, evaluator, mentions, uses } from "../io/expression.ts";

/** A user's function: its value, and its derivative by the first of its variables. */
export interface Formula {
  /** What messages call it, such as `activation "swish"`. */
  readonly label: string;
  /** At most four. */
  readonly variables: readonly string[];
  readonly value: Expression;
  readonly slope: Expression;
  /** The lowest and the highest value at which each variable is tried. */
  readonly ranges: readonly (readonly [number, number])[];
  /** The first variable may be any number: it is tried far outside its range, too. */
  readonly unbounded: boolean;
}

/** Values of a formula's variables, in their order. */
export type Point = readonly number[];

const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;
const regularPoints = 32;
const irregularPoints = 32;
const otherPoints = 3;
const goldenRatio = (Math.sqrt(5) - 1) / 2;
const farPoints = [16, 32, 64, 100];

/**
 * Where a formula is tried, in lists of points that differ in the first variable only, those near 0 first. The first
 * variable runs over its range evenly, ends included (0 and the usual kinks are among these), and unevenly, off any kink;
 * every other variable that matters takes a few values. All are float32.
 */
export function formulaPoints({ variables, value, slope, ranges, unbounded }: Formula): (readonly Point[])[] {
  const [[low, high] = [0, 0], ...others] = ranges;
  const width = high - low;
  const first = [
    ...Array.from({ length: regularPoints + 1 }, (_, index) => low + (width * index) / regularPoints),
    ...Array.from({ length: irregularPoints }, (_, index) => low + width * (((index + 1) * goldenRatio) % 1)),
    ...(unbounded ? farPoints.flatMap((point) => [-point, point]) : []),
  ];
  const sorted = [...new Set(first.map(Math.fround))].sort((a, b) => Math.abs(a) - Math.abs(b));
  let rests: number[][] = [[]];
  for (const [index, [lowest, highest]] of others.entries()) {
    const variable = variables[index + 1] as string;
    const count = mentions(value, variable) || mentions(slope, variable) ? otherPoints : 1;
    const values = Array.from({ length: count }, (_, at) =>
      Math.fround(lowest + ((highest - lowest) * at) / (otherPoints - 1)),
    );
    rests = rests.flatMap((rest) => values.map((other) => [...rest, other]));
  }
  return rests.map((rest) => sorted.map((point) => [point, ...rest]));
}

/** `y = 0.5, target = 1`: the variables that matter, at a point. */
export function formatPoint({ variables, value, slope }: Formula, point: Point): string {
  return variables
    .flatMap((name, index) =>
      index === 0 || mentions(value, name) || mentions(slope, name) ? [`${name} = ${short(point[index])}`] : [],
    )
    .join(", ");
}

/** A number as messages show it. */
export function short(value: number | undefined): string {
  return value === undefined ? "nothing" : String(Number(value.toPrecision(6)));
}

/** Whether the first variable of a point lies outside the range that the formula must be good for. */
export function isFar({ ranges: [range] }: Formula, [first = 0]: Point): boolean {
  return range !== undefined && (first < range[0] || first > range[1]);
}

/** Of the range (of the point, where that is larger): from a point to its neighbours. */
const differenceStep = 1e-6;

/** The points just below and just above one, by its first variable; at the end of a bounded range only one of them. */
export function neighbours({ ranges: [range = [0, 0]], unbounded }: Formula, point: Point): Point[] {
  const [low, high] = range;
  const [first = 0, ...rest] = point;
  const step = differenceStep * Math.max(high - low, Math.abs(first));
  return [first - step, first + step].filter((to) => unbounded || (to >= low && to <= high)).map((to) => [to, ...rest]);
}

/** Of the slopes in a point's neighbourhood: what a slope there may differ from the central difference. */
const tolerance = 1e-4;
/** Of the range, from a point to either side: its neighbourhood. */
const neighbourhood = 1 / 16;
/** Of the largest value: what a difference may be off by cancellation within the formula. */
const cancellation = 1e-8;

/** A point, the formula's slope there, and the differences of its value to the two sides. */
interface Tried {
  readonly point: Point;
  readonly slope: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Compares a formula's slope with central differences of its value in float64, where rounding leaves about 1e-10 of them.
 * At a kink, where the differences to the two sides disagree, any slope between them is right.
 * @throws {@link ValueError} for the first slope that is wrong, and for the first value or slope that float32 cannot hold:
 * where, what it is, and what it should be. Far outside the range values may overflow, but not be NaN.
 */
export function checkSlope(formula: Formula): void {
  const value = evaluator(formula.value, formula.variables);
  const slope = evaluator(formula.slope, formula.variables);
  for (const points of formulaPoints(formula)) {
    const tried: Tried[] = [];
    let largest = 0;
    for (const point of points) {
      const here = value(point);
      const given = slope(point);
      if (!isHeld(formula, point, "value", here) || !isHeld(formula, point, "slope", given)) continue;
      if (!isFar(formula, point)) largest = Math.max(largest, Math.abs(here));
      const sides = differences(formula, value, point, here);
      if (sides !== undefined) tried.push({ point, slope: given, ...sides });
    }
    for (const one of tried) checkPoint(formula, one, tried, cancellation * largest);
  }
}

/**
 * Whether float32 can hold a value at a point.
 * @throws {@link ValueError} where it cannot and must.
 */
function isHeld(formula: Formula, point: Point, name: "value" | "slope", value: number): boolean {
  if (Math.abs(value) <= largestFloat32) return true;
  if (isFar(formula, point) && !Number.isNaN(value)) return false;
  const hint = uses(formula[name], "pow") ? " pow(a, b) needs a >= 0: write a * a." : "";
  throw new ValueError(
    `${formula.label}: ${name} is ${value} at ${formatPoint(formula, point)}; it must be finite there.${hint}`,
  );
}

/** (f(x) - f(x - h)) / h and (f(x + h) - f(x)) / h, the smaller one first; nothing at the end of a range. */
function differences(
  formula: Formula,
  value: Evaluate,
  point: Point,
  here: number,
): { readonly least: number; readonly most: number } | undefined {
  const [below, above] = neighbours(formula, point);
  if (below === undefined || above === undefined) return undefined;
  const [x = 0] = point;
  const left = (here - value(below)) / (x - (below[0] ?? 0));
  const right = (value(above) - here) / ((above[0] ?? 0) - x);
  return { least: Math.min(left, right), most: Math.max(left, right) };
}

function checkPoint(
  formula: Formula,
  { point, slope, least, most }: Tried,
  line: readonly Tried[],
  rounding: number,
): void {
  const [[low, high] = [0, 0]] = formula.ranges;
  let usual = 0;
  for (const other of line) {
    if (Math.abs((other.point[0] ?? 0) - (point[0] ?? 0)) > neighbourhood * (high - low)) continue;
    // A jump has an endless slope to one side, which says nothing of what is usual.
    usual = Math.max(usual, Math.min(Math.abs(other.least), Math.abs(other.most)));
  }
  const allowed = tolerance * usual + rounding;
  if (slope >= least - allowed && slope <= most + allowed) return;
  const between = most - least > allowed ? `between ${short(least)} and ${short(most)}` : short((least + most) / 2);
  throw new ValueError(
    `${formula.label}: slope is ${short(slope)} at ${formatPoint(formula, point)}, where the central difference of value is ${between}. Give the derivative of value by ${formula.variables[0]}.`,
  );
}
