// Fourier transforms of all rows, or of all columns, of complex images, in place (lib/fft.wgsl):
//   X[k] = sum_x p[x] e^{-2 pi i k x / SIDE};  INVERSE: p[x] = 1/SIDE sum_k X[k] e^{2 pi i k x / SIDE}
//
//   twiddles [SIDE]: e^{-2 pi i m / SIDE}
//   images [images, height, width]: complex numbers; COLUMNS says along which axis, which has SIDE points
//
// A workgroup owns LINES neighbouring lines of an image: it takes them into workgroup memory, transforms them there, and
// puts them back; z is the image. The first barrier waits for all points of a line.
@group(0) @binding(0) var<storage, read> twiddles: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> images: array<vec2f>;

//!include lib/fft.wgsl
override INVERSE: bool;
override COLUMNS: bool;
// Lines of an image.
override ACROSS: u32;

fn element_of(image: u32, line: u32, point: u32) -> u32 {
  return image * SIDE * ACROSS + select(line * SIDE + point, point * ACROSS + line, COLUMNS);
}

// The bits of a number below SIDE in reverse order.
fn reversed(point: u32) -> u32 {
  var result = 0u;
  for (var bit = 1u; bit < SIDE; bit = 2u * bit) { result = 2u * result + ((point / bit) & 1u); }
  return result;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fft_lines(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let all = side() * LINES;
  let first = group.x * LINES;
  // Neighbouring items are neighbours in memory.
  for (var item = local; item < all; item += WORKGROUP_SIZE) {
    let line = select(item / SIDE, item % LINES, COLUMNS);
    let point = select(item % SIDE, item / LINES, COLUMNS);
    let source = element_of(group.z, first + line, point);
    let to = select(point, reversed(point), INVERSE);
    if (first + line < ACROSS) { points[to * LINES + line] = images[source]; }
  }
  workgroupBarrier();
  if (INVERSE) { inverse_lines(local); } else { forward_lines(local, 2u); }
  let scale = select(1.0, 1.0 / f32(SIDE), INVERSE);
  for (var item = local; item < all; item += WORKGROUP_SIZE) {
    let line = select(item / SIDE, item % LINES, COLUMNS);
    let point = select(item % SIDE, item / LINES, COLUMNS);
    let source = select(reversed(point), point, INVERSE);
    if (first + line < ACROSS) {
      images[element_of(group.z, first + line, point)] = scale * points[source * LINES + line];
    }
  }
}
