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
export type { Activity, NetworkState, RunOptions } from "./network/activity.ts";
export { type Balance, balanceWeights } from "./network/balance.ts";
export { createModel, type ModelOptions, modelFromFile, modelToFile } from "./network/create.ts";
export { type CtrnnOptions, ctrnn } from "./network/ctrnn.ts";
export { type Eigenvalues, eigenvalues } from "./network/eigenvalues.ts";
export { spectralRadius } from "./network/initialise.ts";
export { type DrawOptions, drawWeights } from "./network/initialise-draw.ts";
export type { Initialiser } from "./network/initialiser.ts";
export { modelFromNn4n, type Nn4nFileOptions } from "./network/interop/nn4n.ts";
export { modelFromPsychRNN, type PsychRNNFileOptions } from "./network/interop/psychrnn.ts";
export { modelFromPyTorch, type PyTorchFileOptions } from "./network/interop/pytorch.ts";
export { modelToPyTorch, type PyTorchNames, type PyTorchWeights } from "./network/interop/pytorch-write.ts";
export type { Model, ModelSpec, ParameterName, WeightName } from "./network/model.ts";
export { Network } from "./network/network.ts";
export type { Perturbation } from "./network/perturbation.ts";
export { simulate } from "./network/simulate.ts";
export type { Stimuli, Trials } from "./network/trials.ts";
export { effectiveWeights, validateModel } from "./network/validate.ts";
export {
  degreeHistogram,
  eigenvalueSpectrum,
  maskFigure,
  trainingCurves,
  trialFigure,
  weightHistogram,
  weightMatrix,
} from "./plot/index.ts";
export { Random, streams, threefry2x32 } from "./random.ts";
export {
  type BlocksOptions,
  blocks,
  type NamedChannels,
  type Population,
  type Projection,
} from "./structure/blocks.ts";
export { and, or, withoutSelfConnections, withSigns } from "./structure/compose.ts";
export { type ConnectomeMatrix, type ConnectomeOptions, fromConnectome } from "./structure/connectome.ts";
export { type Edge, type NamedMatrix, parseEdgeListCsv, parseMatrixCsv } from "./structure/csv.ts";
export { describeStructure } from "./structure/describe.ts";
export {
  type DistanceDependentOptions,
  distanceDependent,
  type SpatialStructure,
} from "./structure/distance-dependent.ts";
export { fromMasks, splitSignedMask } from "./structure/from-masks.ts";
export type { ChannelGroup, ChannelsInput, ChannelTable, UnitSelection } from "./structure/groups.ts";
export { type StructureJson, structureFromJson, structureToJson } from "./structure/json.ts";
export { type MultiAreaOptions, multiArea } from "./structure/multi-area.ts";
export { multiAreaEI } from "./structure/multi-area-ei.ts";
export { type MultiIOOptions, multiIO } from "./structure/multi-io.ts";
export {
  inputChannelsOf,
  inputsByName,
  inputUnits,
  outputChannelsOf,
  ratesOf,
  readoutUnits,
  submatrix,
  unitsOf,
} from "./structure/query.ts";
export { type RandomInputOptions, randomInput } from "./structure/random-input.ts";
export { type SparseOptions, type Sparsity, sparse } from "./structure/sparse.ts";
export { dense, type Structure, type UnitProperties } from "./structure/structure.ts";
export type { Task, TrialBatch } from "./tasks/task.ts";
export { tasks } from "./tasks/tasks.ts";
export { type Curriculum, type CurriculumInput, curriculum, type StageInput } from "./train/curriculum.ts";
export { type GradientOptions, type Gradients, gradients } from "./train/gradients.ts";
export { adam, adamw, type Optimizer, rmsprop, sgd } from "./train/optimizer.ts";
export type { TrainSettings } from "./train/options.ts";
export type { Measurement, StageMeasurement, StepRecord, TrainingReport } from "./train/report.ts";
export { fixedTrials, type TrialSource } from "./train/source.ts";
export { type TrainOptions, train } from "./train/train.ts";
export { Trainer } from "./train/trainer.ts";
export type { Checkpoint } from "./train/training-state.ts";
