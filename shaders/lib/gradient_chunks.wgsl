// How many chunks a tensor's gradient has, each summed to one square by its own workgroup: one for every CHUNK_ELEMENTS, but
// at most CHUNKS; none where the cell does not have the tensor. Needs lib/tensors.wgsl and the binding `shape`.
override CHUNKS: u32;
override CHUNK_ELEMENTS: u32;

fn chunks_of(tensor: u32) -> u32 {
  let size = tensor_start(shape, tensor + 1u) - tensor_start(shape, tensor);
  return min(CHUNKS, (size + CHUNK_ELEMENTS - 1u) / CHUNK_ELEMENTS);
}
