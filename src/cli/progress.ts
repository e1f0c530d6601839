import type { TrainingReport } from "../train/report.ts";

const barWidth = 20;
const quietMs = 2000;

/** How far work is, on stderr: one line that is redrawn on a terminal, else a line every two seconds. */
export class ProgressLine {
  readonly #steps: number;
  readonly #isTerminal = process.stderr.isTTY === true;
  #lastShown = Number.NEGATIVE_INFINITY;

  /** @param steps steps in all. */
  constructor(steps: number) {
    this.#steps = steps;
  }

  show(step: number, words: string, isLast: boolean): void {
    const now = performance.now();
    if (this.#isTerminal) {
      // A line that wraps could not be redrawn.
      const line = `${this.#bar(step)} ${words}`.slice(0, (process.stderr.columns || 80) - 1);
      process.stderr.write(`\r\u001b[K${line}${isLast ? "\n" : ""}`);
    } else if (isLast || now - this.#lastShown >= quietMs) {
      this.#lastShown = now;
      process.stderr.write(`${words}\n`);
    }
  }

  #bar(step: number): string {
    const filled = Math.floor((barWidth * step) / this.#steps);
    return `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  }
}

/** Shows how training goes. */
export class Progress {
  readonly #line: ProgressLine;
  readonly #steps: number;
  readonly #first: number;
  #validation: number | undefined;

  /**
   * @param steps updates in all.
   * @param first updates that were done before this process.
   */
  constructor(steps: number, first: number) {
    this.#line = new ProgressLine(steps);
    this.#steps = steps;
    this.#first = first;
  }

  show(report: TrainingReport): void {
    this.#validation = report.validation?.accuracy ?? this.#validation;
    this.#line.show(report.step, this.#words(report), report.stopped !== undefined);
  }

  #words({ step, loss, accuracy, stage, segments, seconds }: TrainingReport): string {
    const rate = (step - this.#first) / seconds;
    const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
    return [
      `step ${String(step).padStart(String(this.#steps).length)}/${this.#steps}`,
      ...(stage === undefined ? [] : [`stage ${stage}`]),
      ...(segments === undefined ? [] : [`${segments} segments`]),
      `loss ${loss.toPrecision(3)}`,
      ...(accuracy === undefined ? [] : [`accuracy ${share(accuracy)}`]),
      ...(this.#validation === undefined ? [] : [`validation ${share(this.#validation)}`]),
      `${rate.toPrecision(3)} steps/s`,
      `${formatSeconds((this.#steps - step) / rate)} left`,
    ].join("  ");
  }
}

/** `8 s`, `2 min 5 s`, `1 h 4 min`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
