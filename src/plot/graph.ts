import { ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { type LegendEntry, legendColumn } from "./axes.ts";
import { signColour } from "./bands.ts";
import { checkFinite, checkShape } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { groupUnits, type UnitGroups, unitGroupKeys } from "./order.ts";
import { barColour, ink } from "./palette.ts";
import { titleLine } from "./panel.ts";
import { quantile } from "./reduce.ts";
import { element, formatNumber, group, type Markup, svgDocument } from "./svg.ts";
import { shorten, text } from "./text.ts";

/** A network as a graph: its strongest synapses, and what is known about its units. */
export interface NetworkGraph extends UnitGroups {
  /** [N, N] row-major: row = postsynaptic, column = presynaptic unit; exactly 0 = no synapse. */
  readonly weights: ArrayLike<number>;
  /** At most so many synapses are drawn, the strongest; 400 unless given. */
  readonly edges?: number | undefined;
  readonly title?: string | undefined;
}

interface Edge {
  readonly post: number;
  readonly pre: number;
  readonly weight: number;
}

const width = 600;
const left = 20;
const radius = 205;
const nameMargin = 26;
const mostEdges = 5000;
const mostUnits = 1000;
const defaultEdges = 400;

function strongest(weights: ArrayLike<number>, units: number, count: number): { edges: Edge[]; total: number } {
  const edges: Edge[] = [];
  for (let index = 0; index < weights.length; index += 1) {
    const weight = weights[index] ?? 0;
    if (weight !== 0) edges.push({ post: Math.floor(index / units), pre: index % units, weight });
  }
  const total = edges.length;
  // Equal weights by their place, so that the figure is the same each time.
  edges.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.post - b.post || a.pre - b.pre);
  return { edges: edges.slice(0, count), total };
}

/**
 * Units on a circle, by area and sign, as large as their number of incoming synapses, joined by the strongest synapses: the
 * stronger, the darker and wider; each bends toward the middle, and is coloured by the sign of its weight. An SVG document
 * 600 px wide, the same for the same network.
 * @throws ConfigError for an option that is not known; ShapeError unless weights are [N, N], `signs` [N] and areas in 0 … N;
 * ValueError for a NaN or infinite weight, more than 1000 units, or edges outside 1 … 5000.
 */
export function networkGraph(figure: NetworkGraph): string {
  checkKeys("networkGraph", figure, ["weights", "edges", ...unitGroupKeys, "title"]);
  const { weights, units, edges: wanted = defaultEdges, signs, title } = figure;
  const { order, areas, signs: signBands } = groupUnits(figure);
  if (units > mostUnits)
    throw new ValueError(`units: expected at most ${mostUnits}, got ${units}. Choose some of them.`);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > mostEdges)
    throw new ValueError(`edges: expected 1 … ${mostEdges}, got ${wanted}.`);
  checkShape("weights", weights, [units, units], "postsynaptic, presynaptic");
  checkFinite("weights", weights, units);
  const { edges, total } = strongest(weights, units, wanted);

  const top = title ? 34 : 10;
  const margin = areas.length > 0 ? nameMargin : 10;
  const centre = { x: left + radius + margin, y: top + radius + margin };
  const place = new Uint32Array(units);
  order.forEach((unit, position) => {
    place[unit] = position;
  });
  // Clockwise from the top.
  const angle = (position: number): number => (position / units) * 2 * Math.PI - Math.PI / 2;
  const at = (position: number, distance: number): readonly [number, number] => [
    centre.x + distance * Math.cos(angle(position)),
    centre.y + distance * Math.sin(angle(position)),
  ];
  const inward = new Float64Array(units);
  for (let index = 0; index < weights.length; index += 1)
    if (weights[index] !== 0) inward[Math.floor(index / units)] = (inward[Math.floor(index / units)] ?? 0) + 1;
  const high = quantile(inward, 1) || 1;
  const largest = Math.min(6, Math.max(1.6, (Math.PI * radius) / units));

  const strength = Math.abs(edges[0]?.weight ?? 1);
  // Weak ones first, so that strong ones lie on top.
  const chords = [...edges].reverse().map(({ post, pre, weight }) => {
    const [from, to] = [at(place[pre] ?? 0, radius), at(place[post] ?? 0, radius)];
    const bend = 0.35;
    const control = [
      centre.x + ((from[0] + to[0]) / 2 - centre.x) * bend,
      centre.y + ((from[1] + to[1]) / 2 - centre.y) * bend,
    ];
    const share = Math.abs(weight) / strength;
    const [x0, y0, cx, cy, x1, y1] = [...from, ...control, ...to].map(formatNumber);
    return element("path", {
      ...{ d: `M${x0},${y0}Q${cx},${cy} ${x1},${y1}`, fill: "none", stroke: signColour(Math.sign(weight)) },
      ...{ "stroke-width": 0.5 + 1.3 * share, opacity: 0.12 + 0.68 * share ** 1.5 },
    });
  });
  const nodes = Array.from({ length: units }, (_, unit) => {
    const [cx, cy] = at(place[unit] ?? 0, radius);
    const r = largest * Math.sqrt(0.15 + 0.85 * ((inward[unit] ?? 0) / high));
    const fill = signs === undefined ? barColour : signColour(signs[unit] ?? 0);
    return element("circle", { cx, cy, r, fill, stroke: "#ffffff", "stroke-width": 0.4 });
  });
  const parts: Markup[] = [...titleLine(title, left, width), group({}, chords), group({}, nodes)];
  for (const { from, to, name } of areas) {
    const middle = (from + to - 1) / 2;
    const [x, y] = at(middle, radius + 12);
    const turn = ((angle(middle) * 180) / Math.PI + 450) % 360;
    const upright = turn > 90 && turn < 270 ? turn - 180 : turn;
    parts.push(text(shorten(name, 130), { x, y: y + 4, anchor: "middle", turn: Math.round(upright), bold: true }));
  }
  const noteX = centre.x + radius + margin + 6;
  const lines = [
    `${units} units`,
    `${total} synapses`,
    ...(edges.length < total ? [`strongest ${edges.length} drawn`] : []),
    ...(edges.length > 0 ? [`largest |w| ${shortNumber(strength)}`] : []),
  ];
  lines.forEach((line, index) => {
    parts.push(text(line, { x: noteX, y: top + 20 + 16 * index, baseline: "middle", colour: ink.text }));
  });
  const legend = ([1, -1, 0] as const).flatMap((sign): LegendEntry[] =>
    signBands.some((band) => band.sign === sign)
      ? [
          {
            label: { 1: "excitatory", "-1": "inhibitory", 0: "free sign" }[`${sign}`] ?? "",
            colour: signColour(sign),
            sample: "area",
          },
        ]
      : [],
  );
  parts.push(legendColumn(legend, noteX, top + 30 + 16 * lines.length));
  const description = `${units} units on a circle with ${total} synapses, of which the strongest ${edges.length} are drawn.`;
  return svgDocument(
    { width, height: top + 2 * (radius + margin) + 10, title: title ?? "Network", description },
    parts,
  );
}
