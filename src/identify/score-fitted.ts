import type { Device } from "../gpu/device.ts";
import { range } from "../structure/draw.ts";
import { type ConnectivityScores, connectivityScores } from "./connectivity-scores.ts";
import { freeRun } from "./free-run.ts";
import { type FreeRunScores, freeRunScores } from "./free-run-scores.ts";
import { meanGains } from "./hidden-paths.ts";
import type { FittedNetwork } from "./identify.ts";
import type { TrueConnectivity } from "./learned-network.ts";
import { pickUnits, type Recording } from "./recording.ts";
import { type ShifterScores, shifterScores } from "./shifter-scores.ts";
import { type SpatialScores, spatialScores } from "./spatial-scores.ts";

/** Everything that can be said of one fitted network. */
export interface FittedScores {
  readonly connectivity: ConnectivityScores;
  readonly shifter: ShifterScores;
  readonly spatial: SpatialScores;
  /** Absent where neither headings nor preferred headings are known. */
  readonly freeRun?: FreeRunScores;
}

/** Scores of one network with the activity that they were made from. */
export interface ScoredNetwork {
  readonly fitted: FittedNetwork;
  readonly scores: FittedScores;
  /** Rates of the recorded units in the free run, [steps - 1, trials, K], in the recording's order. */
  readonly freeRates: Float64Array;
  /** Rates of all units in stretches that start anew, [steps, stretches, N], and what the agents did in them: their tuning. */
  readonly tuned: { readonly rates: Float32Array; readonly recording: Recording };
}

export interface ScoreFittedOptions {
  /** Absent for recorded activity, whose connectivity nobody knows. */
  readonly truth?: TrueConnectivity | undefined;
  /** θ of the recorded units, rad; estimated from the recording unless given. */
  readonly preferred?: ArrayLike<number> | undefined;
  /** Steps after which the network is put back for its tuning, so that its bump stays with the head; default 50. */
  readonly stretch?: number | undefined;
}

/**
 * Scores fitted networks on a recording that they were not trained on: how near their connectivity is to the true one, what
 * their hidden units do, and how they follow the recording when left alone.
 * @param fitted networks of one call of `identify`.
 * @throws as `freeRun`, `connectivityScores`, `shifterScores`, `spatialScores` and `freeRunScores`.
 */
export async function scoreFitted(
  device: Device,
  fitted: readonly FittedNetwork[],
  recording: Recording,
  { truth, preferred, stretch = 50 }: ScoreFittedOptions = {},
): Promise<readonly ScoredNetwork[]> {
  const whole = await freeRun(device, fitted, recording);
  const short = await freeRun(device, fitted, recording, { stretch: Math.min(stretch, recording.steps - 1) });
  return fitted.map((each, index): ScoredNetwork => {
    const { learned, plan, dynamics } = each;
    const { units, observed } = plan;
    const tuned = short.rates[index] as Float32Array;
    const hidden = pickUnits(tuned, units, range(observed, units));
    const gains =
      units > observed ? meanGains(hidden, { units: units - observed, activation: dynamics.activation }) : undefined;
    const freeRates = pickUnits(whole.rates[index] as Float32Array, units, range(0, observed));
    const { headings } = recording;
    const { velocities, headings: heads, positions } = short.recording;
    return {
      fitted: each,
      freeRates,
      tuned: { rates: tuned, recording: short.recording },
      scores: {
        connectivity: connectivityScores(learned, { truth, rates: recording.rates, gains }),
        shifter: shifterScores({
          ...{ units, rates: tuned, velocities, headings: heads },
          ...{ observed, inputWeights: learned.inputWeights },
        }),
        spatial: spatialScores({ units, observed, rates: tuned, headings: heads, positions }),
        ...((headings !== undefined || preferred !== undefined) && {
          freeRun: freeRunScores(freeRates, whole.recording, { preferred }),
        }),
      },
    };
  });
}
