/**
 * What 64 units are to learn of each built-in task, and how: a version small enough for half a minute on a software adapter.
 * A new task needs an entry here (tests/tasks/learning-table.node.test.ts).
 */

const brief = { test1Ms: 300, delay2Ms: 100, cue2Ms: 200, test2Ms: 300 };
const ring = { ringUnits: 16 };
const easy = { ringUnits: 16, easy: true };
/** What has to be kept in mind for long is learned from recurrent weights that keep it. */
const keep = { dtMs: 100, lr: 0.003, identity: 0.9 };

export const taskSettings = {
  contextDecision: { atLeast: 0.9 },

  perceptualDiscrimination: { atLeast: 0.95, lr: 0.005 },
  delayedDiscrimination: { atLeast: 0.93, lr: 0.005 },
  matchToCategory: { atLeast: 0.93, lr: 0.005 },

  fdgo: { atLeast: 0.95, lr: 0.005, options: ring },
  reactgo: { atLeast: 0.95, lr: 0.005, options: ring },
  delaygo: { atLeast: 0.95, ...keep, options: ring },
  fdanti: { atLeast: 0.95, lr: 0.005, options: ring },
  reactanti: { atLeast: 0.95, lr: 0.005, options: ring },
  delayanti: { atLeast: 0.95, ...keep, options: ring },
  dm1: { atLeast: 0.93, lr: 0.005, options: easy },
  dm2: { atLeast: 0.93, lr: 0.005, options: easy },
  contextdm1: { atLeast: 0.93, lr: 0.005, options: easy },
  contextdm2: { atLeast: 0.93, lr: 0.005, options: easy },
  multidm: { atLeast: 0.93, lr: 0.005, options: easy },
  delaydm1: { atLeast: 0.9, ...keep, options: easy },
  delaydm2: { atLeast: 0.9, ...keep, options: easy },
  contextdelaydm1: { atLeast: 0.9, ...keep, options: easy },
  contextdelaydm2: { atLeast: 0.9, ...keep, options: easy },
  multidelaydm: { atLeast: 0.9, ...keep, options: easy },
  dmsgo: { atLeast: 0.9, ...keep, options: ring },
  dmsnogo: { atLeast: 0.9, ...keep, options: ring },
  dmcgo: { atLeast: 0.95, ...keep, options: ring },
  dmcnogo: { atLeast: 0.95, ...keep, options: ring },
  // One or two of each family.
  yang2019: {
    atLeast: 0.9,
    ...keep,
    options: { ...easy, rules: ["fdgo", "delaygo", "reactanti", "dm1", "contextdm1", "dmcgo"] },
  },

  perceptualDecision: { atLeast: 0.95 },
  variableDurationDecision: { atLeast: 0.93 },
  reactionTimeDecision: { atLeast: 0.95 },
  pulseAccumulation: { atLeast: 0.95 },
  poissonClicks: { atLeast: 0.95 },
  contextIntegration: { atLeast: 0.93, options: { coherences: [0.1, 0.1875] } },
  delayedContextDecision: { atLeast: 0.93, options: { coherences: [0.15, 0.5], delayMs: { uniform: [100, 400] } } },
  multisensoryDecision: { atLeast: 0.93, options: { coherences: [0.15, 0.5] } },
  multisensoryIntegration: { atLeast: 0.95 },
  probabilisticReasoning: { atLeast: 0.93, dtMs: 100 },
  economicChoice: { atLeast: 0.95 },
  goNoGo: { atLeast: 0.95 },
  antiResponse: { atLeast: 0.93, dtMs: 100, lr: 0.005 },

  parametricWorkingMemory: { atLeast: 0.93, dtMs: 100 },
  delayedComparison: { atLeast: 0.95 },
  delayedMatchToSample: { atLeast: 0.95, ...keep },
  // At its own times, of 4 directions: 8 take about twice as long.
  delayedMatchWithDistractors: { atLeast: 0.93, ...keep, options: { directions: 4 } },
  delayedMatchToCategory: { atLeast: 0.95, lr: 0.001 },
  delayedPairedAssociation: { atLeast: 0.95, ...keep },
  dualDelayedMatch: {
    atLeast: 0.95,
    stages: [{ fixationMs: 100, sampleMs: 300, delay1Ms: 100, cue1Ms: 200, ...brief }],
  },

  delayedReach: { atLeast: 0.95, lr: 0.005 },
  memoryGuidedReach: { atLeast: 0.95, lr: 0.005 },
  delayedReport: { atLeast: 0.9, ...keep },
  flipFlop: { atLeast: 0.95, lr: 0.005 },
  sineGenerator: { atLeast: 0.9, lr: 0.005 },
  sequenceReproduction: { atLeast: 0.9, enough: 0.94, ...keep, dtMs: 50 },

  readySetGo: { atLeast: 0.9, lr: 0.005, options: { intervalMs: { uniform: [400, 800] } } },
  oneTwoThreeGo: { atLeast: 0.9, lr: 0.005, options: { intervalMs: { choice: [400, 600, 800] } } },
  motorTiming: { atLeast: 0.93, lr: 0.005, options: { intervals: [400, 700], cueMs: { uniform: [200, 400] } } },
  intervalDiscrimination: { atLeast: 0.9, lr: 0.003 },

  headDirection: { atLeast: 0.9, lr: 0.003 },
  pathIntegration: { atLeast: 0.9, lr: 0.003 },
};
