/** TensorFlow.js on its WebGPU backend: a loop over time, its own gradients and Adam. */
import { alpha, inputs, lr, outputs } from "./problem.mjs";
import { whileSleeping } from "./waiting.mjs";

export async function open({ batch, steps, hidden, weights, x, y }) {
  const tf = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-webgpu");
  await tf.setBackend("webgpu");
  await tf.ready();
  // It falls back to another backend without a word.
  if (tf.getBackend() !== "webgpu") throw new Error(`tfjs took ${tf.getBackend()} in place of webgpu`);
  const transposed = (values, rows, columns) => tf.tidy(() => tf.tensor2d(values, [rows, columns]).transpose());
  const variable = (tensor) => tf.variable(tensor);
  const wIn = variable(transposed(weights.weightIH, hidden, inputs));
  const wRec = variable(transposed(weights.weightHH, hidden, hidden));
  const wOut = variable(transposed(weights.weightHO, outputs, hidden));
  const b = variable(tf.tensor1d(weights.biasH));
  const bOut = variable(tf.tensor1d(weights.biasO));
  const variables = [wIn, wRec, wOut, b, bOut];
  const cut = (values, channels) =>
    Array.from({ length: steps }, (_, t) =>
      tf.tensor2d(values.slice(t * batch * channels, (t + 1) * batch * channels), [batch, channels]),
    );
  const xs = cut(x, inputs);
  const target = tf.tensor2d(y, [steps * batch, outputs]);
  const optimizer = tf.train.adam(lr, 0.9, 0.999, 1e-8);
  const loss = () => {
    let h = tf.zeros([batch, hidden]);
    let r = tf.relu(h);
    const rates = [];
    for (let t = 0; t < steps; t += 1) {
      const drive = tf.add(tf.add(tf.matMul(r, wRec), tf.matMul(xs[t], wIn)), b);
      h = tf.add(tf.mul(h, 1 - alpha), tf.mul(drive, alpha));
      r = tf.relu(h);
      rates.push(r);
    }
    const error = tf.sub(tf.add(tf.matMul(tf.concat(rates), wOut), bOut), target);
    return tf.mean(tf.mul(error, error));
  };
  return {
    name: "tfjs-webgpu",
    step: () =>
      whileSleeping(async () => {
        const cost = optimizer.minimize(loss, true, variables);
        const [value] = await cost.data();
        cost.dispose();
        return value;
      }),
    dispose() {
      tf.dispose([...variables, ...xs, target]);
    },
  };
}
