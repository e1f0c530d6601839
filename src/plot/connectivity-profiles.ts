import { bottomAxis, dashes, type LegendEntry, leftAxis, legendRow, sideLabel } from "./axes.ts";
import { type Block, columns } from "./connectivity-panels.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { horizontalAxis, verticalAxis } from "./panel.ts";
import { type Point, paddedExtent } from "./reduce.ts";
import { type Box, group, type Markup } from "./svg.ts";
import { text } from "./text.ts";

/** Mean weight against offset round a ring; either may be absent. */
export interface ProfilePair {
  /** [n]: element d is the mean over i of the weights [i, i + d modulo n], d = presynaptic minus postsynaptic place. */
  readonly truth?: ArrayLike<number> | undefined;
  /** [n] */
  readonly learned?: ArrayLike<number> | undefined;
}

const panelWidth = 248;
const profileHeight = 150;
const truthStyle = { colour: ink.text, width: 3 };
const learnedStyle = { colour: categoricalColour(1), width: 1.75 };

/** Offsets from -n/2 up, each with its mean weight; divided by the largest in size if `relative`. */
function profilePoints(profile: ArrayLike<number>, relative: boolean): Point[] {
  const units = profile.length;
  const largest = Array.from(profile, Math.abs).reduce((one, other) => Math.max(one, other), 0);
  const unit = relative && largest > 0 ? largest : 1;
  const first = -Math.floor((units - 1) / 2);
  return Array.from({ length: units }, (_, index): Point => {
    const offset = first + index;
    return [offset, (profile[(offset + units) % units] ?? 0) / unit];
  });
}

function profilePanel(pair: ProfilePair, relative: boolean, box: Box, name: string): Markup {
  const curves = [
    { points: profilePoints(pair.truth ?? [], relative), ...truthStyle },
    { points: profilePoints(pair.learned ?? [], relative), ...learnedStyle },
  ].filter(({ points }) => points.length > 0);
  const all = curves.flatMap(({ points }) => points);
  const [right, bottom] = [box.left + box.width, box.top + box.height];
  const x = horizontalAxis(
    box,
    paddedExtent(
      all.map(([offset]) => offset),
      0.02,
    ),
  );
  const y = verticalAxis(box, paddedExtent([0, ...all.map(([, weight]) => weight)]));
  const zero = y.scale(0);
  return group({}, [
    text(name, { x: box.left, y: box.top - 9, bold: true }),
    sideLabel(relative ? "relative to largest" : "mean weight", box.left - 46, box.top, bottom),
    leftAxis({ ...y, left: box.left, right, top: box.top, bottom }),
    bottomAxis({
      ...{
        scale: x.scale,
        ticks: x.ticks.filter(({ value }) => Number.isInteger(value)),
        left: box.left,
        right,
        y: bottom,
      },
      label: "pre- minus postsynaptic unit",
    }),
    curve(
      [
        [all[0]?.[0] ?? 0, 0],
        [all[all.length - 1]?.[0] ?? 0, 0],
      ],
      x.scale,
      () => zero,
      {
        ...{ colour: ink.reference, width: 0.75, dashes },
      },
    ),
    ...curves.map(({ points, ...style }) => curve(points, x.scale, y.scale, style)),
  ]);
}

/** Profiles of weights and of the shift side by side, each if it is given. */
export function profileBlock(weightProfile: ProfilePair | undefined, shiftProfile: ProfilePair | undefined): Block {
  const panels = [
    { pair: weightProfile, relative: false, name: "mean profile of weights" },
    { pair: shiftProfile, relative: true, name: "mean profile of shift" },
  ];
  const given = panels.flatMap(({ pair, ...rest }) => (pair === undefined ? [] : [{ pair, ...rest }]));
  const has = (key: "truth" | "learned"): boolean => given.some(({ pair }) => pair[key] !== undefined);
  const entries: LegendEntry[] = [
    ...(has("truth") ? [{ label: "true", ...truthStyle, sample: "line" as const }] : []),
    ...(has("learned") ? [{ label: "learned", ...learnedStyle, sample: "line" as const }] : []),
  ];
  const draw = (top: number): Markup =>
    group({}, [
      legendRow(entries, (given.length > 1 ? columns.second : columns.first) + panelWidth, top - 32),
      ...given.map(({ pair, relative, name }, index) => {
        const box: Box = {
          left: index === 0 ? columns.first : columns.second,
          top,
          width: panelWidth,
          height: profileHeight,
        };
        return profilePanel(pair, relative, box, name);
      }),
    ]);
  return { height: profileHeight + 56, draw };
}
