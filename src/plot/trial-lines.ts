import { scaleLinear } from "d3-scale";
import { dashes, type LegendEntry, leftAxis, legendColumn, linearTicks, type Scale, sideLabel } from "./axes.ts";
import { nameLimit } from "./bands.ts";
import { extent } from "./check.ts";
import { curve, midpoints, staircase } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { decimate, type Point, paddedExtent } from "./reduce.ts";
import { group, type Markup, rectangle, segment } from "./svg.ts";
import { shorten, text } from "./text.ts";
import { margin, type Panel, type PanelFrame, type Signals } from "./trial-frame.ts";
import { heatPanel, signalScale } from "./trial-heat.ts";

/** Up to this many outputs share one pair of axes. */
const overlayLimit = 6;
/** Up to this many channels are stacked traces; more become a heat map. */
const traceLimit = 16;
const pointLimit = 1000;
const outputHeight = 130;

function channel(signals: Signals, index: number): number[] {
  return Array.from({ length: signals.steps }, (_, step) => signals.values[step * signals.channels + index] ?? 0);
}

function shading(frame: PanelFrame, top: number, height: number): Markup[] {
  return frame.windows.map((band) => {
    const left = frame.time(band.from * frame.dtMs);
    const width = frame.time(band.to * frame.dtMs) - left;
    return rectangle({ left, top, width, height }, { fill: ink.window });
  });
}

/** A vertical bar that says how high a round value is in the stacked traces. */
function scaleBar(frame: PanelFrame, middle: number, range: number, pixels: number): Markup {
  const value = linearTicks([0, range], 2).at(-1) ?? { value: range, label: range.toPrecision(2) };
  const length = (value.value / range) * pixels;
  const x = frame.right + margin;
  return group({}, [
    segment(x, middle - length / 2, x, middle + length / 2, { stroke: ink.text, "stroke-width": 2 }),
    text(value.label, { x: x + 7, y: middle, baseline: "middle" }),
  ]);
}

/** Targets, and where the error counts: [steps, channels] as they are; everywhere unless given. */
interface Targets extends Signals {
  readonly mask: Float32Array | undefined;
}

/** The target of one channel, faint where it does not count: outputs can count at different times. */
function targetCurves(targets: Targets, index: number, frame: PanelFrame, y: Scale, colour: string): Markup[] {
  const { steps, channels, mask } = targets;
  const values = channel(targets, index);
  const counts = (step: number): boolean => !mask || (mask[step * channels + index] ?? 0) > 0;
  const parts: Markup[] = [];
  for (let from = 0, to = 0; from < steps; from = to) {
    while (to < steps && counts(to) === counts(from)) to += 1;
    const start = from * frame.dtMs;
    const points: Point[] = from > 0 ? [[start, values[from - 1] ?? 0]] : [];
    for (const [x, height] of staircase(values.slice(from, to), frame.dtMs)) points.push([start + x, height]);
    const style = { colour, width: 1.25, dashes, ...(!counts(from) && { opacity: 0.35 }) };
    parts.push(curve(decimate(points, pointLimit), frame.time, y, style));
  }
  return parts;
}

function tracePanel(signals: Signals, targets: Targets | undefined, label: string, frame: PanelFrame): Panel {
  const { channels, names } = signals;
  const lane = channels === 1 ? 48 : Math.max(17, Math.min(26, 220 / channels));
  const height = lane * channels;
  const all = targets ? [...extent(signals.values), ...extent(targets.values)] : extent(signals.values);
  const [low, high] = paddedExtent(all, 0);
  const draw = (top: number): Markup => {
    const parts = [sideLabel(label, 16, top, top + height), ...shading(frame, top, height)];
    for (let index = 0; index < channels; index += 1) {
      const floor = top + lane * (index + 1) - 3;
      const y = scaleLinear()
        .domain([low, high])
        .range([floor, floor - lane + 6]);
      const name = shorten(names[index] ?? "", nameLimit);
      const zero = y(Math.min(high, Math.max(low, 0)));
      parts.push(segment(frame.left, zero, frame.right, zero, { stroke: ink.grid }));
      parts.push(text(name, { x: frame.left - 8, y: floor - lane / 2 + 3, anchor: "end", baseline: "middle" }));
      parts.push(curve(stairs(signals, index, frame), frame.time, y, { colour: ink.text, width: 1.25 }));
      if (!targets) continue;
      parts.push(...targetCurves(targets, index, frame, y, categoricalColour(1)));
    }
    parts.push(scaleBar(frame, top + lane / 2, high - low, lane - 6));
    if (targets) {
      const entry: LegendEntry = { label: "target", colour: categoricalColour(1), sample: "dashed", width: 1.25 };
      parts.push(legendColumn([entry, ...windowEntry(frame)], frame.right + margin, top + lane + 12));
    }
    return group({}, parts);
  };
  return { height, draw };
}

function stairs(signals: Signals, index: number, frame: PanelFrame): readonly Point[] {
  return decimate(staircase(channel(signals, index), frame.dtMs), pointLimit);
}

function windowEntry(frame: PanelFrame): LegendEntry[] {
  return frame.windows.length > 0 ? [{ label: "scored window", colour: ink.window, sample: "area" }] : [];
}

function overlayPanel(signals: Signals, targets: Targets | undefined, label: string, frame: PanelFrame): Panel {
  const { channels, names } = signals;
  const all = targets ? [...extent(signals.values), ...extent(targets.values)] : extent(signals.values);
  const domain = paddedExtent(all);
  const draw = (top: number): Markup => {
    const bottom = top + outputHeight;
    const y = scaleLinear().domain(domain).range([bottom, top]);
    const ticks = linearTicks(domain, 5);
    const parts = [
      sideLabel(label, 16, top, bottom),
      ...shading(frame, top, outputHeight),
      leftAxis({ scale: y, ticks, left: frame.left, right: frame.right, top, bottom }),
    ];
    const entries: LegendEntry[] = [];
    for (let index = 0; index < channels; index += 1) {
      const colour = categoricalColour(index);
      if (targets) parts.push(...targetCurves(targets, index, frame, y, colour));
      const points = decimate(midpoints(channel(signals, index), frame.dtMs), pointLimit);
      parts.push(curve(points, frame.time, y, { colour }));
      const name = shorten(names[index] ?? "", nameLimit);
      entries.push({ label: name, colour, sample: "line" });
    }
    if (targets) entries.push({ label: "target", colour: ink.reference, sample: "dashed", width: 1.25 });
    parts.push(legendColumn([...entries, ...windowEntry(frame)], frame.right + margin, top + 8));
    return group({}, parts);
  };
  return { height: outputHeight, draw };
}

/** Inputs: stacked traces, or very many as a heat map. */
export function channelPanel(signals: Signals, label: string, frame: PanelFrame): Panel {
  if (signals.channels > traceLimit) return heatPanel(signals, label, frame, signalScale(signals.values));
  return tracePanel(signals, undefined, label, frame);
}

/**
 * Outputs and targets: a few on common axes, several as stacked traces, very many as a heat map of each. `mask` says where
 * targets count.
 */
export function outputPanel(
  outputs: Signals,
  { targets, mask }: { readonly targets?: Float32Array | undefined; readonly mask?: Float32Array | undefined },
  frame: PanelFrame,
): readonly Panel[] {
  const targetSignals = targets ? { ...outputs, values: targets, mask } : undefined;
  if (outputs.channels <= overlayLimit) return [overlayPanel(outputs, targetSignals, "outputs", frame)];
  if (outputs.channels <= traceLimit) return [tracePanel(outputs, targetSignals, "outputs", frame)];
  const both = new Float32Array(outputs.values.length + (targets?.length ?? 0));
  both.set(outputs.values);
  if (targets) both.set(targets, outputs.values.length);
  const scale = signalScale(both);
  const legend = windowEntry(frame);
  if (!targetSignals) return [heatPanel(outputs, "outputs", frame, scale, legend)];
  return [heatPanel(outputs, "outputs", frame, scale), heatPanel(targetSignals, "targets", frame, scale, legend)];
}
