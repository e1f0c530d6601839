// What a person calls: `losses` of the library.
export { custom } from "./custom-term.ts";
export { drivePenalty, omega } from "./dynamics-terms.ts";
export { hebbian } from "./hebbian-term.ts";
export { meanRate, rateSpread } from "./mean-rate-terms.ts";
export { binaryCrossEntropy, cosine, crossEntropy, meanSquaredError } from "./output-terms.ts";
export { populationKL } from "./population-kl-term.ts";
export { rateEntropy, rateL1, rateL2, rateSmoothness, statePrediction } from "./rate-terms.ts";
export { targetRates } from "./target-rates-term.ts";
export { spectralNorm, weightL1, weightL2, weightNorm, wiringCost } from "./weight-terms.ts";
