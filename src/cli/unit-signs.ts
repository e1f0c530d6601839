import type { Model } from "../network/model.ts";

/** The sign of each hidden unit [H] as presynaptic partner, from the columns of sign_hh; undefined where there are none. */
export function unitSigns({ spec, signs }: Model): Float32Array | undefined {
  const { hidden } = spec;
  const given = signs.weightHH;
  if (given === undefined) return undefined;
  const found = new Float32Array(hidden);
  for (const [index, sign] of given.entries()) if (sign !== 0) found[index % hidden] = sign;
  return found;
}

/** The hidden units in words: how many, in which areas, how many of each sign. */
export function describeUnits(model: Model): string {
  const { hidden, areas, inputs, outputs } = model.spec;
  const signs = unitSigns(model);
  const count = (from: number, to: number): string => {
    const part = signs?.subarray(from, to);
    if (part === undefined) return `${to - from} units`;
    const excitatory = part.filter((sign) => sign > 0).length;
    const inhibitory = part.filter((sign) => sign < 0).length;
    return `${to - from} units, ${excitatory} E, ${inhibitory} I`;
  };
  const lines = areas.map(({ name, from, to }) => `  ${name}: ${count(from, to)}`);
  return [`network: ${inputs} inputs, ${count(0, hidden)}, ${outputs} outputs`, ...lines].join("\n");
}
