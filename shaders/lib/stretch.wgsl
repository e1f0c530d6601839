// The steps that one dispatch does: of a run that is too long for one.
struct Stretch { first: u32, count: u32 }
@group(1) @binding(0) var<uniform> stretch: Stretch;
