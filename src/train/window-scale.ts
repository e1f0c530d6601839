import { ShapeError } from "../errors.ts";
import { type Loss, lossScale } from "../loss/losses.ts";
import type { LossContext } from "../loss/term.ts";

/**
 * The factor of a term on a window of trials. Over the mask of the whole trials, where it is the denominator: so the mean
 * of the loss over a trial's windows, by their length, is the trial's loss, and a window without targets has none.
 * @param own that of the window. @param whole that of the trials it is a window of.
 * @throws as `lossScale`; ShapeError where the window is too short for a term.
 */
export function windowScale(loss: Loss, own: LossContext, whole: LossContext): number {
  if (own.steps === whole.steps) return lossScale(loss, own);
  if ("denominator" in loss && loss.denominator === "mask") {
    return (lossScale(loss, whole) * whole.steps) / own.steps;
  }
  try {
    return lossScale(loss, own);
  } catch (error) {
    throw new ShapeError(
      `truncate: the trials of ${whole.steps} steps leave a window of ${own.steps}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
