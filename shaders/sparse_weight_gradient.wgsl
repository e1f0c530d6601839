// The gradient of the recurrent weights that may exist:  C[post, pre] = sum over rows dL/dv[row, post] seen[row, pre], rows
// being time x trial, as weight_gradient.wgsl has it: the same sums in the same order.
//
//   packed [R, packed4] vec4f holds the lists; unit_rates [R, T + 1, 4 hidden4, batch4] vec4f; synapse_gradients holds dL/dv
//   by unit (lib/sparse_backward.wgsl)
//   chunks [R, chunks]: up to four pairs of one unit's incoming list
//   partials [R, splits, P]: written where a synapse may exist only
//
// An invocation owns the up to eight synapses of a chunk for one slice of the rows; z runs over replica x slice. Sums run over
// rows in order.
//!include lib/shape.wgsl
//!include lib/lanes.wgsl
//!include lib/unit_gradients.wgsl
struct Chunk { post: u32, first: u32, pairs: u32, part: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> packed: array<vec4f>;
@group(0) @binding(2) var<storage, read> unit_rates: array<vec4f>;
@group(0) @binding(3) var<storage, read> synapse_gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> chunks: array<Chunk>;
@group(0) @binding(5) var<storage, read_write> partials: array<f32>;

override WORKGROUP_SIZE: u32;
override LAYERS: u32;
override SYNAPSES: bool;

// Four terms of a sum over rows, in order.
fn add4(sum: f32, a: vec4f, b: vec4f) -> f32 {
  return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn sparse_weight_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  let count = arrayLength(&chunks) / shape.replicas;
  if (item >= count) { return; }
  let replica = id.z / shape.splits;
  let slice = id.z % shape.splits;
  let chunk = chunks[replica * count + item];
  if (chunk.pairs == 0u) { return; }
  let rows = shape.steps * shape.batch;
  let rows_of_slice = (rows + shape.splits - 1u) / shape.splits;
  let first = min(slice * rows_of_slice, rows);
  let end = min(first + rows_of_slice, rows);

  let batch4 = (shape.batch + 3u) / 4u;
  let slot4 = 4u * shape.hidden4 * batch4;
  let pairs = replica * shape.packed4 + packed_layers(shape) + 3u * LAYERS + 6u * shape.hidden4 + chunk.first;
  let last = chunk.pairs - 1u;
  let p0 = vec2u(packed[pairs].xz);
  let p1 = vec2u(packed[pairs + min(1u, last)].xz);
  let p2 = vec2u(packed[pairs + min(2u, last)].xz);
  let p3 = vec2u(packed[pairs + min(3u, last)].xz);
  var s0 = vec2f(0.0); var s1 = vec2f(0.0); var s2 = vec2f(0.0); var s3 = vec2f(0.0);
  var row = first;
  while (row < end) {
    let step = row / shape.batch;
    let head = row - step * shape.batch;
    let tail = min(shape.batch, head + end - row);
    row += tail - head;
    let slot = replica * (shape.steps + 1u) + step;
    let post = unit_gradients_start() + (slot + 1u) * slot4 + chunk.post * batch4;
    let pre = (slot + chunk.part) * slot4;
    for (var k = head / 4u; 4u * k < tail; k += 1u) {
      // Rows of other slices do not count.
      let a = select(vec4f(0.0), synapse_gradients[post + k], lanes(k, head, tail) > vec4f(0.0));
      s0.x = add4(s0.x, a, unit_rates[pre + p0.x * batch4 + k]);
      s0.y = add4(s0.y, a, unit_rates[pre + p0.y * batch4 + k]);
      if (last < 1u) { continue; }
      s1.x = add4(s1.x, a, unit_rates[pre + p1.x * batch4 + k]);
      s1.y = add4(s1.y, a, unit_rates[pre + p1.y * batch4 + k]);
      if (last < 2u) { continue; }
      s2.x = add4(s2.x, a, unit_rates[pre + p2.x * batch4 + k]);
      s2.y = add4(s2.y, a, unit_rates[pre + p2.y * batch4 + k]);
      if (last < 3u) { continue; }
      s3.x = add4(s3.x, a, unit_rates[pre + p3.x * batch4 + k]);
      s3.y = add4(s3.y, a, unit_rates[pre + p3.y * batch4 + k]);
    }
  }
  // A unit that stands twice in its list has the same sum twice.
  let out = id.z * shape.parameters + offset_weight_hh(shape) + chunk.post * shape.hidden;
  partials[out + p0.x] = s0.x;
  partials[out + p0.y] = s0.y;
  if (last < 1u) { return; }
  partials[out + p1.x] = s1.x;
  partials[out + p1.y] = s1.y;
  if (last < 2u) { return; }
  partials[out + p2.x] = s2.x;
  partials[out + p2.y] = s2.y;
  if (last < 3u) { return; }
  partials[out + p3.x] = s3.x;
  partials[out + p3.y] = s3.y;
}
