// Short-term plasticity of a unit's outgoing recurrent synapses (Mongillo et al. 2008; Masse et al. 2019):
//   x <- x + a (1 - x) - d u x r,   u <- u + b (U - u) + d U (1 - u) r,   both with the old x and u, held in [0, 1]
//   a = dt / recovery, b = dt / facilitation, d = dt in seconds; 0, 0, 0 and U = 1 for synapses that do not change.
// The postsynaptic side sees u x r.
//
//   synapses [R, T + 1, B, 4, hidden4] vec4f: x, u, u x r, r, as r[t] has left them
// Needs lib/unit.wgsl and the bindings `shape` and `packed`.
override SYNAPSES: bool;

struct SynapseConstants { release: vec4f, recovery: vec4f, facilitation: vec4f, seconds: vec4f }
struct Synapse { x: vec4f, u: vec4f }

fn synapse_constants(replica: u32, column: u32) -> SynapseConstants {
  return SynapseConstants(
    unit_property(replica, 5u, column), unit_property(replica, 6u, column),
    unit_property(replica, 7u, column), unit_property(replica, 8u, column));
}

// The values before they are held in [0, 1].
fn synapse_open(c: SynapseConstants, before: Synapse, r: vec4f) -> Synapse {
  let x = before.x + c.recovery * (1.0 - before.x) - c.seconds * before.u * before.x * r;
  let u = before.u + c.facilitation * (c.release - before.u) + c.seconds * c.release * (1.0 - before.u) * r;
  return Synapse(x, u);
}

fn synapse_next(c: SynapseConstants, before: Synapse, r: vec4f) -> Synapse {
  let open = synapse_open(c, before, r);
  return Synapse(clamp(open.x, vec4f(0.0), vec4f(1.0)), clamp(open.u, vec4f(0.0), vec4f(1.0)));
}

fn synapse_at_rest(c: SynapseConstants) -> Synapse { return Synapse(vec4f(1.0), c.release); }

// Where a row of `synapses` starts; a row has four blocks of hidden4.
fn synapse_row(replica: u32, slot: u32, trial: u32) -> u32 {
  return 4u * shape.hidden4 * ((replica * (shape.steps + 1u) + slot) * shape.batch + trial);
}
