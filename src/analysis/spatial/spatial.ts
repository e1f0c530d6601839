/** How activity depends on heading, velocity and place: pure functions of arrays, on the CPU. */
export { type AutocorrelogramOptions, autocorrelogram } from "./autocorrelogram.ts";
export { type Axis, type BinnedVariable, binCentres, binOf } from "./bins.ts";
export { type BorderScore, type BorderScoreOptions, borderScore } from "./border-score.ts";
export {
  autocorrelogramPeaks,
  type GridGeometry,
  type GridGeometryOptions,
  gridGeometry,
  type Peak,
} from "./grid-geometry.ts";
export { type GridScore, type GridScoreOptions, gridScore, type RingMask } from "./grid-score.ts";
export { type HeadingModulation, headingModulation } from "./heading.ts";
export { sparsity, spatialInformation } from "./information.ts";
export type { SpatialMap } from "./map.ts";
export { mapOf, type RateMaps, rateMaps } from "./rate-maps.ts";
export {
  nsiTuningAxes,
  type SpatialRecording,
  type TuningAxis,
  tuningCurves,
  type VelocityCorrelation,
  velocityCorrelation,
} from "./recording.ts";
export { type ShuffledScore, type ShuffleOptions, shuffledScore } from "./shuffle.ts";
export { type SmoothOptions, smoothMap } from "./smooth.ts";
