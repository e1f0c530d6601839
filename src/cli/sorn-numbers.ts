import { type SornParameters, sornRules } from "../plasticity/parameters.ts";
import type { SornSnapshot } from "../plasticity/state.ts";
import { meanAndDeviation, shortNumber } from "../plot/histogram.ts";
import { type AvalancheConfig, measurePhase, measurePool, measureState } from "./sorn-measures.ts";
import type { PhaseResult } from "./sorn-records.ts";

/** One number of a run, of every replica. */
export interface SornNumber {
  /** A phase's name, or `end` for the last state. */
  readonly phase: string;
  readonly name: string;
  /** Of all replicas together: there is one value. */
  readonly pooled?: true;
  /** Null for a replica of which there is none, such as an exponent of what is no power law. */
  readonly values: readonly (number | null)[];
}

/** All numbers of a run that its records allow. */
export function sornNumbers(
  phases: readonly PhaseResult[],
  snapshot: SornSnapshot,
  parameters: readonly [SornParameters, ...SornParameters[]],
  avalanches: AvalancheConfig,
): readonly SornNumber[] {
  return [
    ...phases.flatMap((phase) => [
      ...gather(
        phase.name,
        parameters.map((own, replica) => measurePhase(phase, own, replica, avalanches)),
      ),
      ...(parameters.length === 1 ? [] : gather(phase.name, [measurePool(phase, parameters, avalanches)])).map(
        (number) => ({ ...number, pooled: true as const }),
      ),
    ]),
    ...gather(
      "end",
      snapshot.replicas.map((state, replica) => measureState(state, parameters[replica] as SornParameters)),
    ),
    { phase: "end", name: "new synapses refused", values: snapshot.refused },
  ];
}

/** One row a name that any replica has a number of. */
function gather(phase: string, replicas: readonly Readonly<Record<string, number | undefined>>[]): SornNumber[] {
  const names = [...new Set(replicas.flatMap((own) => Object.keys(own)))];
  return names
    .map((name) => ({ phase, name, values: replicas.map((own) => own[name] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null));
}

/** One line a rule: whether it is on, and its numbers. */
export function ruleTable(parameters: SornParameters): string {
  return sornRules
    .map((name) => {
      const rule = parameters[name];
      const numbers = rule === false ? "off" : Object.entries(rule).map(([key, value]) => `${key} ${shown(value)}`);
      return `${name.padEnd(6)} ${typeof numbers === "string" ? numbers : numbers.join(", ")}`;
    })
    .join("\n");
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > 4) return `${value.length} numbers, one a unit`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function titleOf({ phase, pooled }: SornNumber): string {
  if (phase === "end") return "at the end";
  return `phase ${phase}${pooled ? ", all replicas together" : ""}`;
}

/** The numbers as aligned text: of several replicas their mean and standard deviation, and of how many where not of all. */
export function numberTable(numbers: readonly SornNumber[]): string {
  const widest = Math.max(...numbers.map(({ name }) => name.length));
  const titles = [...new Set(numbers.map(titleOf))];
  return titles
    .flatMap((title) => [
      title,
      ...numbers
        .filter((number) => titleOf(number) === title)
        .map(({ name, values }) => {
          const known = values.filter((value) => value !== null);
          const [mean, deviation] = meanAndDeviation(known);
          const spread = known.length > 1 ? ` ± ${shortNumber(deviation)}` : "";
          const some = known.length < values.length ? ` (${known.length} of ${values.length})` : "";
          return `  ${name.padEnd(widest)}  ${known.length > 1 || !Number.isInteger(mean) ? shortNumber(mean) : mean}${spread}${some}`;
        }),
    ])
    .join("\n");
}

/** The numbers as CSV, one line a replica that has one; those of all together are of replica `all`. */
export function numberCsv(numbers: readonly SornNumber[]): string {
  const lines = numbers.flatMap(({ phase, name, values, pooled }) =>
    values.flatMap((value, replica) =>
      value === null ? [] : [`${phase},"${name.replaceAll('"', '""')}",${pooled ? "all" : replica},${value}`],
    ),
  );
  return `${["phase,name,replica,value", ...lines].join("\n")}\n`;
}
