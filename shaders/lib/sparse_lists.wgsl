// The recurrent synapses that a fixed mask lets exist, as lists behind the table of layers in `packed`
// (src/ops/sparse-lists.ts), in vec4f:
//   bounds [2][3][hidden4]: of the incoming lists (0), then of the outgoing ones (1): where the list of each of four units
//     begins, where its synapses that act within the time step begin (at its end with one layer), and where it ends;
//   pairs: (unit, weight, unit, weight), the other side's units ascending, as unit numbers; a list of odd length ends with
//     its last unit again, weight 0. Weights of outgoing lists are times alpha of the postsynaptic unit.
// The sums run over a list in its order, so they are those of the dense product without its terms of weight 0: the same bits,
// as long as rates and gradients are finite.
//
// What the lists gather lies by unit, its trials side by side: [R, T + 1, 4 hidden4, batch4] vec4f of four trials.
// Needs lib/layer.wgsl; by_unit(index), which reads such rows; and row_value(index), which reads the rows that the dense part
// of the sums is over.
//!include lib/madd4.wgsl
const incoming = 0u;
const outgoing = 1u;

fn packed_lists(s: Shape) -> u32 { return packed_layers(s) + 3u * LAYERS; }
fn packed_pairs(s: Shape) -> u32 { return packed_lists(s) + 6u * s.hidden4; }

fn batch4() -> u32 { return (shape.batch + 3u) / 4u; }

// Where the row of a unit starts.
fn unit_row(replica: u32, slot: u32, unit: u32) -> u32 {
  return ((replica * (shape.steps + 1u) + slot) * 4u * shape.hidden4 + unit) * batch4();
}

// Sums of 8 trials, of one unit.
struct Trials { a: vec4f, b: vec4f }

// Sums of 8 trials, of four units.
struct Sums { u0: Trials, u1: Trials, u2: Trials, u3: Trials }

// The same as rows of four units, one a trial.
struct Rows {
  r0: vec4f, r1: vec4f, r2: vec4f, r3: vec4f,
  r4: vec4f, r5: vec4f, r6: vec4f, r7: vec4f,
}

fn by_units(t: Rows) -> Sums {
  let a = transpose(mat4x4f(t.r0, t.r1, t.r2, t.r3));
  let b = transpose(mat4x4f(t.r4, t.r5, t.r6, t.r7));
  return Sums(Trials(a[0], b[0]), Trials(a[1], b[1]), Trials(a[2], b[2]), Trials(a[3], b[3]));
}

fn by_trials(s: Sums) -> Rows {
  let a = transpose(mat4x4f(s.u0.a, s.u1.a, s.u2.a, s.u3.a));
  let b = transpose(mat4x4f(s.u0.b, s.u1.b, s.u2.b, s.u3.b));
  return Rows(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]);
}

// The dense products with inputs or output gradients, `width` vec4f a trial: the sums so far of `last` + 1 trials; the rows
// past them repeat the last.
fn product_rows(weights: u32, start: u32, width: u32, last: u32) -> Rows {
  var t = Rows();
  var w = weights;
  for (var k = start; k < start + width; k += 1u) {
    let b0 = packed[w];
    let b1 = packed[w + shape.hidden4];
    let b2 = packed[w + 2u * shape.hidden4];
    let b3 = packed[w + 3u * shape.hidden4];
    w += 4u * shape.hidden4;
    t.r0 = madd4(t.r0, row_value(k), b0, b1, b2, b3);
    t.r1 = madd4(t.r1, row_value(k + min(1u, last) * width), b0, b1, b2, b3);
    t.r2 = madd4(t.r2, row_value(k + min(2u, last) * width), b0, b1, b2, b3);
    t.r3 = madd4(t.r3, row_value(k + min(3u, last) * width), b0, b1, b2, b3);
    t.r4 = madd4(t.r4, row_value(k + min(4u, last) * width), b0, b1, b2, b3);
    t.r5 = madd4(t.r5, row_value(k + min(5u, last) * width), b0, b1, b2, b3);
    t.r6 = madd4(t.r6, row_value(k + min(6u, last) * width), b0, b1, b2, b3);
    t.r7 = madd4(t.r7, row_value(k + min(7u, last) * width), b0, b1, b2, b3);
  }
  return t;
}

// One list's sum: `rows` is where unit 0's row has the first four trials, `next` 1 if there are more than four.
fn add_list(pairs: u32, begin: u32, end: u32, rows: u32, next: u32, start: Trials) -> Trials {
  let width = batch4();
  var sum = start;
  for (var at = pairs + begin; at < pairs + end; at += 1u) {
    let pair = packed[at];
    let first = rows + u32(pair.x) * width;
    let second = rows + u32(pair.z) * width;
    sum.a = fma(vec4f(pair.w), by_unit(second), fma(vec4f(pair.y), by_unit(first), sum.a));
    sum.b = fma(vec4f(pair.w), by_unit(second + next), fma(vec4f(pair.y), by_unit(first + next), sum.b));
  }
  return sum;
}

// Adds part 0 or 1 of the lists of a column's units; of those outside the layer's `units` none.
fn add_lists(
  replica: u32, direction: u32, part: u32, units: vec2u, column: u32, slot: u32, trial: u32, start: Sums,
) -> Sums {
  let packed_start = replica * shape.packed4;
  let bounds = packed_start + packed_lists(shape) + (3u * direction + part) * shape.hidden4 + column;
  let pairs = packed_start + packed_pairs(shape);
  let end = vec4u(packed[bounds + shape.hidden4]);
  var begin = vec4u(packed[bounds]);
  if (LAYERS > 1u) {
    let unit = vec4u(4u * column) + vec4u(0u, 1u, 2u, 3u);
    begin = select(end, begin, (unit >= vec4u(units.x)) & (unit < vec4u(units.y)));
  }
  let rows = unit_row(replica, slot, 0u) + trial / 4u;
  let next = u32(trial + 4u < shape.batch);
  return Sums(
    add_list(pairs, begin.x, end.x, rows, next, start.u0),
    add_list(pairs, begin.y, end.y, rows, next, start.u1),
    add_list(pairs, begin.z, end.z, rows, next, start.u2),
    add_list(pairs, begin.w, end.w, rows, next, start.u3));
}
