import type { ModelSpec } from "../network/model.ts";
import { type Activations, activationCode, mixedCode } from "./custom-activations.ts";
import { type Layout, unitProperties } from "./layout.ts";

/** Which code path of shaders/lib/unit.wgsl a model needs. */
export interface UnitOverrides {
  readonly ACTIVATION: number;
  readonly UNIT_GAIN: boolean;
}

/** Whether the kernels keep the state of short-term plasticity: the override of shaders/lib/synapse.wgsl. */
export function synapseOverride({ shortTermPlasticity }: Pick<ModelSpec, "shortTermPlasticity">) {
  return { SYNAPSES: shortTermPlasticity !== undefined };
}

/** The overrides of the kernels that turn preactivations into rates. */
export function unitOverrides(spec: Activations): UnitOverrides {
  const { activation, units } = spec;
  const differs = (values: readonly number[] | undefined, usual: number): boolean =>
    values?.some((value) => value !== usual) ?? false;
  return {
    ACTIVATION: units?.activation === undefined ? activationCode(activation, spec) : mixedCode,
    UNIT_GAIN: differs(units?.gain, 1) || differs(units?.threshold, 0),
  };
}

/** release, recovery, facilitation and seconds of one unit's synapses: shaders/lib/synapse.wgsl. */
function synapseConstants(
  { shortTermPlasticity: synapses, dtMs }: Pick<ModelSpec, "shortTermPlasticity" | "dtMs">,
  unit: number,
): readonly number[] {
  if (synapses === undefined || dtMs === undefined || synapses.fixed?.[unit]) return [1, 0, 0, 0];
  const of = (values: number | readonly number[]): number =>
    typeof values === "number" ? values : (values[unit] ?? Number.NaN);
  return [of(synapses.release), dtMs / of(synapses.recoveryMs), dtMs / of(synapses.facilitationMs), dtMs / 1000];
}

/** The blocks of unit properties, each [hidden4 * 4], as the kernels read them. */
export function unitBlocks(
  spec: Activations & Pick<ModelSpec, "shortTermPlasticity" | "dtMs">,
  layout: Layout,
): Float32Array {
  const { activation, units } = spec;
  const { hidden, hidden4 } = layout;
  const blocks = new Float32Array(unitProperties * hidden4 * 4);
  for (let unit = 0; unit < hidden; unit += 1) {
    const properties = [
      units?.gain?.[unit] ?? 1,
      units?.threshold?.[unit] ?? 0,
      units?.noisePre?.[unit] ?? 1,
      units?.noisePost?.[unit] ?? 1,
      activationCode(units?.activation?.[unit] ?? activation, spec),
      ...synapseConstants(spec, unit),
    ];
    for (const [block, value] of properties.entries()) blocks[block * hidden4 * 4 + unit] = value;
  }
  return blocks;
}
