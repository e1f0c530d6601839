import { ConfigError } from "../errors.ts";
import type { ModelSpec } from "../network/model.ts";
import { type Loss, lossSubject } from "./losses.ts";

/**
 * Refuses terms that do not describe a network of this kind, and an Ω of nothing.
 * @throws ConfigError
 */
export function checkLossesFit(
  losses: readonly Loss[],
  { layers, shortTermPlasticity }: Pick<ModelSpec, "layers" | "shortTermPlasticity">,
): void {
  const changing = losses.find(({ type }) => type === "omega" || type === "drivePenalty");
  if (changing !== undefined && shortTermPlasticity !== undefined) {
    throw new ConfigError(
      `${changing.type}: counts on synapses of constant strength, and this network has shortTermPlasticity. Leave out one of the two.`,
    );
  }
  if (losses.every(({ type }) => type !== "omega")) return;
  if (layers !== undefined && layers.length > 1) {
    throw new ConfigError(
      `omega: counts on synapses that act one time step later, and this network has ${layers.length} layers, updated one after the other. Leave out one of the two.`,
    );
  }
  if (losses.every((loss) => lossSubject(loss) === "weights")) {
    throw new ConfigError(
      "omega: is about the gradients of other terms by the states, and no other term has any. Add one on outputs or rates, such as meanSquaredError.",
    );
  }
}
