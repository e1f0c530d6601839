// Recursive least squares, first half of a step (Haykin 2002; Sussillo & Abbott 2009): the inverse correlation matrix P of
// the rates takes in the step before, and is multiplied with the rates of this one.
//   P <- P - q q^T,   products[block] = sum over rows j of a block of P[j] r[j];   q = k / sqrt(1 + r^T k), k = P r
// q is that of the last step that was learned from (rls_update.wgsl); 0 at first. q q^T is the same bits as its transpose,
// and P stays so: rows are read where the formula has columns.
//
//   rates [R, T + 1, 1, hidden4] vec4f; lessons [T, output4 * 4 + 4]: targets, then 1 at steps that are learned from
//   pending [R, hidden4] vec4f: q; inverse [R, hidden4 * 4, hidden4] vec4f: P, 0 in the padding
//   products [R, BLOCKS, hidden4] vec4f
//
// An invocation owns four columns of one block of BLOCK * 4 rows: x runs over the columns, y over the blocks. A block's
// rows are summed in order here, the blocks in rls_update.wgsl.
//!include lib/shape.wgsl
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> rates: array<vec4f>;
@group(0) @binding(2) var<storage, read> lessons: array<f32>;
@group(0) @binding(3) var<storage, read> pending: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> inverse: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> products: array<vec4f>;

struct Time { slot: u32, layer: u32 }
@group(1) @binding(0) var<uniform> time: Time;

override WORKGROUP_SIZE: u32;
override BLOCK: u32;
override BLOCKS: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn rls_gain(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  if (column >= shape.hidden4) { return; }
  let lesson = (time.slot - 1u) * (4u * shape.output4 + 4u);
  if (lessons[lesson + 4u * shape.output4] == 0.0) { return; }
  let last = id.z * shape.hidden4;
  let now = (id.z * (shape.steps + 1u) + time.slot) * shape.hidden4;
  let first = id.y * BLOCK;
  let end = min(first + BLOCK, shape.hidden4);
  let own = pending[last + column];
  var at = (last + first) * 4u * shape.hidden4 + column;
  var sum = vec4f(0.0);
  for (var row = first; row < end; row += 1u) {
    let q = pending[last + row];
    let r = rates[now + row];
    for (var i = 0u; i < 4u; i += 1u) {
      let p = fma(vec4f(-q[i]), own, inverse[at]);
      inverse[at] = p;
      sum = fma(vec4f(r[i]), p, sum);
      at += shape.hidden4;
    }
  }
  products[(id.z * BLOCKS + id.y) * shape.hidden4 + column] = sum;
}
