import { scaleLinear } from "d3-scale";
import { ShapeError, ValueError } from "../errors.ts";
import { bottomAxis, fittingTicks } from "./axes.ts";
import { checkFinite, checkShape, extent } from "./check.ts";
import { accuracyPanel, lossPanel, smoothFrom } from "./curve-panels.ts";
import type { Point } from "./reduce.ts";
import { type Box, type Markup, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** What a training run reports; all arrays have the same length S, one entry per report. */
export interface TrainingCurves {
  /** [S] training step, increasing. */
  readonly step: ArrayLike<number>;
  /** [S] training loss. */
  readonly loss: ArrayLike<number>;
  /** [S] share of correct trials in the training batch, 0…1; `undefined` where it was not measured. */
  readonly accuracy?: ArrayLike<number | undefined> | undefined;
  /** [S] share of correct validation trials, 0…1; `undefined` where it was not measured. */
  readonly validationAccuracy?: ArrayLike<number | undefined> | undefined;
  /** Accuracy of guessing, in [0, 1]: a reference line. */
  readonly chance?: number | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const right = width - 66;
const lossHeight = 180;
const accuracyHeight = 150;

function measuredPoints(name: string, step: ArrayLike<number>, values: ArrayLike<number | undefined>): Point[] {
  const points: Point[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === undefined) continue;
    if (!(value >= 0 && value <= 1)) {
      throw new ValueError(`${name}[${index}]: expected a share of correct trials in 0…1 or undefined, got ${value}.`);
    }
    points.push([step[index] ?? 0, value]);
  }
  return points;
}

function checkCurves(curves: TrainingCurves): void {
  const { step, loss, accuracy, validationAccuracy, chance } = curves;
  if (step.length === 0) throw new ShapeError("step: expected at least one training step, got none.");
  checkShape("loss", loss, [step.length], "as many as step");
  if (accuracy) checkShape("accuracy", accuracy, [step.length], "as many as step");
  if (validationAccuracy) checkShape("validationAccuracy", validationAccuracy, [step.length], "as many as step");
  checkFinite("step", step);
  checkFinite("loss", loss);
  for (let index = 1; index < step.length; index += 1) {
    if ((step[index] ?? 0) > (step[index - 1] ?? 0)) continue;
    throw new ValueError(`step[${index}]: expected increasing steps, got ${step[index]} after ${step[index - 1]}.`);
  }
  if (chance !== undefined && !(chance >= 0 && chance <= 1)) {
    throw new ValueError(`chance: expected a share of correct trials in 0…1, got ${chance}.`);
  }
}

/**
 * Loss and, where it was measured, accuracy over training, as an SVG document 700 px wide. The loss axis is logarithmic
 * if the losses are positive and span more than a decade. Long curves are drawn thin, reduced to about 1000 points
 * that keep every spike, under their running median (loss) or mean (accuracy): the file stays below 200 kB.
 * @throws ShapeError if the arrays differ in length or are empty; ValueError for a NaN, an accuracy outside 0…1, or
 * steps that do not increase.
 */
export function trainingCurves(curves: TrainingCurves): string {
  checkCurves(curves);
  const { step, loss, chance, title } = curves;
  const losses = Array.from({ length: step.length }, (_, index): Point => [step[index] ?? 0, loss[index] ?? 0]);
  const training = measuredPoints("accuracy", step, curves.accuracy ?? []);
  const validation = measuredPoints("validationAccuracy", step, curves.validationAccuracy ?? []);
  const hasAccuracy = training.length + validation.length > 0;

  const lossTop = (title ? 30 : 0) + (losses.length > smoothFrom ? 34 : 16);
  const lossBox: Box = { left, top: lossTop, width: right - left, height: lossHeight };
  const accuracyBox: Box = { left, top: lossTop + lossHeight + 36, width: right - left, height: accuracyHeight };
  const bottom = hasAccuracy ? accuracyBox.top + accuracyHeight : lossTop + lossHeight;

  const first = step[0] ?? 0;
  const last = step[step.length - 1] ?? 0;
  const start = first >= 0 && first <= last * 0.05 ? 0 : first;
  const domain: [number, number] = last > start ? [start, last] : [start - 1, start + 1];
  const x = scaleLinear().domain(domain).range([left, right]);
  const ticks = fittingTicks(domain, 8, right - left).filter((tick) => Number.isInteger(tick.value));

  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  parts.push(lossPanel(losses, x, lossBox));
  const label = "training step";
  parts.push(
    bottomAxis({ scale: x, ticks, left, right, y: lossTop + lossHeight, label: hasAccuracy ? undefined : label }),
  );
  if (hasAccuracy) {
    parts.push(accuracyPanel(training, validation, chance, x, accuracyBox));
    parts.push(bottomAxis({ scale: x, ticks, left, right, y: bottom, label }));
  }
  const [low, high] = extent(loss);
  const description =
    `Training loss over ${step.length} reports, steps ${first} to ${last}: from ${low.toPrecision(3)} to ` +
    `${high.toPrecision(3)}, at the end ${(loss[step.length - 1] ?? 0).toPrecision(3)}` +
    `${hasAccuracy ? "; below it the accuracy, with a line at 95 %" : ""}.`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Training curves", description }, parts);
}
