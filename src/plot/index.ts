export { type TrainingCurves, trainingCurves } from "./curves.ts";
export { type WeightMatrix, weightMatrix } from "./matrix.ts";
export { orderByAreaAndSign, type UnitGroups } from "./order.ts";
export { categorical, divergingAnchors, sequentialAnchors, signColours } from "./palette.ts";
export { type TrialFigure, trialFigure } from "./trial.ts";
