/** Gaussian elimination with pivoting to upper Hessenberg form, a similarity transform (EISPACK `elmhes`). */
export function reduceToHessenberg(a: Float64Array, n: number): void {
  const at = (row: number, column: number): number => a[row * n + column] as number;
  for (let m = 1; m < n - 1; m += 1) {
    let pivot = m;
    for (let row = m + 1; row < n; row += 1) if (Math.abs(at(row, m - 1)) > Math.abs(at(pivot, m - 1))) pivot = row;
    const x = at(pivot, m - 1);
    if (x === 0) continue;
    if (pivot !== m) {
      for (let j = m - 1; j < n; j += 1) swap(a, pivot * n + j, m * n + j);
      for (let i = 0; i < n; i += 1) swap(a, i * n + pivot, i * n + m);
    }
    const factors = new Float64Array(n);
    for (let i = m + 1; i < n; i += 1) {
      const factor = at(i, m - 1) / x;
      factors[i] = factor;
      a[i * n + m - 1] = 0;
      if (factor === 0) continue;
      for (let j = m; j < n; j += 1) a[i * n + j] = at(i, j) - factor * at(m, j);
    }
    for (let i = 0; i < n; i += 1) {
      let sum = at(i, m);
      for (let j = m + 1; j < n; j += 1) sum += (factors[j] as number) * at(i, j);
      a[i * n + m] = sum;
    }
  }
}

function swap(a: Float64Array, i: number, j: number): void {
  const kept = a[i] as number;
  a[i] = a[j] as number;
  a[j] = kept;
}

const withSign = (size: number, sign: number): number => (sign >= 0 ? Math.abs(size) : -Math.abs(size));

/** Complex numbers, parts apart. */
export interface Eigenvalues {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * All eigenvalues of an upper Hessenberg matrix by the double-shift QR algorithm with exceptional shifts (EISPACK `hqr`;
 * Press et al., Numerical Recipes, 11.6). Changes `a`.
 * @returns undefined where it has not converged after 60 sweeps for one eigenvalue.
 */
export function hessenbergEigenvalues(a: Float64Array, n: number): Eigenvalues | undefined {
  const at = (row: number, column: number): number => a[row * n + column] as number;
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  let norm = 0;
  for (let i = 0; i < n; i += 1) for (let j = Math.max(i - 1, 0); j < n; j += 1) norm += Math.abs(at(i, j));
  let end = n - 1;
  let shift = 0;
  let sweeps = 0;
  while (end >= 0) {
    let start = end;
    for (; start >= 1; start -= 1) {
      const scale = Math.abs(at(start - 1, start - 1)) + Math.abs(at(start, start)) || norm;
      if (Math.abs(at(start, start - 1)) > Number.EPSILON * scale) continue;
      a[start * n + start - 1] = 0;
      break;
    }
    let x = at(end, end);
    if (start === end) {
      re[end] = x + shift;
      end -= 1;
      sweeps = 0;
      continue;
    }
    let y = at(end - 1, end - 1);
    let w = at(end, end - 1) * at(end - 1, end);
    if (start === end - 1) {
      const p = 0.5 * (y - x);
      const q = p * p + w;
      const root = Math.sqrt(Math.abs(q));
      if (q >= 0) {
        const z = p + withSign(root, p);
        re[end - 1] = x + shift + z;
        re[end] = x + shift - (z === 0 ? 0 : w / z);
      } else {
        re[end - 1] = x + shift + p;
        re[end] = x + shift + p;
        im[end - 1] = root;
        im[end] = -root;
      }
      end -= 2;
      sweeps = 0;
      continue;
    }
    if (sweeps === 60) return undefined;
    if (sweeps > 0 && sweeps % 10 === 0) {
      shift += x;
      for (let i = 0; i <= end; i += 1) a[i * n + i] = at(i, i) - x;
      const s = Math.abs(at(end, end - 1)) + Math.abs(at(end - 1, end - 2));
      x = 0.75 * s;
      y = x;
      w = -0.4375 * s * s;
    }
    sweeps += 1;
    sweep(a, n, start, end, x, y, w);
  }
  return { re, im };
}

/** The largest absolute value of the numbers. */
export function largestAbsolute({ re, im }: Eigenvalues): number {
  return re.reduce((most, real, index) => Math.max(most, absolute(real, im[index] as number)), 0);
}

/** |re + i·im|; exactly |re| for a real number. */
export function absolute(re: number, im: number): number {
  return im === 0 ? Math.abs(re) : Math.hypot(re, im);
}

/** One double-shift QR sweep over rows and columns start … end; x, y, w are the shift: its sum is x+y, product x·y-w. */
function sweep(a: Float64Array, n: number, start: number, end: number, x: number, y: number, w: number): void {
  const at = (row: number, column: number): number => a[row * n + column] as number;
  let p = 0;
  let q = 0;
  let r = 0;
  let m = end - 2;
  for (; m >= start; m -= 1) {
    const z = at(m, m);
    p = ((x - z) * (y - z) - w) / at(m + 1, m) + at(m, m + 1);
    q = at(m + 1, m + 1) - z - (x - z) - (y - z);
    r = at(m + 2, m + 1);
    const s = Math.abs(p) + Math.abs(q) + Math.abs(r);
    p /= s;
    q /= s;
    r /= s;
    if (m === start) break;
    const small = Math.abs(at(m, m - 1)) * (Math.abs(q) + Math.abs(r));
    const large = Math.abs(p) * (Math.abs(at(m - 1, m - 1)) + Math.abs(z) + Math.abs(at(m + 1, m + 1)));
    if (small <= Number.EPSILON * large) break;
  }
  for (let i = m + 2; i <= end; i += 1) {
    a[i * n + i - 2] = 0;
    if (i !== m + 2) a[i * n + i - 3] = 0;
  }
  for (let k = m; k < end; k += 1) {
    const last = k === end - 1;
    let scale = 0;
    if (k !== m) {
      p = at(k, k - 1);
      q = at(k + 1, k - 1);
      r = last ? 0 : at(k + 2, k - 1);
      scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (scale === 0) continue;
      p /= scale;
      q /= scale;
      r /= scale;
    }
    const s = withSign(Math.sqrt(p * p + q * q + r * r), p);
    if (s === 0) continue;
    if (k !== m) a[k * n + k - 1] = -s * scale;
    else if (start !== m) a[k * n + k - 1] = -at(k, k - 1);
    p += s;
    const fx = p / s;
    const fy = q / s;
    const fz = r / s;
    q /= p;
    r /= p;
    for (let j = k; j <= end; j += 1) {
      const sum = at(k, j) + q * at(k + 1, j) + (last ? 0 : r * at(k + 2, j));
      if (!last) a[(k + 2) * n + j] = at(k + 2, j) - sum * fz;
      a[(k + 1) * n + j] = at(k + 1, j) - sum * fy;
      a[k * n + j] = at(k, j) - sum * fx;
    }
    for (let i = start; i <= Math.min(end, k + 3); i += 1) {
      const sum = fx * at(i, k) + fy * at(i, k + 1) + (last ? 0 : fz * at(i, k + 2));
      if (!last) a[i * n + k + 2] = at(i, k + 2) - sum * r;
      a[i * n + k + 1] = at(i, k + 1) - sum * q;
      a[i * n + k] = at(i, k) - sum;
    }
  }
}
