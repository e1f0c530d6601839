import { Recent } from "../gpu/recent.ts";
import { learnedTensors } from "../network/cells.ts";
import type { Network } from "../network/network.ts";
import type { InitialState } from "../network/sequence.ts";
import { tileNamed } from "../ops/tiles.ts";
import { optimizerKind } from "./optimizer.ts";
import type { TrainSettings } from "./options.ts";
import { clipMode } from "./replica-settings.ts";
import { localRule } from "./rule.ts";
import { StepPlan, type StepPlanOptions } from "./step-plan.ts";
import type { TrainingState } from "./training-state.ts";

/** Plans kept: more than a report can use, so that none is dropped before its records are read. */
const plansKept = 6;

/** What the plans of one training run differ in. */
export interface PlanShape {
  readonly steps: number;
  readonly start: InitialState;
}

/** The compiled training steps of a run, one for every shape of trials or windows of them; the last few are kept. */
export class PlanShelf {
  readonly #network: Network;
  readonly #settings: TrainSettings;
  readonly #batch: number;
  readonly #plans = new Recent<StepPlan>(plansKept);

  constructor(network: Network, settings: TrainSettings, batch: number) {
    this.#network = network;
    this.#settings = settings;
    this.#batch = batch;
  }

  /** @throws LimitError, ConfigError where a plan of this shape could not be made; nothing is allocated. */
  check(shape: PlanShape): void {
    StepPlan.check(this.#network.device, this.#network.spec, this.#options(shape));
  }

  async plan(shape: PlanShape, state: TrainingState): Promise<StepPlan> {
    const key = `${shape.steps} ${shape.start}`;
    const { device, spec } = this.#network;
    const { optimizer } = this.#settings;
    return this.#plans.get(key, () =>
      StepPlan.compile(device, spec, state.parametersOf(this.#network), {
        ...this.#options(shape),
        update: {
          ...state.updateTensors(this.#network),
          optimizer: optimizerKind(optimizer),
          nesterov: optimizer.type === "sgd" && optimizer.nesterov,
        },
      }),
    );
  }

  dispose(): void {
    this.#plans.dispose();
  }

  #options({ steps, start }: PlanShape): StepPlanOptions {
    const { replicas, distances, spec } = this.#network;
    const { loss, clip, reportEvery, rule, steps: updates, memory, segments, kernels } = this.#settings;
    const learned = learnedTensors(spec);
    return {
      ...{ replicas, steps, batch: this.#batch, losses: loss, distances, memory, segments },
      ...{ family: kernels.family, products: kernels.products, tile: tileNamed(kernels.tile) },
      initial: start,
      historySlots: Math.min(reportEvery, updates),
      gradients: {
        alpha: learned.alpha,
        v0: learned.v0 && start === "parameter",
        // Where a trial brings its state but not its rates, an LSTM's still start at the parameter.
        r0: learned.r0 && (start === "parameter" || (start === "v0" && spec.cell === "lstm")),
      },
      clip: clip === undefined ? "none" : clipMode(clip),
      rule: localRule(rule, loss, spec, this.#network.seeds),
    };
  }
}

/** Where a window starts that goes on from another: at all there is. */
export function carriedStart({ spec }: Network): InitialState {
  return spec.shortTermPlasticity === undefined ? "v0 and r0" : "state";
}

/** The shapes of the windows of trials of this length, the first window's first. */
export function windowShapes(
  network: Network,
  { steps, start }: { readonly steps: number; readonly start: InitialState },
  options: { readonly truncate?: number | undefined; readonly continuous: boolean },
): PlanShape[] {
  const length = Math.min(options.truncate ?? steps, steps);
  const carried = carriedStart(network);
  const rest = steps % length;
  return [
    { steps: length, start },
    ...(options.continuous || steps >= 2 * length ? [{ steps: length, start: carried }] : []),
    ...(rest > 0 ? [{ steps: rest, start: carried }] : []),
  ];
}
