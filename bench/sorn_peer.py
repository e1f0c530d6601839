"""The rules of Zheng et al. 2013 in NumPy, as an independent statement of what `cortrain sorn zheng2013` computes.

    python3 bench/sorn_peer.py SEED [STEPS] [OUT.npz]

Only synapses between units that have just fired are touched, so that a step of 200 units takes about 0.1 ms on one core.
Written from the papers and from reference measurements of the Python package sorn 0.7.3 (in-degrees, initial weights), not from
our own code: the two share no random numbers, so it is distributions over seeds that can be compared. OUT has `activity`
[steps], the number of active excitatory units, and `synapses` [n, 2], steps and E-E synapses.
"""

import sys

import numpy as np

seed = int(sys.argv[1])
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 400_000
rng = np.random.default_rng(seed)
E, I = 200, 40
sigma = np.float32(np.sqrt(0.05))
rate_stdp, rate_inhibition, rate_threshold = np.float32(0.004), np.float32(0.001), np.float32(0.01)
target = np.float32(0.1)

# Weights are [post, pre]; each row sums to 1.
W_EE = np.zeros((E, E), np.float32)
for post in range(E):
    others = np.delete(np.arange(E), post)
    count = int(rng.normal(20, 1))
    W_EE[post, rng.choice(others, count, replace=False)] = rng.uniform(0, 0.1, count)
W_EE /= W_EE.sum(1, keepdims=True)
W_EI = np.zeros((E, I), np.float32)
for pre in range(I):
    count = int(rng.normal(40, 1))
    W_EI[rng.choice(E, count, replace=False), pre] = rng.uniform(0, 0.1, count)
totals = W_EI.sum(1, keepdims=True)
np.divide(W_EI, totals, where=totals > 0, out=W_EI)
inhibited = W_EI > 0
W_IE = rng.uniform(0, 0.1, (I, E)).astype(np.float32)
W_IE /= W_IE.sum(1, keepdims=True)
T_E = rng.uniform(0, 1, E).astype(np.float32)
T_I = rng.uniform(0, 0.5, I).astype(np.float32)

x, y = np.zeros(E, np.float32), np.zeros(I, np.float32)
activity = np.zeros(steps, np.int16)
synapses = []
for step in range(steps):
    drive_E = W_EE @ x - W_EI @ y + sigma * rng.standard_normal(E, dtype=np.float32) - T_E
    drive_I = W_IE @ x + sigma * rng.standard_normal(I, dtype=np.float32) - T_I
    next_x, next_y = (drive_E > 0).astype(np.float32), (drive_I > 0).astype(np.float32)
    # STDP on synapses that exist: + if pre fired before post, - if after; what falls to 0 is gone.
    now, before = np.flatnonzero(next_x), np.flatnonzero(x)
    if len(now) and len(before):
        block = W_EE[np.ix_(now, before)]
        W_EE[np.ix_(now, before)] = np.where(block > 0, np.minimum(block + rate_stdp, 1), 0)
        block = W_EE[np.ix_(before, now)]
        W_EE[np.ix_(before, now)] = np.where(block > 0, np.maximum(block - rate_stdp, 0), 0)
    # Intrinsic plasticity.
    T_E += rate_threshold * (next_x - target)
    # Structural plasticity: in a tenth of the steps, one new synapse.
    if rng.random() < 0.1:
        while True:
            post, pre = rng.integers(E, size=2)
            if post != pre and W_EE[post, pre] <= 0:
                break
        W_EE[post, pre] = 0.001
    # Inhibitory STDP, with a floor: inhibition never disappears.
    fired = np.flatnonzero(y)
    if len(fired):
        change = -rate_inhibition * (1 - next_x[:, None] * (1 + 1 / target))
        moved = np.clip(W_EI[:, fired] + change, 0.001, 1)
        W_EI[:, fired] = np.where(inhibited[:, fired], moved, 0)
    # Synaptic scaling of excitation.
    W_EE /= W_EE.sum(1, keepdims=True)
    x, y = next_x, next_y
    activity[step] = int(next_x.sum())
    if step % 5000 == 0:
        synapses.append((step, int((W_EE > 0).sum())))

count = np.array([n for _, n in synapses]) / (E * (E - 1))
print(f"seed {seed}: rate {activity[steps // 2:].mean() / E:.5f}, connection fraction {count[0]:.4f}, {count.min():.4f} at least, {count[-1]:.4f} at the end")
if len(sys.argv) > 3:
    np.savez(sys.argv[3], activity=activity, synapses=np.array(synapses))
