import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Pearson's correlation of a list of pairs, from its definition. */
export function pearson(pairs: readonly (readonly [number, number])[]): number {
  const mean = (k: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
  const [a, b] = [mean(0), mean(1)];
  let [both, first, second] = [0, 0, 0];
  for (const [x, y] of pairs) {
    both += (x - a) * (y - b);
    first += (x - a) ** 2;
    second += (y - b) ** 2;
  }
  return both / Math.sqrt(first * second);
}

/** Correlation over the entries off the diagonal of two matrices as rows. */
export function offDiagonalCorrelation(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return pearson(
    a.flatMap((row, i) => row.flatMap((value, j) => (i === j ? [] : [[value, b[i]?.[j] ?? Number.NaN] as const]))),
  );
}

/** Rows of a flat matrix. */
export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, column) => values[row * width + column] ?? Number.NaN),
  );
}

/** The share of the variance off the diagonal between the displacements of a ring, as an analysis of variance. */
export function circulantShare(matrix: readonly (readonly number[])[]): number {
  const units = matrix.length;
  const groups = new Map<number, number[]>();
  matrix.forEach((row, i) => {
    row.forEach((value, j) => {
      if (i !== j) groups.set((j - i + units) % units, [...(groups.get((j - i + units) % units) ?? []), value]);
    });
  });
  const all = [...groups.values()].flat();
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = (values: readonly number[], about: number): number =>
    values.reduce((sum, value) => sum + (value - about) ** 2, 0);
  const within = [...groups.values()].reduce((sum, values) => sum + squares(values, mean(values)), 0);
  return 1 - within / squares(all, mean(all));
}

/** M P, P = Σ e eᵀ over the principal components that explain `share`, by ml-matrix from first to last. */
export function throughSubspace(
  matrix: readonly (readonly number[])[],
  rates: readonly (readonly number[])[],
  share: number,
): { readonly projected: number[][]; readonly dimensions: number } {
  const centred = new Matrix(rates.map((row) => [...row])).center("column");
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(centred.transpose().mmul(centred));
  const order = realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0));
  const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
  let [explained, dimensions] = [0, 0];
  while (explained < share * total) {
    explained += realEigenvalues[order[dimensions] ?? 0] ?? 0;
    dimensions += 1;
  }
  const basis = eigenvectorMatrix.subMatrixColumn(order.slice(0, dimensions));
  const projected = new Matrix(matrix.map((row) => [...row])).mmul(basis).mmul(basis.transpose());
  return { projected: projected.to2DArray(), dimensions };
}
