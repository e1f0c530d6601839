import { LimitError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { checkFits, sizeOf, Tensor } from "../gpu/tensor.ts";

/** Shapes of tensors by name. */
export type ShapeTable<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** More than this in one plan is refused before anything is allocated; drivers fail late and badly beyond it. */
const mostPlanBytes = 64 * 2 ** 30;

/**
 * Makes all tensors of a plan, or none: every one is checked against the adapter first.
 * @throws LimitError naming the tensor, the limit, what was asked and what would fit.
 */
export function allocate<Name extends string>(device: Device, table: ShapeTable<Name>): Record<Name, Tensor> {
  const entries = Object.entries(table) as [Name, readonly number[]][];
  let bytes = 0;
  for (const [name, shape] of entries) {
    checkFits(device, name, shape);
    bytes += 4 * sizeOf(shape);
  }
  if (bytes > mostPlanBytes) {
    throw new LimitError(
      `The plan needs ${bytes} bytes in all; at most ${mostPlanBytes} are allocated. Use a smaller batch.`,
    );
  }
  const made: Partial<Record<Name, Tensor>> = {};
  for (const [name, shape] of entries) made[name] = new Tensor(device, name, shape);
  return made as Record<Name, Tensor>;
}
