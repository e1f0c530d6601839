/** Statistics of spikes, weights and connections of self-organising networks: pure functions of arrays. */
export {
  avalancheShapes,
  cracklingRelation,
  type MeanSizes,
  meanSizes,
  sizeDurationExponent,
} from "./avalanche-scaling.ts";
export { type AvalancheOptions, type Avalanches, avalanches, pooledAvalanches } from "./avalanches.ts";
export { branchingRatio, type MultistepBranching, multistepBranching } from "./branching.ts";
export { type Correlations, correlationMatrix, meanCorrelation } from "./correlations.ts";
export {
  type AvalancheFitOptions,
  type AvalancheFits,
  type FitRanges,
  fitAvalanches,
  fitPooledAvalanches,
  type PooledFits,
  publishedRanges,
} from "./criticality.ts";
export { type DamageSpreading, damageSpreading, hammingDistance } from "./damage.ts";
export { entropy, seriesEntropy, spikeSourceEntropy } from "./entropy.ts";
export { fitLogNormal, type LogNormalFit, type LogNormalOptions, logNormalGoodness } from "./log-normal.ts";
export { fitPowerLaw, type PowerLawFit, type PowerLawOptions } from "./power-law.ts";
export { comparePowerLaw, type LikelihoodRatio } from "./power-law-alternatives.ts";
export { type GoodnessOfFit, powerLawGoodness, powerLawSampler } from "./power-law-bootstrap.ts";
export { firingRates, populationActivity, type Raster, rasterFromBits, rasterOfReplica, spikeTrain } from "./raster.ts";
export { autocorrelation, relativeSmoothness, smoothness, susceptibility } from "./series.ts";
export {
  coefficientOfVariation,
  type FanoFactor,
  fanoFactor,
  interspikeIntervals,
  spikeTimes,
} from "./spike-trains.ts";
export {
  type ConnectionRecord,
  type SynapseLifetimes,
  SynapseTracker,
  synapseDegrees,
  synapseLifetimes,
  synapseSurvival,
} from "./synapse-lifetimes.ts";
