import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { createModel, type ModelOptions } from "../network/create.ts";
import type { Model } from "../network/model.ts";
import { Network } from "../network/network.ts";
import { checkKeys, checkSeed } from "../structure/options.ts";
import { memberLabel, type OwnSettings } from "./replica-settings.ts";

/** What a member of an ensemble has of its own. */
export interface EnsembleMember {
  /** Key of its initial weights, noise and trials; the network's seed + its number unless given. */
  readonly seed?: number;
  /**
   * In place of the network's options: noise, structure (other masks and signs, of the same sizes), initial weights, and
   * whatever else does not change the architecture.
   */
  readonly network?: Partial<ModelOptions>;
  /** In place of the settings of training: the numbers of the optimiser, the weights of loss terms, the clip limit, … */
  readonly train?: OwnSettings;
}

export type EnsembleOptions = { readonly seeds: readonly number[] } | { readonly settings: readonly EnsembleMember[] };

const memberKeys = ["seed", "network", "train"];
const ownKeys = ["optimizer", "loss", "clip", "seed", "alphaMin", "stop", "keepBest"];

/** Replicas of a network, each with its own settings of training. Made by {@link ensemble}. */
export class Ensemble extends Network {
  /** In place of the settings of training, of each member. */
  readonly own: readonly OwnSettings[];

  /** @throws as Network, and ConfigError where there are not as many settings as models. */
  constructor(device: Device, models: readonly Model[], own: readonly OwnSettings[]) {
    if (own.length !== models.length)
      throw new ConfigError(`ensemble: ${models.length} models, but settings of ${own.length}.`);
    super(device, models);
    this.own = own;
  }
}

/**
 * Several networks that are trained together, in one plan: each with its own seed, and with `settings` also its own
 * learning rate, penalties, clipping, noise, masks and rules of stopping. A member ends up with the weights, bit for bit,
 * that it would have alone; one that diverges stops and is reported, the others go on untouched.
 *
 * ```ts
 * import { adam, ctrnn, dense, ensemble, openDevice, tasks, train } from "cortrain";
 *
 * const device = await openDevice();
 * const network = ctrnn(device, { structure: dense({ inputs: 6, hidden: 32, outputs: 2 }), dtMs: 40 });
 * const members = ensemble(network, {
 *   settings: [1e-3, 3e-3, 1e-2].map((lr) => ({ seed: 1, train: { optimizer: adam({ lr }) } })),
 * });
 * for await (const { replicas } of train(members, tasks.contextDecision(), { steps: 20 })) {
 *   console.log(replicas?.map(({ loss }) => loss));
 * }
 * ```
 *
 * The given network only says what members are made of: its weights have no part in it, and it stays the caller's.
 * @param network made by `ctrnn`, `lstm` or `gru`.
 * @throws ConfigError for a network made of given models, no members, an unknown key, or members of different architecture;
 * what `createModel` throws. What cannot differ in training is refused by `train`.
 */
export function ensemble(network: Network, options: EnsembleOptions): Ensemble {
  checkKeys("ensemble", options, ["seeds", "settings"]);
  const { options: base } = network;
  if (base === undefined)
    throw new ConfigError(
      "ensemble: the network was made of given models, so that there is nothing to draw members from. Make it with ctrnn, lstm or gru, or give Network one model for each member.",
    );
  if ("seeds" in options === "settings" in options)
    throw new ConfigError("ensemble: expected either seeds, one for each member, or settings.");
  const members = "seeds" in options ? options.seeds.map((seed): EnsembleMember => ({ seed })) : options.settings;
  if (members.length === 0) throw new ConfigError("ensemble: expected at least one member, got none.");
  const models = members.map((member, index) => {
    const label = `ensemble: settings[${index}]`;
    checkKeys(label, member, memberKeys);
    checkKeys(memberLabel(index), member.train ?? {}, ownKeys);
    const seed = checkSeed(`${label}.seed`, member.seed ?? (base.seed ?? 0) + index);
    return createModel({ ...base, ...member.network, seed });
  });
  return new Ensemble(
    network.device,
    models,
    members.map((member) => member.train ?? {}),
  );
}
