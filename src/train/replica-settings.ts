import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { Loss } from "../loss/losses.ts";
import type { Network } from "../network/network.ts";
import type { ClipMode } from "../ops/update.ts";
import { optimizerKind } from "./optimizer.ts";
import { type TrainSettings, type TrainSettingsInput, trainSchema } from "./options.ts";

/** The settings of one replica: whole, with its own seed of trials and noise. */
export type ReplicaSettings = TrainSettings & { readonly seed: number };

/** The settings of a training run, and of each of its replicas. */
export interface RunSettings extends TrainSettings {
  readonly replicas: readonly ReplicaSettings[];
}

/** What a replica may have of its own; everything else belongs to the plan that all share. */
export type OwnSettings = Partial<
  Pick<TrainSettingsInput, "optimizer" | "loss" | "clip" | "seed" | "alphaMin" | "stop" | "keepBest">
>;

/** A limit that no gradient reaches. */
const noLimit = 3e38;

/** The limit of clipping on the GPU. */
export function clipLimit(clip: TrainSettings["clip"]): number {
  if (clip === undefined) return noLimit;
  return typeof clip === "number" ? clip : clip.limit;
}

/** The loss terms of each replica, where they have weights of their own. */
export function weightedLosses({ replicas }: RunSettings): readonly (readonly Loss[])[] {
  return replicas.map(({ loss }) => loss);
}

/**
 * Completes what all replicas share with what is each one's own. Replica k's seed is the given one + k, or its model's.
 * @param own of each replica, where the network is an ensemble.
 * @throws ConfigError for an unknown setting, or one that cannot differ between replicas, naming the member.
 */
export function runSettingsOf(
  network: Network,
  given: TrainSettingsInput,
  own: readonly OwnSettings[] = [],
): RunSettings {
  const shared = parseWith(trainSchema, given, "train");
  const replicas = network.seeds.map((modelSeed, replica) => {
    const mine = own[replica];
    const settings = mine === undefined ? shared : parseWith(trainSchema, { ...given, ...mine }, memberLabel(replica));
    const seed = mine?.seed ?? (shared.seed === undefined ? modelSeed : shared.seed + replica);
    return { ...settings, seed };
  });
  const [first, ...others] = replicas;
  if (first === undefined) throw new RangeError("A network has at least one replica.");
  for (const [index, other] of others.entries()) checkAlike(first, other, index + 1);
  const modes = new Set(replicas.flatMap(({ clip }) => (clip === undefined ? [] : [clipMode(clip)])));
  if (modes.size > 1)
    throw new ConfigError(`ensemble: clip: members clip by ${[...modes].join(" and ")}; only the limit may differ.`);
  const clip = replicas.find((each) => each.clip !== undefined)?.clip;
  const { seed: _seed, ...rest } = first;
  return {
    ...rest,
    ...(shared.seed !== undefined && { seed: shared.seed }),
    ...(clip !== undefined && { clip }),
    replicas,
  };
}

/** How errors name a member. */
export function memberLabel(replica: number): string {
  return `ensemble: settings[${replica}].train`;
}

/** How gradients are clipped; a mere number is the limit of the global norm. */
export function clipMode(clip: NonNullable<TrainSettings["clip"]>): Exclude<ClipMode, "none"> {
  return typeof clip === "number" ? "globalNorm" : clip.mode;
}

/** @throws ConfigError where two replicas would need different kernels. */
function checkAlike(first: ReplicaSettings, other: ReplicaSettings, replica: number): void {
  const kind = ({ optimizer }: ReplicaSettings): string =>
    `${optimizerKind(optimizer)}${optimizer.type === "sgd" && optimizer.nesterov ? " with nesterov" : ""}`;
  if (kind(first) !== kind(other))
    throw new ConfigError(
      `${memberLabel(replica)}: optimizer: expected ${kind(first)}, as the first member, got ${kind(other)}; its numbers may differ.`,
    );
  const terms = ({ loss }: ReplicaSettings): string => JSON.stringify(loss.map((term) => ({ ...term, weight: 0 })));
  if (terms(first) !== terms(other))
    throw new ConfigError(
      `${memberLabel(replica)}: loss: expected the terms of the first member; only their weights may differ (0 switches one off).`,
    );
}
