import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { Tensor } from "../gpu/tensor.ts";
import { concatenate } from "../ops/rules.ts";
import type { Model } from "./model.ts";

/**
 * The distances between hidden units of all replicas on the GPU: [1, H, H] where all replicas agree, else [R, H, H];
 * undefined where they have none. The models must have been checked.
 * @throws ConfigError where only some replicas have distances; nothing is allocated then.
 */
export function distancesTensor(device: Device, models: readonly Model[]): Tensor | undefined {
  const given = models.flatMap(({ distances }) => (distances === undefined ? [] : [distances]));
  const [first, ...others] = given;
  if (first === undefined) return undefined;
  if (given.length < models.length) {
    const has = models.findIndex(({ distances }) => distances !== undefined);
    const lacks = models.findIndex(({ distances }) => distances === undefined);
    throw new ConfigError(`Replica ${has} has distances and replica ${lacks} has none; give all of them or none.`);
  }
  const agrees = (own: Float32Array): boolean => own === first || own.every((value, index) => value === first[index]);
  const kept = others.every(agrees) ? [first] : given;
  const hidden = models[0]?.spec.hidden ?? 0;
  const tensor = new Tensor(device, "distances", [kept.length, hidden, hidden]);
  tensor.write(concatenate(kept));
  return tensor;
}
