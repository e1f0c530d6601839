import type { Tensor } from "../gpu/tensor.ts";
import { type StructValues, writeStruct } from "../gpu/uniforms.ts";
import { ratesElement } from "../ops/sorn/layout.ts";
import { type SornParameters, type SornRule, synapsesPerStep } from "./parameters.ts";

/** The bits of `rules` in shaders/lib/sorn.wgsl. */
const bits = {
  stdp: 1,
  ip: 2,
  sp: 4,
  istdp: 8,
  scaleEE: 16,
  scaleEI: 32,
  atLeast: 64,
  noisy: 128,
  spPerUnit: 256,
  spAfterScaling: 512,
  spGiven: 1024,
  scaleAll: 2048,
} as const;

const largest = 3.4e38;

/** What differs from one submission to the next. */
export interface RatesMoment {
  readonly seed: number;
  readonly firstStep: number;
  readonly firstSlot: number;
  readonly freeze: ReadonlySet<SornRule>;
  readonly noisy: boolean;
  /** Whether the host says which synapses are new. */
  readonly givenSynapses: boolean;
  /** Whether the first step scales silent units, too. */
  readonly scaleAll: boolean;
}

/** One replica's parameters as the kernels read them. */
export function ratesValues(parameters: SornParameters, moment: RatesMoment): StructValues<typeof ratesElement.fields> {
  const { noise, threshold, excitatory } = parameters;
  const active = <Name extends SornRule>(name: Name): SornParameters[Name] | false =>
    moment.freeze.has(name) ? false : parameters[name];
  const [stdp, ip, sp, istdp, ss] = [active("stdp"), active("ip"), active("sp"), active("istdp"), active("ss")];
  const perStep = sp ? synapsesPerStep(sp, excitatory) : 0;
  const perUnit = perStep > 1;
  const flags: Readonly<Record<keyof typeof bits, boolean>> = {
    ...{ stdp: stdp !== false, ip: ip !== false, sp: sp !== false, istdp: istdp !== false },
    ...{ scaleEE: ss !== false && ss.excitatory, scaleEI: ss !== false && ss.inhibitory },
    ...{ atLeast: threshold === ">=", noisy: moment.noisy },
    spPerUnit: perUnit && !moment.givenSynapses,
    // Also where structural plasticity is frozen: the last step before may have left a unit to be scaled.
    spAfterScaling: parameters.sp !== false && parameters.sp.order === "afterScaling",
    ...{ spGiven: moment.givenSynapses, scaleAll: moment.scaleAll },
  };
  const names = Object.keys(bits) as (keyof typeof bits)[];
  const [low, high] = ip !== false && ip.clip !== false ? ip.clip : [-largest, largest];
  return {
    seed: moment.seed,
    first_step: moment.firstStep,
    first_slot: moment.firstSlot,
    rules: names.reduce((sum, name) => sum + (flags[name] ? bits[name] : 0), 0),
    noise_e: noise.excitatory,
    noise_i: noise.inhibitory,
    stdp: stdp ? stdp.rate : 0,
    stdp_maximum: stdp ? stdp.maximum : 1,
    stdp_prune: stdp ? stdp.prune : 0,
    istdp_gain: istdp ? istdp.rate / istdp.target : 0,
    istdp_loss: istdp ? istdp.rate : 0,
    istdp_floor: istdp ? istdp.floor : 0,
    istdp_maximum: istdp ? istdp.maximum : 1,
    ip: ip ? ip.rate : 0,
    ip_low: low,
    ip_high: high,
    sp: perUnit ? perStep / excitatory : perStep,
    sp_weight: sp ? sp.weight : 0,
  };
}

/** The parameters of all replicas on the GPU, uploaded in one write. */
export class Rates {
  readonly #tensor: Tensor;
  readonly #bytes: DataView;
  readonly #words: Float32Array;

  constructor(tensor: Tensor) {
    this.#tensor = tensor;
    this.#words = new Float32Array(tensor.size);
    this.#bytes = new DataView(this.#words.buffer);
  }

  write(replica: number, values: StructValues<typeof ratesElement.fields>): void {
    writeStruct(this.#bytes, replica * ratesElement.size, ratesElement.fields, values);
  }

  upload(): void {
    this.#tensor.write(this.#words);
  }
}
