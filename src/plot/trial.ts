import { scaleLinear } from "d3-scale";
import { ValueError } from "../errors.ts";
import { bottomAxis, fittingTicks } from "./axes.ts";
import { nameSpace } from "./bands.ts";
import { checkCount, checkFinite, checkShape, countColumns } from "./check.ts";
import { type Band, groupUnits, type UnitGroups } from "./order.ts";
import { type Markup, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";
import type { Panel, PanelFrame, Signals } from "./trial-frame.ts";
import { ratePanel } from "./trial-heat.ts";
import { channelPanel, outputPanel } from "./trial-lines.ts";

/** One trial of one network: T time steps, I inputs, N units, O outputs; every array row-major, time first. */
export interface TrialFigure extends Omit<UnitGroups, "units"> {
  /** Number of time steps T. */
  readonly steps: number;
  /** Milliseconds per time step. */
  readonly dtMs: number;
  /** [T, I] */
  readonly inputs: Float32Array;
  /** [I] */
  readonly inputNames?: readonly string[] | undefined;
  /** [T, N] rates r (not preactivations). */
  readonly rates: Float32Array;
  /** [T, O] */
  readonly outputs: Float32Array;
  /** [T, O] */
  readonly targets?: Float32Array | undefined;
  /** [T, O] weight of each output in the loss; steps with a positive one are shaded. */
  readonly mask?: Float32Array | undefined;
  /** [O] */
  readonly outputNames?: readonly string[] | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const rightSpace = 150;
const gap = 28;

function signals(name: string, values: Float32Array, steps: number, names: readonly string[] | undefined): Signals {
  const channels = countColumns(name, values, steps, "time, channel");
  checkFinite(name, values, channels);
  if (names) checkShape(`names of ${name}`, names, [channels], "one per channel");
  return {
    values,
    steps,
    channels,
    names: names ?? Array.from({ length: channels }, (_, channel) => `${name.slice(0, -1)} ${channel + 1}`),
  };
}

/** Stretches of steps that count for the loss; none if there is no mask or if everything counts. */
function scoredWindows(mask: Float32Array | undefined, steps: number, outputs: number): readonly Band[] {
  if (!mask) return [];
  const windows: { from: number; to: number }[] = [];
  for (let step = 0; step < steps; step += 1) {
    if (!mask.subarray(step * outputs, (step + 1) * outputs).some((weight) => weight > 0)) continue;
    const last = windows[windows.length - 1];
    if (last?.to === step) last.to = step + 1;
    else windows.push({ from: step, to: step + 1 });
  }
  return windows.length === 1 && windows[0]?.from === 0 && windows[0].to === steps ? [] : windows;
}

/**
 * One trial as an SVG document 700 px wide: inputs, rates of all units as a heat map (ordered by area and sign), and
 * outputs with dashed targets, one above the other on a common time axis in milliseconds. A value of step t fills the
 * time from t·dtMs to (t+1)·dtMs. Steps whose mask is positive for any output are shaded, unless all are, and a target is
 * faint where its own mask is 0. Many channels are drawn as stacked traces, very many as a heat map.
 * @throws ShapeError if a length does not fit `steps` or the other arrays; ValueError for a NaN or infinite value, or a
 * `dtMs` that is not positive.
 */
export function trialFigure(trial: TrialFigure): string {
  const { steps, dtMs, rates, targets, mask, title } = trial;
  checkCount("steps", steps);
  if (!(dtMs > 0 && Number.isFinite(dtMs))) throw new ValueError(`dtMs: expected milliseconds above 0, got ${dtMs}.`);
  const inputs = signals("inputs", trial.inputs, steps, trial.inputNames);
  const outputs = signals("outputs", trial.outputs, steps, trial.outputNames);
  const units = countColumns("rates", rates, steps, "time, unit");
  checkFinite("rates", rates, units);
  for (const [name, values] of [
    ["targets", targets],
    ["mask", mask],
  ] as const) {
    if (!values) continue;
    checkShape(name, values, [steps, outputs.channels], "time, output");
    checkFinite(name, values, outputs.channels);
  }
  const order = groupUnits({ units, areas: trial.areas, signs: trial.signs });
  const windows = scoredWindows(mask, steps, outputs.channels);

  const left = 46 + Math.max(34, nameSpace([...inputs.names, ...order.areas.map((area) => area.name)]));
  const right = width - rightSpace;
  const time = scaleLinear()
    .domain([0, steps * dtMs])
    .range([left, right]);
  const frame: PanelFrame = { left, right, time, dtMs, windows };
  const panels: readonly Panel[] = [
    channelPanel(inputs, "inputs", frame),
    ratePanel(rates, order, frame),
    ...outputPanel(outputs, { targets, mask }, frame),
  ];

  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  let top = title ? 42 : 16;
  const ticks = fittingTicks([0, steps * dtMs], 8, right - left);
  panels.forEach((panel, index) => {
    const label = index === panels.length - 1 ? "time (ms)" : undefined;
    parts.push(panel.draw(top));
    parts.push(bottomAxis({ scale: time, ticks, left, right, y: top + panel.height, label }));
    top += panel.height + gap;
  });
  const description =
    `${steps} steps of ${dtMs} ms: ${inputs.channels} inputs, rates of ${units} units, ${outputs.channels} outputs` +
    `${targets ? " with their targets" : ""}.` +
    windows.map((band) => ` Scored from ${band.from * dtMs} to ${band.to * dtMs} ms.`).join("");
  return svgDocument({ width, height: top - gap + 46, title: title ?? "One trial", description }, parts);
}
