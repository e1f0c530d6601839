/** Workgroups needed to cover `items` with `size` invocations each. */
export function groupsFor(items: number, size: number): number {
  return Math.ceil(items / size);
}

/** Workgroups along one axis that every WebGPU device allows. */
const mostGroups = 65535;

/**
 * A grid of workgroups over `items`, folded into several rows where one would be too long: the item of an invocation is
 * `id.y * groups.x * WORKGROUP_SIZE + id.x`.
 */
export function gridFor(items: number, size: number, z: number): [x: number, y: number, z: number] {
  const groups = groupsFor(items, size);
  const rows = groupsFor(groups, mostGroups);
  return [groupsFor(groups, rows), rows, z];
}

/** The smallest power of two that is at least `value`, held between `low` and `high` (powers of two). */
export function powerOfTwo(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, 2 ** Math.ceil(Math.log2(value))));
}

/** Invocations a workgroup for kernels in which every invocation works alone. */
export const elementwiseSize = 64;
