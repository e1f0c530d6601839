export { type BumpShape, bumpShape } from "./analysis/attractor-bump.ts";
export { type Diffusion, phaseDiffusion } from "./analysis/attractor-diffusion.ts";
export { type FixedPoints, fixedPoints } from "./analysis/attractor-fixed-points.ts";
export { type PathIntegration, pathIntegration } from "./analysis/attractor-integration.ts";
export { bumpPath, bumpPhase, unitAngles } from "./analysis/attractor-phase.ts";
export { accuracyOf, classify, ridgeClassification } from "./analysis/classification.ts";
export { type RSquared, rSquared } from "./analysis/r-squared.ts";
export { applyReadout, type Readout, type RidgeOptions, ridgeRegression } from "./analysis/ridge.ts";
export * as spatial from "./analysis/spatial/spatial.ts";
export * as statistics from "./analysis/statistics.ts";
export type { BilinearNetwork } from "./attractors/bilinear-network.ts";
export { type DoubleRing, type DoubleRingOptions, doubleRing, doubleRingSchema } from "./attractors/double-ring.ts";
export type { Landmark } from "./attractors/landmarks.ts";
export { type RingAttractor, type RingOptions, ringAttractor, ringSchema } from "./attractors/ring.ts";
export { type DriftMap, driftMap, type GainCurve, type GainPoint, gainCurve } from "./attractors/ring-measures.ts";
export { type AttractorSpectrum, attractorSpectrum } from "./attractors/ring-spectrum.ts";
export { type BilinearResult, type BilinearRun, type DirectionNoise, runBilinear } from "./attractors/run-bilinear.ts";
export { type RingRecording, type RingSimulation, type RingStart, simulateRing } from "./attractors/simulate-ring.ts";
export { type TorusOptions, type TorusParameters, torusAttractor } from "./attractors/torus.ts";
export { exploreTorus, type TorusExploration, type TorusExploreOptions } from "./attractors/torus-explore.ts";
export { type TorusGain, type TorusGainOptions, torusVelocityGain } from "./attractors/torus-gain.ts";
export type { TorusMapOptions, TorusMaps } from "./attractors/torus-maps.ts";
export { PatternTracker, patternOf, type TorusPattern } from "./attractors/torus-pattern.ts";
export type { TorusPresetName } from "./attractors/torus-presets.ts";
export type { TorusRunOptions } from "./attractors/torus-run.ts";
export { runTorus, simulateTorus, type TorusBlock, type TorusRecording } from "./attractors/torus-simulate.ts";
export { type BilinearBatch, BilinearTrainer, bilinearTrainer } from "./attractors/train-bilinear.ts";
export type { BilinearConstraints, BilinearTrainerOptions } from "./attractors/train-bilinear-plan.ts";
export * from "./errors.ts";
export { type Device, type DeviceInfo, type DeviceOptions, describeDevice, openDevice } from "./gpu/device.ts";
export { type ActivitySubspace, activitySubspace } from "./identify/activity-subspace.ts";
export {
  type AlignedNetworks,
  alignNetworks,
  type WeightConsistency,
  weightConsistency,
} from "./identify/align-networks.ts";
export { alignUnits, type UnitAlignment } from "./identify/align-units.ts";
export { type CirculantPart, circulantPart, type Lattice } from "./identify/circulant.ts";
export {
  type ConnectivityOptions,
  type ConnectivityScores,
  connectivityScores,
} from "./identify/connectivity-scores.ts";
export { correlationBaseline } from "./identify/correlation-baseline.ts";
export { freeRun } from "./identify/free-run.ts";
export { type FreeRunOptions, type FreeRunScores, freeRunScores } from "./identify/free-run-scores.ts";
export { type HiddenPaths, hiddenPaths, meanGains } from "./identify/hidden-paths.ts";
export { type FittedNetwork, type IdentifyReport, identify } from "./identify/identify.ts";
export type { LearnedNetwork, TrueConnectivity } from "./identify/learned-network.ts";
export { type IdentifyOptions, identifyPresets } from "./identify/options.ts";
export { type PreferredHeadings, preferredHeadings } from "./identify/population-vector.ts";
export type { Recording } from "./identify/recording.ts";
export { type RidgeBaseline, type RidgeBaselineOptions, ridgeBaseline } from "./identify/ridge-baseline.ts";
export { type ScoredNetwork, type ScoreFittedOptions, scoreFitted } from "./identify/score-fitted.ts";
export {
  flattenScores,
  type ScoredMethod,
  type Scores,
  scoreCsv,
  scoreTable,
  summariseScores,
} from "./identify/score-table.ts";
export { type NetworkActivity, type ShifterScores, shifterScores, type UnitTuning } from "./identify/shifter-scores.ts";
export {
  type PlacedActivity,
  placeMaps,
  type SpatialScores,
  type SpatialTuning,
  spatialScores,
} from "./identify/spatial-scores.ts";
export { orderByHeading, orderByPeak } from "./identify/unit-order.ts";
export { tuningOfUnits, type VelocityTuning } from "./identify/velocity-tuning.ts";
export type { CustomActivation } from "./io/activation-schema.ts";
export type { ArrayData } from "./io/array.ts";
export type { Cell, LstmOutput } from "./io/cells.ts";
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
export type { Custom, CustomOptions } from "./loss/custom-term.ts";
export { registerLoss } from "./loss/register-loss.ts";
export * as losses from "./loss/terms.ts";
export type { Activity, NetworkState, RunOptions } from "./network/activity.ts";
export { type Balance, balanceWeights } from "./network/balance.ts";
export { gateNames } from "./network/cells.ts";
export { createModel, type ModelOptions, modelFromFile, modelToFile } from "./network/create.ts";
export { type CtrnnOptions, ctrnn } from "./network/ctrnn.ts";
export { type Eigenvalues, eigenvalues } from "./network/eigenvalues.ts";
export { type GruOptions, gru, type LstmOptions, lstm } from "./network/gated.ts";
export { spectralRadius } from "./network/initialise.ts";
export { type DrawOptions, drawWeights } from "./network/initialise-draw.ts";
export type { GatedInitialisation } from "./network/initialise-gated.ts";
export type { Initialiser } from "./network/initialiser.ts";
export { modelFromNn4n, type Nn4nFileOptions } from "./network/interop/nn4n.ts";
export { modelFromPsychRNN, type PsychRNNFileOptions } from "./network/interop/psychrnn.ts";
export { modelFromPyTorch, type PyTorchFileOptions } from "./network/interop/pytorch.ts";
export { modelToPyTorch, type PyTorchNames, type PyTorchWeights } from "./network/interop/pytorch-write.ts";
export {
  type LowRankConnectivity,
  type LowRankWeightOptions,
  lowRankConnectivity,
  lowRankPlasticity,
  lowRankWeights,
} from "./network/low-rank.ts";
export type { Model, ModelSpec, ParameterName, WeightName } from "./network/model.ts";
export { Network } from "./network/network.ts";
export type { Perturbation } from "./network/perturbation.ts";
export { registerActivation } from "./network/register-activation.ts";
export type { NamedInputs, NamedStimuli, RunInput } from "./network/run-input.ts";
export { type ActivitySelection, type SelectedActivity, type Span, selectActivity } from "./network/select.ts";
export { simulate } from "./network/simulate.ts";
export type { Stimuli, Trials } from "./network/trials.ts";
export { effectiveWeights, validateModel } from "./network/validate.ts";
export { type FftShape, fft2d, separateSpectra } from "./ops/fft.ts";
export type { SornFamily } from "./ops/sorn/plan.ts";
export { collect } from "./plasticity/collect.ts";
export { type PackageState, sornStateFromPackage, sornStateToPackage } from "./plasticity/package-state.ts";
export {
  describeSorn,
  type SornOptions,
  type SornParameters,
  type SornRule,
  sornParameters,
  sornRules,
} from "./plasticity/parameters.ts";
export {
  type FrozenOptions,
  frozenPhase,
  type PlasticityOptions,
  plasticityPhase,
  type ReservoirStates,
  statesOf,
} from "./plasticity/phases.ts";
export { type SornPresetName, sornPresets } from "./plasticity/presets.ts";
export {
  joinRecords,
  type SornRecord,
  type SornRecordName,
  type SornRecordRequest,
  sornRecordNames,
} from "./plasticity/record.ts";
export type { GivenSynapse, SornInputSource, SornRunOptions } from "./plasticity/run-options.ts";
export { decodeSnapshot, encodeSnapshot } from "./plasticity/snapshot-file.ts";
export { discountedReturns, type PolicyStep, SoftmaxPolicy } from "./plasticity/softmax-policy.ts";
export { Sorn, type SornBlock, type SornMember, type SornNetworkOptions, sorn } from "./plasticity/sorn.ts";
export { type DamageOptions, spreadDamage } from "./plasticity/spread-damage.ts";
export { matrixOf, type SornSnapshot, type SornState, type SornSynapses, synapsesOf } from "./plasticity/state.ts";
export {
  runSymbolTask,
  type SymbolReading,
  type SymbolRunOptions,
  type SymbolScore,
} from "./plasticity/symbols/read-symbols.ts";
export {
  type SymbolSequence,
  type SymbolTask,
  sliceSequence,
  symbolInputs,
  type WordsDefinition,
  wordsTask,
} from "./plasticity/symbols/symbol-task.ts";
export {
  type CountingOptions,
  type OccluderOptions,
  type RandomSequenceOptions,
  symbolTaskSchemas,
  symbolTasks,
} from "./plasticity/symbols/tasks.ts";
export {
  avalancheFigure,
  bumpFigure,
  connectionFraction,
  connectivityFigure,
  correlationMatrix,
  degreeHistogram,
  type EnsembleCurves,
  eigenvalueSpectrum,
  ensembleCurves,
  fitFigure,
  gainFigure,
  hammingDistance,
  intervalHistogram,
  maskFigure,
  networkGraph,
  phaseFigure,
  rasterFigure,
  rateHistogram,
  rateMapFigure,
  scoreFigure,
  sheetFigure,
  trainingCurves,
  trialFigure,
  tuningCurves,
  weightDistribution,
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
export { type InputSignals, inputsByName, outputsByName } from "./structure/channels-by-name.ts";
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
export type { LayerProjection } from "./structure/layer-places.ts";
export { type LowRankOptions, lowRank } from "./structure/low-rank.ts";
export { type MlpLayer, type MlpOptions, mlp } from "./structure/mlp.ts";
export { type MultiAreaOptions, multiArea } from "./structure/multi-area.ts";
export { multiAreaEI } from "./structure/multi-area-ei.ts";
export { type MultiIOOptions, multiIO } from "./structure/multi-io.ts";
export {
  inputChannelsOf,
  inputUnits,
  outputChannelsOf,
  ratesOf,
  readoutUnits,
  submatrix,
  unitsOf,
} from "./structure/query.ts";
export { type RandomInputOptions, randomInput } from "./structure/random-input.ts";
export { type SparseOptions, type Sparsity, sparse } from "./structure/sparse.ts";
export { type StackLayer, type StackOptions, stack } from "./structure/stack.ts";
export { dense, type NoiseBase, type Structure, type UnitProperties } from "./structure/structure.ts";
export type { UnitGroup } from "./structure/unit-groups.ts";
export { angleBetween, populationVector, wrapAngle } from "./tasks/angles.ts";
export { CartPole, type CartPoleState, type CartPoleStep, cartPole, moveCartPole } from "./tasks/cart-pole.ts";
export { defineTask } from "./tasks/define-task.ts";
export type { TaskDefinition, Timeline } from "./tasks/definition.ts";
export { withDerived } from "./tasks/derived.ts";
export { type PsychometricPoint, psychometric } from "./tasks/psychometric.ts";
export { type ReactionTimes, reactionTimes } from "./tasks/reaction-times.ts";
export { cosineRing, gaussianRing, oneHot, ringAngles, sumOf, vonMisesRing } from "./tasks/ring.ts";
export { periodOf, type Task, type TrialBatch } from "./tasks/task.ts";
export { taskFromFunction } from "./tasks/task-from-function.ts";
export { tasks } from "./tasks/tasks.ts";
export { type Curriculum, type CurriculumInput, curriculum, type StageInput } from "./train/curriculum.ts";
export { type Ensemble, type EnsembleMember, type EnsembleOptions, ensemble } from "./train/ensemble.ts";
export { type ForceResult, force } from "./train/force/force.ts";
export { type InnateOptions, type InnateResult, type InnateTrials, innate } from "./train/force/innate.ts";
export type { ForceOptions } from "./train/force/options.ts";
export { type GradientOptions, type Gradients, gradients } from "./train/gradients.ts";
export { adam, adamw, type Optimizer, rmsprop, sgd } from "./train/optimizer.ts";
export type { TrainSettings } from "./train/options.ts";
export { type PsychRNNSetup, psychrnn } from "./train/psychrnn.ts";
export type { PsychRNNOptions } from "./train/psychrnn-options.ts";
export type { Measurement, StageMeasurement, StepRecord, TrainingProfile, TrainingReport } from "./train/report.ts";
export type { Rule, RuleInput } from "./train/rule.ts";
export { fixedTrials, type TrialSource } from "./train/source.ts";
export { type TrainOptions, train } from "./train/train.ts";
export { Trainer } from "./train/trainer.ts";
export type { Checkpoint } from "./train/training-state.ts";
export * as world from "./world/world.ts";
