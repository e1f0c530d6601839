import { ConfigError } from "../errors.ts";
import type { Activation, CustomActivation } from "../io/activation-schema.ts";
import type { ModelJsonInput } from "../io/model-schema.ts";

/** A built-in activation, a custom one, or the name of one in `customActivations`. */
export type ActivationOption = Activation | CustomActivation | (string & Record<never, never>);

/** How activations may be given where a network is made. */
export interface ActivationOptions {
  /** Of all units that have none of their own; default "relu". */
  readonly activation?: ActivationOption | undefined;
  /** Custom activations by name, as in `model.json`; those given as objects need not be here. */
  readonly customActivations?: ModelJsonInput["customActivations"];
  readonly units?: UnitOptions | undefined;
}

/** Properties of single units, each a list with one entry for every hidden unit. */
export interface UnitOptions extends Omit<NonNullable<ModelJsonInput["units"]>, "activation"> {
  readonly activation?: readonly ActivationOption[] | undefined;
}

/**
 * Activations as `model.json` has them: names, and a table of the custom ones.
 * @throws {@link ConfigError} where two different activations have one name.
 */
export function namedActivations({ activation, customActivations, units }: ActivationOptions): {
  readonly activation?: string;
  readonly customActivations?: Record<string, Omit<CustomActivation, "name">>;
  readonly units?: Omit<UnitOptions, "activation"> & { readonly activation?: string[] };
} {
  const table = { ...customActivations };
  const nameOf = (option: ActivationOption): string => {
    if (typeof option !== "object" || option === null) return option;
    const { name, ...formula } = option as CustomActivation;
    if (typeof name !== "string") {
      throw new ConfigError(`activation: a custom one has the keys name, value, slope; got ${Object.keys(option)}.`);
    }
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    if (known !== undefined && (known.value !== formula.value || known.slope !== formula.slope)) {
      throw new ConfigError(`activation "${name}": two different activations have this name; rename one of them.`);
    }
    table[name] = formula;
    return name;
  };
  const { activation: perUnit, ...properties } = units ?? {};
  // What is no list is left to the schema.
  const ownNames = Array.isArray(perUnit) ? perUnit.map(nameOf) : (perUnit as undefined);
  return {
    ...(activation !== undefined && { activation: nameOf(activation) }),
    ...(units !== undefined && { units: { ...properties, ...(ownNames && { activation: ownNames }) } }),
    ...(Object.keys(table).length > 0 && { customActivations: table }),
  };
}
