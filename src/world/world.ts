/** The world of an agent: how it moves, where it can be, and what it sees; plain data and functions of it. */
export {
  type Agent,
  type AgentInput,
  agentSchema,
  constantAgent,
  driftAgent,
  gaussMomentumAgent,
  nsiRayleigh,
  rayleighAgent,
  scriptedAgent,
  walkAgent,
} from "./agents.ts";
export { type Arena, arenaSchema, freePlace, isFree, nearestWall, stepWithin, type Wall } from "./arena.ts";
export {
  cosineSine,
  type Encoder,
  type EncoderInput,
  encode,
  encoderSchema,
  type Observations,
  observe,
  placeCells,
  populationCode,
  velocityCode,
  wallDistances,
} from "./encoders.ts";
export {
  type AgentState,
  arenaEnvironment,
  circleEnvironment,
  dimensionsOf,
  type Environment,
  type EnvironmentInput,
  environmentSchema,
  lineEnvironment,
  startState,
} from "./environments.ts";
export { type KeyboardAgent, keyboardAgent, keyboardIntention, keyboardSchema } from "./keyboard.ts";
export { type Circumstances, type Intention, intentions } from "./moves.ts";
export { decodePlace, type PlaceCells, placeActivity, placeCellsIn } from "./place-cells.ts";
export { distanceAhead } from "./rays.ts";
export { type Boundary, boundaryOf, boundsOf, type Region, regionSchema } from "./region.ts";
export { runAgent, type Trajectories, type WorldOptions, worldSchema } from "./run.ts";
export { type Stepped, stepAgent } from "./step.ts";
export type { Vector } from "./vector.ts";
