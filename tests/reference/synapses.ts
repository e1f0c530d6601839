import type { ModelSpec } from "../../src/network/model.ts";

type SynapticSpec = Pick<ModelSpec, "shortTermPlasticity" | "dtMs">;

/** Resources x and release probability u of one unit's synapses. */
export interface Synapse {
  readonly x: number;
  readonly u: number;
}

function constants({ shortTermPlasticity: given, dtMs }: SynapticSpec, unit: number) {
  if (given === undefined || dtMs === undefined || given.fixed?.[unit]) return undefined;
  const of = (values: number | readonly number[]): number =>
    typeof values === "number" ? values : (values[unit] ?? Number.NaN);
  return {
    release: of(given.release),
    recovery: dtMs / of(given.recoveryMs),
    facilitation: dtMs / of(given.facilitationMs),
    seconds: dtMs / 1000,
  };
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const inside = (value: number): number => (value > 0 && value < 1 ? 1 : 0);

/** Before anything happened: x = 1, u = U; both 1 for synapses that do not change. */
export function restingSynapse(spec: SynapticSpec, unit: number): Synapse {
  return { x: 1, u: constants(spec, unit)?.release ?? 1 };
}

/** The two values before they are held in [0, 1]. */
function nextValues(spec: SynapticSpec, unit: number, { x, u }: Synapse, r: number): Synapse {
  const c = constants(spec, unit);
  if (c === undefined) return { x, u };
  return {
    x: x + c.recovery * (1 - x) - c.seconds * u * x * r,
    u: u + c.facilitation * (c.release - u) + c.seconds * c.release * (1 - u) * r,
  };
}

/** After a step at rate r. */
export function nextSynapse(spec: SynapticSpec, unit: number, before: Synapse, r: number): Synapse {
  const { x, u } = nextValues(spec, unit, before, r);
  return { x: clamp(x), u: clamp(u) };
}

/**
 * The chain rule of one step: from dL/d(u x r) and dL/dx, dL/du of later steps to dL/dr and dL/dx, dL/du of the step
 * before; the slope of a value held at a bound is 0.
 */
export function synapseGradient(
  spec: SynapticSpec,
  unit: number,
  before: Synapse,
  r: number,
  seen: number,
  later: Synapse,
): { r: number; before: Synapse } {
  const c = constants(spec, unit);
  if (c === undefined) return { r: seen, before: { x: 0, u: 0 } };
  const open = nextValues(spec, unit, before, r);
  const x = clamp(open.x);
  const u = clamp(open.u);
  const dx = (later.x + seen * u * r) * inside(open.x);
  const du = (later.u + seen * x * r) * inside(open.u);
  return {
    r: seen * u * x - dx * c.seconds * before.u * before.x + du * c.seconds * c.release * (1 - before.u),
    before: {
      x: dx * (1 - c.recovery - c.seconds * before.u * r),
      u: -dx * c.seconds * before.x * r + du * (1 - c.facilitation - c.seconds * c.release * r),
    },
  };
}
