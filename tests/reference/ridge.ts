import { Matrix, QrDecomposition } from "ml-matrix";

/**
 * Ridge regression without normal equations: least squares of the rows and, below them, √λ I with targets 0, by a QR
 * decomposition; the bias is a last column of ones that is not penalised. Gives [W | b], [outputs, features + 1].
 */
export function ridgeByQr(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  lambda: number,
): readonly (readonly number[])[] {
  const features = x[0]?.length ?? 0;
  const outputs = y[0]?.length ?? 0;
  const root = Math.sqrt(lambda);
  const penalty = Array.from({ length: features }, (_, row) =>
    Array.from({ length: features + 1 }, (_, column) => (row === column ? root : 0)),
  );
  const rows = new Matrix([...x.map((row) => [...row, 1]), ...penalty]);
  const targets = new Matrix([...y.map((row) => [...row]), ...penalty.map(() => new Array<number>(outputs).fill(0))]);
  return new QrDecomposition(rows).solve(targets).transpose().to2DArray();
}
