// The item of an invocation in a grid that may be folded into several rows of workgroups (src/ops/grid.ts).
fn item_index(id: vec3u, groups: vec3u, size: u32) -> u32 { return id.y * groups.x * size + id.x; }
