import { ConfigError } from "../errors.ts";
import { isGated, withArticle } from "../network/cells.ts";
import type { ModelSpec } from "../network/model.ts";
import { type Loss, lossSubject } from "./losses.ts";

/** Terms on the recurrent weights [hidden, hidden] of a network that has one for each pair of units. */
const ofOneSynapse: readonly Loss["type"][] = ["hebbian", "drivePenalty", "omega", "wiringCost"];

/**
 * Refuses terms that do not describe a network of this kind, and an Ω of nothing.
 * @throws ConfigError
 */
export function checkLossesFit(
  losses: readonly Loss[],
  { cell, layers, shortTermPlasticity }: Pick<ModelSpec, "cell" | "layers" | "shortTermPlasticity">,
): void {
  const single = losses.find(({ type }) => ofOneSynapse.includes(type));
  if (single !== undefined && isGated(cell)) {
    throw new ConfigError(
      `${single.type}: is about one synapse between two units, and ${withArticle(cell)} has one for each gate. Leave it out, or use a ctrnn.`,
    );
  }
  const stacked = losses.find((loss) => loss.type === "spectralNorm" && loss.matrix !== "weightHO");
  if (stacked !== undefined && isGated(cell)) {
    throw new ConfigError(
      `spectralNorm: is not worked out of matrices that hold several gates, as those of ${withArticle(cell)}. Take matrix: "weightHO", or a ctrnn.`,
    );
  }
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
