// Fourier transforms of lines of SIDE points (a power of two), in place in workgroup memory:
//   X[k] = sum_x p[x] e^{-2 pi i k x / SIDE}, and its inverse without the factor 1 / SIDE
// Forward by decimation in frequency: X[k] comes to lie at the bit-reversed place of k, and the inverse takes it from there.
// Two stages of the textbook are one here (four points at a time), so that points are moved half as often.
//
// A workgroup has LINES lines side by side: point x of a line is points[x * LINES + line]. Each invocation owns the four
// points that it combines; the barrier after a stage hands them to those who combine them next. Sums have one order.
// Twiddle factors e^{-2 pi i m / SIDE} are a table made in float64: `twiddles` of the shader that includes this.
override SIDE: u32;
override LINES: u32;
// SIDE * LINES
override POINTS: u32;
override WORKGROUP_SIZE: u32;
var<workgroup> points: array<vec2f, POINTS>;

// SIDE, asked of the table as the shader runs: drivers unroll a loop of known length, which can take them seconds.
fn side() -> u32 { return arrayLength(&twiddles); }

fn times(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }

fn times_conjugate(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y); }

fn combine_two(local: u32, span: u32) {
  let butterflies = side() * LINES / 2u;
  for (var item = local; item < butterflies; item += WORKGROUP_SIZE) {
    let butterfly = item / LINES;
    let half = span / 2u;
    let at = (butterfly / half * span + butterfly % half) * LINES + item % LINES;
    let a = points[at];
    let b = points[at + half * LINES];
    points[at] = a + b;
    points[at + half * LINES] = a - b;
  }
}

// LEAST 2: whole lines. LEAST 4: the points of even and of odd place of each line, as two lines of SIDE / 2, interleaved.
fn forward_lines(local: u32, least: u32) {
  let places = ~(least / 2u - 1u);
  let length = side();
  let butterflies = length * LINES / 4u;
  var span = length;
  for (; span >= 2u * least; span = span / 4u) {
    let quarter = span / 4u;
    let far = quarter * LINES;
    for (var item = local; item < butterflies; item += WORKGROUP_SIZE) {
      let butterfly = item / LINES;
      let at = (butterfly / quarter * span + butterfly % quarter) * LINES + item % LINES;
      let phase = ((butterfly % quarter) & places) * (length / span);
      let a = points[at] + points[at + 2u * far];
      let b = points[at] - points[at + 2u * far];
      let c = points[at + far] + points[at + 3u * far];
      let d = points[at + far] - points[at + 3u * far];
      let e = vec2f(d.y, -d.x);
      points[at] = a + c;
      points[at + far] = times(a - c, twiddles[2u * phase]);
      points[at + 2u * far] = times(b + e, twiddles[phase]);
      points[at + 3u * far] = times(b - e, twiddles[3u * phase]);
    }
    workgroupBarrier();
  }
  // The last two points of a line, where SIDE is no power of four: their twiddle factors are 1.
  if (span == least) {
    combine_two(local, span);
    workgroupBarrier();
  }
}

fn inverse_lines(local: u32) {
  let length = side();
  let butterflies = length * LINES / 4u;
  var span = 4u;
  if (countTrailingZeros(SIDE) % 2u == 1u) {
    combine_two(local, 2u);
    workgroupBarrier();
    span = 8u;
  }
  for (; span <= length; span = 4u * span) {
    let quarter = span / 4u;
    let far = quarter * LINES;
    for (var item = local; item < butterflies; item += WORKGROUP_SIZE) {
      let butterfly = item / LINES;
      let at = (butterfly / quarter * span + butterfly % quarter) * LINES + item % LINES;
      let phase = butterfly % quarter * (length / span);
      let p = points[at];
      let q = times_conjugate(points[at + far], twiddles[2u * phase]);
      let r = times_conjugate(points[at + 2u * far], twiddles[phase]);
      let s = times_conjugate(points[at + 3u * far], twiddles[3u * phase]);
      let d = r - s;
      let e = vec2f(-d.y, d.x);
      points[at] = p + q + (r + s);
      points[at + far] = p - q + e;
      points[at + 2u * far] = p + q - (r + s);
      points[at + 3u * far] = p - q - e;
    }
    workgroupBarrier();
  }
}
