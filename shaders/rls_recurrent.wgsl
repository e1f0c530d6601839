// Recursive least squares of the recurrent weights onto some units, each with a P of its own over the units that reach it
// (Sussillo & Abbott 2009, figure 1C; Laje & Buonomano 2013). For unit i and the rates s of its presynaptic units:
//   k = P s,   c = 1 / (1 + s^T k),   e = r_i - target,   w <- w - e c k,   P <- P - q q^T,   q = k sqrt(c)
// q q^T is the same bits as its transpose, and P stays so: columns are read where the formula has rows.
//
//   rates [R, T + 1, 1, hidden4 * 4]; packed [R, packed4 * 4], which holds w
//   lessons [T, units, 2]: target; 0 there is none, 1 only the error is wanted, 2 it is learned from
//   sources [R, units, 1 + SOURCES]: the unit, then those that reach it, NONE behind the last
//   inverse [R, units, SOURCES, SOURCES]: P, 0 in the padding; gains [R, units, 2, SOURCES]: s, then k
//   records [R, T, units, 2]: e, and the norm of w's change
//
// One workgroup owns one unit of one replica, its P, its row of gains and its weights; an invocation every
// WORKGROUP_SIZE-th synapse in each of its loops. A barrier makes s, and one makes k, visible to the others.
//!include lib/shape.wgsl
//!include lib/sum.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rates: array<f32>;
@group(0) @binding(2) var<storage, read> lessons: array<f32>;
@group(0) @binding(3) var<storage, read> sources: array<u32>;
@group(0) @binding(4) var<storage, read_write> inverse: array<f32>;
@group(0) @binding(5) var<storage, read_write> gains: array<f32>;
@group(0) @binding(6) var<storage, read_write> packed: array<f32>;
@group(0) @binding(7) var<storage, read_write> records: array<f32>;

struct Time { slot: u32, layer: u32 }
@group(1) @binding(0) var<uniform> time: Time;

override SOURCES: u32;
const NONE = 0xffffffffu;

@compute @workgroup_size(WORKGROUP_SIZE)
fn rls_recurrent(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let units = groups.x;
  let replica = group.z;
  let owner = replica * units + group.x;
  let step = time.slot - 1u;
  let lesson = 2u * (step * units + group.x);
  let wanted = lessons[lesson + 1u];
  if (wanted == 0.0) { return; }
  let list = owner * (1u + SOURCES);
  let unit = sources[list];
  let h4 = 4u * shape.hidden4;
  let now = (replica * (shape.steps + 1u) + time.slot) * h4;
  let e = rates[now + unit] - lessons[lesson];
  let record = 2u * ((replica * shape.steps + step) * units + group.x);
  if (local == 0u) { records[record] = e; }
  if (wanted == 1.0) { return; }

  let gain = 2u * owner * SOURCES;
  for (var pre = local; pre < SOURCES; pre += WORKGROUP_SIZE) {
    let source = sources[list + 1u + pre];
    var s = 0.0;
    if (source != NONE) { s = rates[now + source]; }
    gains[gain + pre] = s;
  }
  storageBarrier();

  let matrix = owner * SOURCES * SOURCES;
  var part = 0.0;
  for (var row = local; row < SOURCES; row += WORKGROUP_SIZE) {
    var k = 0.0;
    for (var pre = 0u; pre < SOURCES; pre += 1u) {
      k = fma(inverse[matrix + pre * SOURCES + row], gains[gain + pre], k);
    }
    gains[gain + SOURCES + row] = k;
    part = fma(gains[gain + row], k, part);
  }
  let c = 1.0 / (1.0 + workgroup_sum(local, part));
  storageBarrier();

  let weights = 4u * (replica * shape.packed4 + packed_hidden_forward(shape)) + unit;
  let root = sqrt(c);
  var squares = 0.0;
  for (var row = local; row < SOURCES; row += WORKGROUP_SIZE) {
    let k = gains[gain + SOURCES + row];
    let own = k * root;
    for (var pre = 0u; pre < SOURCES; pre += 1u) {
      let q = gains[gain + SOURCES + pre] * root;
      let at = matrix + pre * SOURCES + row;
      inverse[at] = fma(-q, own, inverse[at]);
    }
    let source = sources[list + 1u + row];
    if (source != NONE) {
      let change = e * c * k;
      packed[weights + source * h4] -= change;
      squares = fma(change, change, squares);
    }
  }
  squares = workgroup_sum(local, squares);
  if (local == 0u) { records[record + 1u] = sqrt(squares); }
}
