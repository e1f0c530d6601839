import { LimitError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { checkFits, sizeOf, Tensor } from "../gpu/tensor.ts";

/** Shapes of tensors by name. */
export type ShapeTable<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** More than this in one plan is refused before anything is allocated; drivers fail late and badly beyond it. */
const mostPlanBytes = 64 * 2 ** 30;

/** Bytes of all tensors of a plan. */
export function tableBytes(table: Readonly<Record<string, readonly number[]>>): number {
  return Object.values(table).reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
}

/**
 * Checks all tensors of a plan against the adapter, before any is made.
 * @throws LimitError naming the tensor, the limit, what was asked and what would fit.
 */
export function checkAllFit(device: Device, table: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, shape] of Object.entries(table)) checkFits(device, name, shape);
  const bytes = tableBytes(table);
  if (bytes <= mostPlanBytes) return;
  throw new LimitError(
    `The plan needs ${bytes} bytes in all; at most ${mostPlanBytes} are allocated. Use a smaller batch.`,
  );
}

/** Whether {@link checkAllFit} has nothing to say. */
export function allFit(device: Device, table: Readonly<Record<string, readonly number[]>>): boolean {
  try {
    checkAllFit(device, table);
    return true;
  } catch (error) {
    if (error instanceof LimitError) return false;
    throw error;
  }
}

/**
 * Makes all tensors of a plan, or none.
 * @throws LimitError as {@link checkAllFit}.
 */
export function allocate<Name extends string>(device: Device, table: ShapeTable<Name>): Record<Name, Tensor> {
  checkAllFit(device, table);
  const entries = Object.entries(table) as [Name, readonly number[]][];
  return Object.fromEntries(entries.map(([name, shape]) => [name, new Tensor(device, name, shape)])) as Record<
    Name,
    Tensor
  >;
}
