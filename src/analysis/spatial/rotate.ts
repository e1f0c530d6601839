/**
 * The coefficients of the cubic B-spline that goes through the values of a line, in place, mirrored at the first and the
 * last value (Unser, Aldroubi & Eden 1993): the filter with the pole z = √3 - 2, forwards and then backwards.
 */
function splineCoefficients(line: Float64Array): void {
  const size = line.length;
  if (size < 2) return;
  const pole = Math.sqrt(3) - 2;
  const gain = (1 - pole) * (1 - 1 / pole);
  for (let at = 0; at < size; at += 1) line[at] = gain * (line[at] as number);
  // The sum over the mirrored line, which repeats itself after 2 (size - 1): Σ z^k x_k.
  const period = pole ** (size - 1);
  let power = pole;
  let sum = (line[0] as number) + period * (line[size - 1] as number);
  for (let at = 1; at < size - 1; at += 1) {
    sum += power * ((line[at] as number) + period * (line[size - 1 - at] as number));
    power *= pole;
  }
  line[0] = sum / (1 - period * period);
  for (let at = 1; at < size; at += 1) line[at] = (line[at] as number) + pole * (line[at - 1] as number);
  line[size - 1] = (pole / (pole * pole - 1)) * ((line[size - 1] as number) + pole * (line[size - 2] as number));
  for (let at = size - 2; at >= 0; at -= 1) line[at] = pole * ((line[at + 1] as number) - (line[at] as number));
}

/** The same along rows and columns of an image [rows, columns]. */
export function splineCoefficients2d(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const coefficients = Float64Array.from(values);
  for (let column = 0; column < columns; column += 1) {
    const line = Float64Array.from({ length: rows }, (_, row) => coefficients[row * columns + column] as number);
    splineCoefficients(line);
    line.forEach((value, row) => {
      coefficients[row * columns + column] = value;
    });
  }
  for (let row = 0; row < rows; row += 1) splineCoefficients(coefficients.subarray(row * columns, (row + 1) * columns));
  return coefficients;
}

/** The four coefficients around a place and their weights in the cubic B-spline. */
interface Support {
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

function fillSupport({ indices, weights }: Support, place: number, size: number): void {
  const first = Math.floor(place) - 1;
  for (let offset = 0; offset < 4; offset += 1) {
    const index = first + offset;
    const distance = Math.abs(place - index);
    weights[offset] = distance < 1 ? (4 - 6 * distance ** 2 + 3 * distance ** 3) / 6 : (2 - distance) ** 3 / 6;
    const mirrored = index < 0 ? -index : index >= size ? 2 * (size - 1) - index : index;
    indices[offset] = Math.min(size - 1, Math.max(0, mirrored));
  }
}

/** The cosine of whole degrees, exact at right angles, so that a turn by one puts bins on bins. */
function cosineOfDegrees(degrees: number): number {
  return degrees % 180 === 90 || degrees % 180 === -90 ? 0 : Math.cos((degrees * Math.PI) / 180);
}

/**
 * An image turned about its middle, of the same shape, from its {@link splineCoefficients2d}; 0 where it shows what was
 * outside. As scipy.ndimage.rotate of order 3 with `reshape=False`.
 */
export function rotateSpline(coefficients: Float64Array, rows: number, columns: number, degrees: number): Float64Array {
  const [cosine, sine] = [cosineOfDegrees(degrees), cosineOfDegrees(degrees - 90)];
  const turned = new Float64Array(rows * columns);
  const [middleRow, middleColumn] = [(rows - 1) / 2, (columns - 1) / 2];
  const support = (): Support => ({ indices: new Int32Array(4), weights: new Float64Array(4) });
  const [across, along] = [support(), support()];
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const down = row - middleRow;
      const right = column - middleColumn;
      const fromRow = cosine * down + sine * right + middleRow;
      const fromColumn = -sine * down + cosine * right + middleColumn;
      if (fromRow < 0 || fromRow > rows - 1 || fromColumn < 0 || fromColumn > columns - 1) continue;
      fillSupport(across, fromRow, rows);
      fillSupport(along, fromColumn, columns);
      let sum = 0;
      for (let r = 0; r < 4; r += 1) {
        const start = (across.indices[r] as number) * columns;
        let inRow = 0;
        for (let c = 0; c < 4; c += 1)
          inRow += (along.weights[c] as number) * (coefficients[start + (along.indices[c] as number)] as number);
        sum += (across.weights[r] as number) * inRow;
      }
      turned[row * columns + column] = sum;
    }
  return turned;
}
