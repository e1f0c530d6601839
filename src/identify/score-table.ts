import { ShapeError, ValueError } from "../errors.ts";

/** Scores by name; `undefined` where a network has no such score. */
export type Scores = Readonly<Record<string, number | undefined>>;

/** What one way of identification reached, such as a trained network or a baseline. */
export interface ScoredMethod {
  readonly name: string;
  /** One for each seed, or network. */
  readonly seeds: readonly Scores[];
}

/** A score over seeds. */
export interface ScoreSummary {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Of each seed. */
  readonly values: readonly (number | undefined)[];
}

/**
 * The numbers of scores such as `{ connectivity, shifter, freeRun }` under names with dots. A list over velocity components
 * is numbered if there are several; entries that have a `step` are named by it; curves (typed arrays) and lists of units
 * are no scores and are left out.
 * @throws ValueError for a number that is not finite.
 */
export function flattenScores(scores: object): Scores {
  const flat: Record<string, number | undefined> = {};
  const visit = (name: string, value: unknown): void => {
    if (value === undefined) flat[name] = undefined;
    else if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new ValueError(`scores: ${name} is ${value}; expected a finite number.`);
      flat[name] = value;
    } else if (Array.isArray(value)) visitList(name, value);
    else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value))
      for (const [key, part] of Object.entries(value)) visit(name === "" ? key : `${name}.${key}`, part);
  };
  const visitList = (name: string, list: readonly unknown[]): void => {
    list.forEach((value, index) => {
      if (value === undefined || typeof value === "number") visit(list.length === 1 ? name : `${name}.${index}`, value);
      else if (typeof value === "object" && value !== null && "step" in value) {
        const { step, ...rest } = value;
        visit(`${name}.${String(step)}`, rest);
      }
    });
  };
  visit("", scores);
  return flat;
}

/** Every score of every method: median and range over seeds; `undefined` where no seed has it. */
export function summariseScores(
  methods: readonly ScoredMethod[],
): Readonly<Record<string, Readonly<Record<string, ScoreSummary | undefined>>>> {
  const names = checkMethods(methods);
  return Object.fromEntries(
    methods.map(({ name, seeds }) => [
      name,
      Object.fromEntries(names.map((score) => [score, summaryOf(seeds.map((scores) => scores[score]))])),
    ]),
  );
}

/** An aligned text: a line for each score, a column for each method; `median [least, greatest]` of several seeds. */
export function scoreTable(
  methods: readonly ScoredMethod[],
  { digits = 3 }: { readonly digits?: number } = {},
): string {
  const names = checkMethods(methods);
  const summaries = summariseScores(methods);
  const header = [
    "score",
    ...methods.map(({ name, seeds }) => (seeds.length > 1 ? `${name} (${seeds.length} seeds)` : name)),
  ];
  const lines = names.map((score) => [score, ...methods.map(({ name }) => cellOf(summaries[name]?.[score], digits))]);
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => (line[column] ?? "").length)));
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A CSV file: a line for each score and method with median, minimum, maximum and the value of each seed. */
export function scoreCsv(methods: readonly ScoredMethod[]): string {
  const names = checkMethods(methods);
  const summaries = summariseScores(methods);
  const most = Math.max(...methods.map(({ seeds }) => seeds.length));
  const header = [
    "score",
    "method",
    "median",
    "minimum",
    "maximum",
    ...Array.from({ length: most }, (_, k) => `seed_${k}`),
  ];
  const lines = names.flatMap((score) =>
    methods.map(({ name }) => {
      const summary = summaries[name]?.[score];
      return [
        ...[score, name, summary?.median, summary?.minimum, summary?.maximum],
        ...Array.from({ length: most }, (_, k) => summary?.values[k]),
      ];
    }),
  );
  return `${[header, ...lines].map((line) => line.map(csvCell).join(",")).join("\n")}\n`;
}

/** The names of all scores, in the order of their first appearance. */
function checkMethods(methods: readonly ScoredMethod[]): string[] {
  if (methods.length === 0) throw new ShapeError("scores: expected at least one method.");
  const known = new Set<string>();
  for (const { name, seeds } of methods) {
    if (known.has(name)) throw new ValueError(`scores: two methods are named "${name}"; give each its own name.`);
    known.add(name);
    if (seeds.length === 0)
      throw new ShapeError(`scores: "${name}" has no seeds; expected the scores of one at least.`);
  }
  const names = [...new Set(methods.flatMap(({ seeds }) => seeds.flatMap((scores) => Object.keys(scores))))];
  // What stands under a name in one network may be absent, under the name itself, in another: then it says nothing more.
  const absent = (name: string): boolean =>
    methods.every(({ seeds }) => seeds.every((scores) => scores[name] === undefined));
  return names.filter((name) => !absent(name) || !names.some((other) => other.startsWith(`${name}.`)));
}

/** `undefined` where no value is known. */
export function summaryOf(values: readonly (number | undefined)[]): ScoreSummary | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const [least, greatest] = [known[0], known.at(-1)];
  if (least === undefined || greatest === undefined) return undefined;
  const middle = (known.length - 1) / 2;
  const median = ((known[Math.floor(middle)] as number) + (known[Math.ceil(middle)] as number)) / 2;
  return { median, minimum: least, maximum: greatest, values };
}

function cellOf(summary: ScoreSummary | undefined, digits: number): string {
  if (summary === undefined) return "-";
  const text = (value: number): string =>
    Number.isInteger(value) ? String(value) : Number(value.toPrecision(digits)).toString();
  const { median, minimum, maximum, values } = summary;
  if (values.length === 1) return text(median);
  const missing = values.filter((value) => value === undefined).length;
  return `${text(median)} [${text(minimum)}, ${text(maximum)}]${missing > 0 ? ` of ${values.length - missing}` : ""}`;
}

/** RFC 4180. */
function csvCell(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
