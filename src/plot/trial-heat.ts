import { type LegendEntry, legendColumn, sideLabel } from "./axes.ts";
import { rowBands, signLegend } from "./bands.ts";
import { extent } from "./check.ts";
import { type ColourScale, colourBar, divergingScale, heatMap, sequentialScale } from "./heatmap.ts";
import type { UnitOrder } from "./order.ts";
import { ink } from "./palette.ts";
import { quantile } from "./reduce.ts";
import { type Box, group, type Markup, rectangle, segment } from "./svg.ts";
import { margin, type Panel, type PanelFrame, type Signals } from "./trial-frame.ts";

function boxAt(frame: PanelFrame, top: number, height: number): Box {
  return { left: frame.left, top, width: frame.right - frame.left, height };
}

function barAt(frame: PanelFrame, top: number, height: number): Box {
  return { left: frame.right + margin, top, width: 12, height };
}

/** [steps, channels] turned into [channels, steps], rows in the given order. */
export function rowsOverTime(values: ArrayLike<number>, steps: number, order: ArrayLike<number>): Float32Array {
  const rows = order.length;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    const unit = order[row] ?? 0;
    for (let step = 0; step < steps; step += 1) turned[row * steps + step] = values[step * rows + unit] ?? 0;
  }
  return turned;
}

/** Purple from 0, or blue – white – red where there are negative values; the top 0.5 % share the last colour. */
export function signalScale(values: Float32Array): ColourScale {
  const [low, high] = extent(values);
  if (low < 0) {
    const limit = quantile(
      values.map((value) => Math.abs(value)),
      0.995,
    );
    return divergingScale(limit, low < -limit, high > limit);
  }
  const limit = quantile(values, 0.995);
  return sequentialScale(limit > 0 ? limit : high, limit > 0 && high > limit);
}

/** A heat map cannot be shaded: a strip above it covers the windows, and lines across it stand at their ends. */
function windowMarks(frame: PanelFrame, steps: number, box: Box): Markup {
  const x = (step: number): number => frame.time(step * frame.dtMs);
  const ends = new Set(frame.windows.flatMap((band) => [band.from, band.to]));
  const inner = [...ends].filter((step) => step > 0 && step < steps);
  return group({}, [
    ...frame.windows.map(({ from, to }) =>
      rectangle(
        { left: x(from), top: box.top - 7, width: x(to) - x(from), height: 5 },
        { fill: ink.window, stroke: ink.reference, "stroke-width": 0.5 },
      ),
    ),
    ...inner.map((step) =>
      segment(x(step), box.top, x(step), box.top + box.height, { stroke: ink.text, "stroke-dasharray": "2 3" }),
    ),
  ]);
}

/** Channels as rows of a heat map, numbered from 0; the legend stands below the colour bar. */
export function heatPanel(
  signals: Signals,
  label: string,
  frame: PanelFrame,
  scale: ColourScale,
  legend: readonly LegendEntry[] = [],
): Panel {
  const height = 110;
  const { channels, steps } = signals;
  const order = Uint32Array.from({ length: channels }, (_, index) => index);
  const draw = (top: number): Markup => {
    const box = boxAt(frame, top, height);
    return group({}, [
      sideLabel(label, 16, top, top + height),
      heatMap(rowsOverTime(signals.values, steps, order), channels, steps, box, scale),
      windowMarks(frame, steps, box),
      rowBands({ order, areas: [], signs: [] }, box),
      colourBar(scale, barAt(frame, top + 8, height - 8 - 22 * legend.length), "value"),
      legendColumn(legend, frame.right + margin, top + height - 16 * legend.length + 8),
    ]);
  };
  return { height, draw };
}

/** Rates of all units as a heat map with areas and signs at its left. */
export function ratePanel(rates: Float32Array, order: UnitOrder, frame: PanelFrame): Panel {
  const height = Math.max(120, Math.min(260, order.order.length * 4));
  const steps = rates.length / order.order.length;
  const draw = (top: number): Markup => {
    const box = boxAt(frame, top, height);
    const scale = signalScale(rates);
    const legend = signLegend(order);
    const barHeight = Math.min(110, height - 26 - 16 * legend.length);
    return group({}, [
      sideLabel("units", 16, top, top + height),
      heatMap(rowsOverTime(rates, steps, order.order), order.order.length, steps, box, scale),
      windowMarks(frame, steps, box),
      rowBands(order, box),
      colourBar(scale, barAt(frame, top + 12, barHeight), "rate"),
      legendColumn(legend, frame.right + margin, top + height - 16 * legend.length + 8),
    ]);
  };
  return { height, draw };
}
