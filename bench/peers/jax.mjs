/** jax-js on WebGPU: the loop over time unrolled, its value, gradients and Adam in one `jit`. */
import { alpha, inputs, lr, outputs } from "./problem.mjs";
import { whileSleeping } from "./waiting.mjs";

export async function open({ batch, steps, hidden, weights, x, y }) {
  const { defaultDevice, init, jit, numpy: np, valueAndGrad } = await import("@jax-js/jax");
  if (!(await init()).includes("webgpu")) throw new Error("jax-js found no webgpu");
  defaultDevice("webgpu");
  const matrix = (values, rows, columns) => np.array(values).reshape([rows, columns]).transpose();
  const cut = (values, channels) =>
    Array.from({ length: steps }, (_, t) =>
      np.array(values.slice(t * batch * channels, (t + 1) * batch * channels)).reshape([batch, channels]),
    );
  const [xs, ys] = [cut(x, inputs), cut(y, outputs)];
  const relu = (h) => np.maximum(h, 0);
  const lossOf = (p, xs, ys) => {
    let h = np.zeros([batch, hidden]);
    let sum = np.array(0);
    for (let t = 0; t < steps; t += 1) {
      const drive = np.matmul(relu(h.ref), p.wRec.ref).add(np.matmul(xs[t], p.wIn.ref)).add(p.b.ref);
      h = h.mul(1 - alpha).add(drive.mul(alpha));
      const error = np.matmul(relu(h.ref), p.wOut.ref).add(p.bOut.ref).sub(ys[t]);
      sum = sum.add(np.square(error).sum());
    }
    h.dispose();
    for (const own of Object.values(p)) own.dispose();
    return sum.div(steps * batch * outputs);
  };
  const keys = ["wIn", "wRec", "wOut", "b", "bOut"];
  const train = jit((p, m, s, step, rootScale, xs, ys) => {
    const [loss, gradients] = valueAndGrad(lossOf)(Object.fromEntries(keys.map((key) => [key, p[key].ref])), xs, ys);
    const next = { p: {}, m: {}, s: {} };
    for (const key of keys) {
      const g = gradients[key];
      next.m[key] = m[key].mul(0.9).add(g.ref.mul(0.1));
      next.s[key] = s[key].mul(0.999).add(np.square(g).mul(0.001));
      const root = np.sqrt(next.s[key].ref).mul(rootScale.ref).add(1e-8);
      next.p[key] = p[key].sub(next.m[key].ref.mul(step.ref).div(root));
    }
    step.dispose();
    rootScale.dispose();
    return [loss, next.p, next.m, next.s];
  });
  let p = {
    wIn: matrix(weights.weightIH, hidden, inputs),
    wRec: matrix(weights.weightHH, hidden, hidden),
    wOut: matrix(weights.weightHO, outputs, hidden),
    b: np.array(weights.biasH),
    bOut: np.array(weights.biasO),
  };
  const zeros = () => Object.fromEntries(keys.map((key) => [key, np.zeros(p[key].shape)]));
  let [m, s] = [zeros(), zeros()];
  let count = 0;
  return {
    name: "jax-js-webgpu",
    step: () =>
      whileSleeping(async () => {
        count += 1;
        const scale = np.array(lr / (1 - 0.9 ** count));
        const rootScale = np.array(1 / Math.sqrt(1 - 0.999 ** count));
        const refs = (list) => list.map((each) => each.ref);
        let loss;
        [loss, p, m, s] = train(p, m, s, scale, rootScale, refs(xs), refs(ys));
        const [value] = await loss.data();
        return value;
      }),
    dispose() {},
  };
}
