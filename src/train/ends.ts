import { ConfigError } from "../errors.ts";
import type { Curriculum } from "./curriculum.ts";
import type { TrainSettings } from "./options.ts";
import type { RunSettings } from "./replica-settings.ts";
import type { ReplicaEnd, StopReason } from "./report.ts";
import type { TrainingState } from "./training-state.ts";

/** What a report measured. */
interface Measured {
  /** On held-out trials where there are any, else on the last batch; undefined where nothing was measured. */
  accuracyOf(replica: number): number | undefined;
  /** With a curriculum: its stages. */
  readonly stageCount: number | undefined;
}

/** Notes which replicas' training is over now, and returns them. */
export function endsNow(state: TrainingState, settings: RunSettings, measured: Measured): number[] {
  const { ended, diverged, step } = state;
  return settings.replicas.flatMap(({ stop }, replica) => {
    if (ended[replica] !== undefined || diverged[replica] !== undefined) return [];
    const reason = endOf(state, stop, replica, measured);
    if (reason === undefined) return [];
    ended[replica] = { reason, step };
    return [replica];
  });
}

function endOf(
  { stages, sinceBest }: TrainingState,
  stop: TrainSettings["stop"],
  replica: number,
  { accuracyOf, stageCount }: Measured,
): ReplicaEnd["reason"] | undefined {
  const accuracy = accuracyOf(replica);
  if (stageCount !== undefined && (stages[replica] ?? 0) >= stageCount) return "curriculum";
  if (stop.accuracy !== undefined && accuracy !== undefined && accuracy >= stop.accuracy) return "accuracy";
  if (stop.patience !== undefined && (sinceBest[replica] ?? 0) >= stop.patience) return "patience";
  return undefined;
}

/** Whether the training of every replica that has not diverged is over. */
export function hasEnded({ ended, diverged }: TrainingState): boolean {
  const healthy = ended.filter((_, replica) => diverged[replica] === undefined);
  return healthy.length > 0 && !healthy.includes(undefined);
}

/** Why training is over, if it is; where every replica ended by itself, the reason of the last of them. */
export function reasonOf(state: TrainingState, { steps }: RunSettings): StopReason | undefined {
  if (!hasEnded(state)) return state.step >= steps ? "steps" : undefined;
  const ends = state.ended.filter((end) => end !== undefined);
  return ends.reduce((last, end) => (end.step > last.step ? end : last)).reason;
}

/** @throws ConfigError for an aim that nothing would measure. */
export function checkStop({ stop, validation }: TrainSettings, curriculum: Curriculum | undefined): void {
  if (validation !== undefined) return;
  if (stop.patience !== undefined) {
    throw new ConfigError("train: stop.patience counts measurements on held-out trials: set validation, too.");
  }
  if (stop.accuracy !== undefined && curriculum !== undefined) {
    throw new ConfigError(
      "train: stop.accuracy would be reached in the easiest stage of a curriculum: set validation, too, which is on the last.",
    );
  }
}
