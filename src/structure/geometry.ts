/** Where hidden units lie. */
export const layouts = ["line", "ring", "sheet", "sphere"] as const;
export type Layout = (typeof layouts)[number];

const dimensions: Readonly<Record<Layout, number>> = { line: 1, ring: 2, sheet: 2, sphere: 3 };

/**
 * Coordinates of evenly spread units [H, D]. `line`: centres of H cells of a line of length `extent`. `ring`: a circle of
 * circumference `extent`, counter-clockwise from (radius, 0). `sheet`: centres of a square grid, row by row,
 * ⌈√H⌉ columns wide, its width `extent`. `sphere`: the Fibonacci sphere of radius `extent` (González 2010, "Measurement
 * of areas on a sphere using Fibonacci and latitude–longitude lattices").
 */
export function unitPositions(layout: Layout, hidden: number, extent: number): Float32Array {
  const positions = new Float32Array(hidden * dimensions[layout]);
  const columns = Math.ceil(Math.sqrt(hidden));
  const goldenAngle = Math.PI * (3 - Math.sqrt(5));
  for (let unit = 0; unit < hidden; unit += 1) {
    if (layout === "line") {
      positions[unit] = (extent * (unit + 0.5)) / hidden;
    } else if (layout === "ring") {
      const angle = (2 * Math.PI * unit) / hidden;
      const radius = extent / (2 * Math.PI);
      positions.set([radius * Math.cos(angle), radius * Math.sin(angle)], unit * 2);
    } else if (layout === "sheet") {
      const spacing = extent / columns;
      positions.set([((unit % columns) + 0.5) * spacing, (Math.floor(unit / columns) + 0.5) * spacing], unit * 2);
    } else {
      const height = 1 - (2 * unit + 1) / hidden;
      const radius = Math.sqrt(1 - height * height);
      const angle = goldenAngle * unit;
      positions.set(
        [radius * Math.cos(angle), radius * Math.sin(angle), height].map((x) => x * extent),
        unit * 3,
      );
    }
  }
  return positions;
}

/** Distance of two units along the layout: straight on a line and a sheet, along the arc on a ring and a sphere. */
function distance(layout: Layout, hidden: number, extent: number, at: Float32Array, i: number, j: number): number {
  if (layout === "ring") {
    const apart = Math.abs(i - j);
    return (extent * Math.min(apart, hidden - apart)) / hidden;
  }
  const axes = dimensions[layout];
  let squared = 0;
  for (let axis = 0; axis < axes; axis += 1) {
    const difference = (at[i * axes + axis] as number) - (at[j * axes + axis] as number);
    squared += difference * difference;
  }
  // Chord to arc; the asin form is accurate for near units, where acos of the dot product is not.
  return layout === "sphere"
    ? 2 * extent * Math.asin(Math.min(1, Math.sqrt(squared) / (2 * extent)))
    : Math.sqrt(squared);
}

/** Distances between all units [H, H], symmetric, 0 on the diagonal, in the unit of `extent`. */
export function unitDistances(layout: Layout, positions: Float32Array, hidden: number, extent: number): Float32Array {
  const distances = new Float32Array(hidden * hidden);
  for (let i = 0; i < hidden; i += 1)
    for (let j = 0; j < i; j += 1) {
      const apart = distance(layout, hidden, extent, positions, i, j);
      distances[i * hidden + j] = apart;
      distances[j * hidden + i] = apart;
    }
  return distances;
}
