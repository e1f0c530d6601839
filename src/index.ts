export * from "./errors.ts";
export { type Device, type DeviceInfo, type DeviceOptions, describeDevice, openDevice } from "./gpu/device.ts";
export type { ArrayData } from "./io/array.ts";
export {
  decodeModelFolder,
  decodeModelSingle,
  encodeModelFolder,
  encodeModelSingle,
  type ModelFile,
} from "./io/model-file.ts";
export type { Activation, Area, Constraint, DynamicsForm, ModelJson, NoiseScale } from "./io/model-schema.ts";
export { decodeNpy, encodeNpy } from "./io/npy.ts";
export { decodeNpz, encodeNpz } from "./io/npz.ts";
export { decodeSafetensors, encodeSafetensors } from "./io/safetensors.ts";
export { decodeTrials, encodeTrials } from "./io/trials.ts";
export * as losses from "./loss/losses.ts";
export { createModel, type ModelOptions, modelFromFile, modelToFile } from "./network/create.ts";
export { type CtrnnOptions, ctrnn } from "./network/ctrnn.ts";
export type { Model, ModelSpec, ParameterName, WeightName } from "./network/model.ts";

export { type Activity, Network, type NetworkState, type RunOptions } from "./network/network.ts";
export type { Stimuli, Trials } from "./network/trials.ts";
export { effectiveWeights, validateModel } from "./network/validate.ts";
export { trainingCurves, trialFigure, weightMatrix } from "./plot/index.ts";
export { Random, streams, threefry2x32 } from "./random.ts";
export { describeStructure } from "./structure/describe.ts";
export { fromMasks, splitSignedMask } from "./structure/from-masks.ts";
export { multiAreaEI } from "./structure/multi-area-ei.ts";
export { dense, type Structure } from "./structure/structure.ts";
export type { Task, TrialBatch } from "./tasks/task.ts";
export { tasks } from "./tasks/tasks.ts";
export { type GradientOptions, type Gradients, gradients } from "./train/gradients.ts";
export { adam, adamw, type Optimizer, rmsprop, sgd } from "./train/optimizer.ts";
export type { TrainSettings } from "./train/options.ts";
export type { Measurement, StepRecord, TrainingReport } from "./train/report.ts";
export { fixedTrials, type TrialSource } from "./train/source.ts";
export { type TrainOptions, train } from "./train/train.ts";
export { Trainer } from "./train/trainer.ts";
export type { Checkpoint } from "./train/training-state.ts";
