// Copies a run of 32-bit words of every replica from one tensor to another, to the bit:
//   copies[copy_start + replica copy_stride + i] = source[source_start + replica source_stride + i],  i < count
//
//   source, copies: any two tensors; starts, strides and count are in words
//
// An invocation owns one word; z is the replica.
struct Place { count: u32, source_start: u32, source_stride: u32, copy_start: u32, copy_stride: u32 }
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> copies: array<u32>;
@group(1) @binding(0) var<uniform> place: Place;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn copy_rows(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let item = id.y * groups.x * WORKGROUP_SIZE + id.x;
  if (item >= place.count) { return; }
  copies[place.copy_start + id.z * place.copy_stride + item] =
    source[place.source_start + id.z * place.source_stride + item];
}
