import type { StructValues } from "../../gpu/uniforms.ts";
import { sornUnits } from "../../wgsl/generated.ts";
import type { ShapeTable } from "../buffers.ts";
import { groupsFor } from "../grid.ts";

/** Projections of a self-organising recurrent network, named post, pre; U are the inputs. */
export const projectionNames = ["EE", "EI", "IE", "EU"] as const;
export type ProjectionName = (typeof projectionNames)[number];

/** How the synapses of a projection lie on the GPU. */
export interface ProjectionStorage {
  /** Slots of one postsynaptic unit: all sources of a dense projection, the width of the lists otherwise. */
  readonly width: number;
  /** Whether the source of every slot is stored. */
  readonly lists: boolean;
}

/** What the plan of a self-organising recurrent network is compiled for. */
export interface SornSizes {
  readonly replicas: number;
  readonly excitatory: number;
  readonly inhibitory: number;
  readonly inputs: number;
  readonly storage: Readonly<Record<ProjectionName, ProjectionStorage>>;
  /** Time steps that one submission holds at most. */
  readonly steps: number;
  /** Whether noise samples are given with the inputs. */
  readonly givenNoise: boolean;
  /** Whether every replica has inputs of its own. */
  readonly ownInputs: boolean;
}

/** Where the synapses of one projection begin within a replica, in elements. */
export interface ProjectionPlace extends ProjectionStorage {
  /** Floats of one row of weights. */
  readonly stride: number;
  readonly rows: number;
  readonly sources: number;
  readonly weightsAt: number;
  readonly sourcesAt: number;
}

/** The sizes with all that follows from them. */
export interface SornLayout extends SornSizes {
  /** Time steps in the ring of spikes: one more than a submission holds, for the state that it starts from. */
  readonly slots: number;
  readonly wordsE: number;
  readonly wordsI: number;
  /** Words of 32 spikes of one slot: of E, of I, and of E without its input. */
  readonly words: number;
  /** Floats and sources of one replica. */
  readonly weights: number;
  readonly sources: number;
  /** Floats of one time step of inputs. */
  readonly signals: number;
  readonly places: Readonly<Record<ProjectionName, ProjectionPlace>>;
}

/** One replica's numbers: the struct `Rates` of shaders/lib/sorn.wgsl. */
export const ratesElement = sornUnits.bindings.rates.element;

const bitsPerWord = 32;
/** Numbers of one time step of `series`: shaders/sorn_measure.wgsl. */
export const seriesWidth = 12;

export function sornLayout(sizes: SornSizes): SornLayout {
  const { excitatory, inhibitory, inputs, storage, givenNoise } = sizes;
  const [wordsE, wordsI] = [groupsFor(excitatory, bitsPerWord), groupsFor(inhibitory, bitsPerWord)];
  let [weights, sources] = [0, 0];
  const counts = { EE: [excitatory, excitatory], EI: [excitatory, inhibitory], IE: [inhibitory, excitatory] } as const;
  const places = Object.fromEntries(
    projectionNames.map((name) => {
      const [rows, from] = name === "EU" ? [excitatory, inputs] : counts[name];
      const stride = 4 * groupsFor(storage[name].width, 4);
      const place = { ...storage[name], stride, rows, sources: from, weightsAt: weights, sourcesAt: sources };
      weights += rows * place.stride;
      if (place.lists) sources += rows * place.width;
      return [name, place];
    }),
  ) as Record<ProjectionName, ProjectionPlace>;
  return {
    ...sizes,
    ...{ slots: sizes.steps + 1, wordsE, wordsI, words: 2 * wordsE + wordsI, weights, sources, places },
    signals: inputs + (givenNoise ? excitatory + inhibitory : 0),
  };
}

/** The shapes of the tensors that a network owns, whatever it is run for. */
export function networkShapes(
  layout: SornLayout,
): ShapeTable<"weights" | "sources" | "units" | "rows" | "refused" | "rates" | "spikes" | "choices" | "series"> {
  const { replicas, excitatory, inhibitory, slots } = layout;
  return {
    weights: [replicas, layout.weights],
    sources: [replicas, layout.sources],
    units: [replicas, excitatory + inhibitory, 2],
    rows: [replicas, excitatory, 2, 4],
    refused: [replicas],
    rates: [replicas, ratesElement.size / 4],
    spikes: [replicas, slots, layout.words],
    choices: [replicas, slots, 2],
    series: [replicas, slots, seriesWidth],
  };
}

/** The shape of the inputs of a plan. */
export function signalsShape({ ownInputs, replicas, slots, signals }: SornLayout): readonly number[] {
  return [ownInputs ? replicas : 1, slots, signals];
}

/** The uniform `sizes` of shaders/lib/sorn.wgsl. */
export function sizesValues(layout: SornLayout): StructValues<typeof sornUnits.bindings.sizes.fields> {
  const { excitatory, inhibitory, inputs, wordsE, wordsI, slots, weights, sources, signals, places } = layout;
  const { EE, EI, IE, EU } = places;
  return {
    ...{ excitatory, inhibitory, inputs, words_e: wordsE, words_i: wordsI, slots, weights, sources, signals },
    signal_replica: layout.ownInputs ? slots * signals : 0,
    given: Number(layout.givenNoise),
    ...{ ee_width: EE.width, ee_lists: Number(EE.lists), ee_weights: EE.weightsAt, ee_sources: EE.sourcesAt },
    ...{ ei_width: EI.width, ei_lists: Number(EI.lists), ei_weights: EI.weightsAt, ei_sources: EI.sourcesAt },
    ...{ ie_width: IE.width, ie_lists: Number(IE.lists), ie_weights: IE.weightsAt, ie_sources: IE.sourcesAt },
    ...{ eu_width: EU.width, eu_lists: Number(EU.lists), eu_weights: EU.weightsAt, eu_sources: EU.sourcesAt },
  };
}
