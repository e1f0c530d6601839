import { type PackageState, sornStateFromPackage } from "../../src/plasticity/package-state.ts";
import type { SornRule } from "../../src/plasticity/parameters.ts";
import { type SornParameters, sornParameters } from "../../src/plasticity/parameters.ts";
import type { GivenSynapse } from "../../src/plasticity/run-options.ts";
import type { SornState } from "../../src/plasticity/state.ts";
import file from "../fixtures/golden/sorn/rules-and-trajectories.json" with { type: "json" };

/** Suggested by who made the numbers: spikes are identical. */
export const sornTolerance = 1e-6;

type Rows = readonly (readonly number[])[];

interface RawPath {
  readonly ne: number;
  readonly ni: number;
  readonly nu: number;
  readonly T: number;
  readonly freeze: readonly string[];
  readonly plastic: boolean;
  readonly init: {
    readonly Wee: Rows;
    readonly Wei: Rows;
    readonly Wie: Rows;
    readonly te: readonly number[];
    readonly ti: readonly number[];
    readonly x: readonly number[];
    readonly y: readonly number[];
  };
  readonly inputs: Rows;
  readonly sp_pairs: Readonly<Record<string, readonly number[]>>;
  readonly x: readonly string[];
  readonly y: readonly string[];
  readonly r: readonly string[];
  readonly ee_count: readonly number[];
  readonly ei_count: readonly number[];
  readonly final: { readonly Wee: Rows; readonly Wei: Rows; readonly te: readonly number[] };
}

/** A path of the Python package sorn 0.7.3: where it starts, what it is given, and what comes of it. */
export interface SornPath {
  readonly name: string;
  readonly parameters: SornParameters;
  readonly state: SornState;
  readonly steps: number;
  readonly freeze: readonly SornRule[];
  /** [steps, inputs] */
  readonly inputs: Float32Array;
  readonly newSynapses: readonly GivenSynapse[];
  /** One word of 0 and 1 a step. */
  readonly x: readonly string[];
  readonly y: readonly string[];
  readonly r: readonly string[];
  readonly countsEE: readonly number[];
  readonly countsEI: readonly number[];
  /** [pre][post] */
  readonly final: { readonly Wee: Rows; readonly Wei: Rows; readonly Te: readonly number[] };
}

const allRules: readonly SornRule[] = ["stdp", "ip", "sp", "istdp", "ss"];

export function sornPaths(): SornPath[] {
  const entries = Object.entries(file as unknown as Readonly<Record<string, Partial<RawPath>>>);
  return entries.flatMap(([name, raw]) => {
    if (raw.init === undefined) return [];
    const { ne, ni, nu, T, freeze, plastic, init, inputs, sp_pairs, x, y, r, ee_count, ei_count, final } =
      raw as RawPath;
    const parameters = sornParameters({ preset: "sorn-0.7", excitatory: ne, inhibitory: ni, inputs: nu });
    const given: PackageState = { ...init, Te: init.te, Ti: init.ti, X: init.x, Y: init.y };
    return [
      {
        ...{ name, parameters, state: sornStateFromPackage(given, parameters), steps: T, x, y, r },
        freeze: plastic ? (freeze as readonly SornRule[]) : allRules,
        inputs: Float32Array.from({ length: T * nu }, (_, at) => inputs[at % nu]?.[Math.floor(at / nu)] ?? Number.NaN),
        newSynapses: Object.entries(sp_pairs).map(([step, pair]) => ({
          ...{ step: Number(step), pre: pair[0] ?? Number.NaN, post: pair[1] ?? Number.NaN },
        })),
        ...{ countsEE: ee_count, countsEI: ei_count },
        final: { Wee: final.Wee, Wei: final.Wei, Te: final.te },
      },
    ];
  });
}

/** The rules alone, on five excitatory and two inhibitory units. */
export const sornSingleRules = file.single_rules;
/** The package's statistics of given spikes. */
export const sornStatistics = file.statistics;
