// The settings of one segment of a trial that is split over time: those of the whole, with the noise going on where that of
// the segment before ended.
//
//   settings, own_settings [R]; `first` steps of the trial lie before the segment
//
// An invocation owns one replica.
//!include lib/settings.wgsl
struct Start { first: u32 }
@group(0) @binding(0) var<storage, read> settings: array<Settings>;
@group(0) @binding(1) var<storage, read_write> own_settings: array<Settings>;
@group(1) @binding(0) var<uniform> start: Start;

override WORKGROUP_SIZE: u32;

@compute @workgroup_size(WORKGROUP_SIZE)
fn segment_settings(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&settings)) { return; }
  var own = settings[id.x];
  own.first_step += start.first;
  own_settings[id.x] = own;
}
