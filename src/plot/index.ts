export { type TrainingCurves, trainingCurves } from "./curves.ts";
export { type DegreeHistogram, degreeHistogram } from "./degrees.ts";
export { type MaskFigure, maskFigure } from "./masks.ts";
export { type WeightMatrix, weightMatrix } from "./matrix.ts";
export { orderByAreaAndSign, type UnitGroups } from "./order.ts";
export { categorical, divergingAnchors, sequentialAnchors, signColours } from "./palette.ts";
export { type EigenvalueSpectrum, eigenvalueSpectrum } from "./spectrum.ts";
export { type TrialFigure, trialFigure } from "./trial.ts";
export { type WeightHistogram, weightHistogram } from "./weight-histogram.ts";
