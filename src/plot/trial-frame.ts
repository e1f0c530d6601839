import type { Scale } from "./axes.ts";
import type { Band } from "./order.ts";
import type { Markup } from "./svg.ts";

/** Channels over time: [steps, channels] row-major, and a name for each channel. */
export interface Signals {
  readonly values: Float32Array;
  readonly steps: number;
  readonly channels: number;
  readonly names: readonly string[];
}

/** What all panels of a figure share: their left and right edge, the time axis, the shaded windows (in steps). */
export interface PanelFrame {
  readonly left: number;
  readonly right: number;
  /** Milliseconds to pixels. */
  readonly time: Scale;
  readonly dtMs: number;
  readonly windows: readonly Band[];
}

/** A panel that knows its height and is drawn once its place is known. */
export interface Panel {
  readonly height: number;
  readonly draw: (top: number) => Markup;
}

/** From the right edge of a panel to what stands beside it, in pixels. */
export const margin = 14;
