import { expect, test } from "vitest";
import { CartPole, moveCartPole } from "../../src/tasks/cart-pole.ts";

test("a step from rest, by hand", () => {
  // Upright and still, pushed right: a = 10 / 1.1; θ'' = -a / (0.5 (4/3 - 0.1 / 1.1)) = -14.634…; x'' = a - 0.05 θ'' / 1.1.
  const angular = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1));
  const next = moveCartPole({ position: 0, velocity: 0, angle: 0, angularVelocity: 0 }, 10);
  expect(angular).toBeCloseTo(-600 / 41, 12);
  expect(next).toEqual({
    position: 0,
    velocity: expect.closeTo(0.02 * (10 / 1.1 + (0.05 * 600) / 41 / 1.1), 14),
    angle: 0,
    angularVelocity: expect.closeTo(-12 / 41, 14),
  });
});

test("a step from a tilt, with numbers of a desk calculation", () => {
  // sin 0.1 = 0.0998334166, cos 0.1 = 0.9950041653. a = (-10 + 0.05 · 0.25 · 0.0998334166) / 1.1 = -9.0897746203;
  // θ'' = (0.9783674830 + 9.0443636080) / (0.5 (1.3333333333 - 0.0900030264)) = 10.0227310910 / 0.6216651535 = 16.1223949;
  // x'' = -9.0897746203 - 0.05 · 16.1223949 · 0.9950041653 / 1.1 = -9.8189507.
  const next = moveCartPole({ position: 0.5, velocity: -1, angle: 0.1, angularVelocity: 0.5 }, -10);
  expect(next.position).toBeCloseTo(0.48, 12);
  expect(next.velocity).toBeCloseTo(-1 - 0.02 * 9.8189507, 6);
  expect(next.angle).toBeCloseTo(0.11, 12);
  expect(next.angularVelocity).toBeCloseTo(0.5 + 0.02 * 16.1223949, 6);
});

test("an episode ends when the pole falls, or when it has had all its steps", () => {
  const environment = new CartPole({ seed: 1 });
  const start = environment.reset();
  for (const value of Object.values(start)) expect(Math.abs(value)).toBeLessThanOrEqual(0.05);
  let steps = 0;
  for (let over = false; !over; steps += 1) {
    const { state, reward, terminated, truncated } = environment.step(1);
    expect(reward).toBe(1);
    expect(truncated).toBe(false);
    expect(terminated).toBe(Math.abs(state.angle) > (12 * Math.PI) / 180);
    over = terminated;
  }
  expect(steps).toBeGreaterThan(5);
  expect(steps).toBeLessThan(15);
  expect(() => environment.step(0)).toThrow(/reset\(\)/);
  expect(environment.reset()).not.toEqual(start);
  expect(new CartPole({ seed: 1 }).reset()).toEqual(start);
  const short = new CartPole({ seed: 2, steps: 2 });
  short.reset();
  expect(short.step(0)).toMatchObject({ terminated: false, truncated: false });
  expect(short.step(1)).toMatchObject({ terminated: false, truncated: true });
  expect(() => short.step(1)).toThrow(/over/);
  short.reset();
  expect(() => short.step(2)).toThrow(/action: expected 0 or 1, got 2/);
  expect(() => new CartPole({ seed: 1, steps: 0 })).toThrow(/positive integer/);
});

test("the track ends at 2.4 m on either side", () => {
  const environment = new CartPole({ seed: 3 });
  let { position, velocity, angle, angularVelocity } = environment.reset();
  // A controller that keeps the pole up and runs to the right.
  for (;;) {
    const { state, terminated } = environment.step(Number(angle + 0.5 * angularVelocity - 0.05 > 0));
    ({ position, velocity, angle, angularVelocity } = state);
    expect(terminated).toBe(Math.abs(position) > 2.4);
    if (terminated) break;
  }
  expect(velocity).toBeGreaterThan(0);
  expect(position).toBeGreaterThan(2.4);
});
