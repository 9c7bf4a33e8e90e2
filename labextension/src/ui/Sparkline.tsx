/** The way of a metric in a row of a table: small in a narrow panel, and larger where there is room. */

import type { ReactElement } from "react";

import { MAX_POINTS, type Metric } from "../client";
import { formatCount, formatNumber } from "./format";
import { curve } from "./curve";

/** What it is drawn in; the style sheet stretches that to the size on the screen. */
const WIDTH = 260;
const HEIGHT = 18;

export interface SparklineProps {
  readonly name: string;
  /** By step. */
  readonly points: readonly Metric[];
}

/** Shows nothing for fewer than two points: a single one is its value. */
export function Sparkline({ name, points }: SparklineProps): ReactElement | null {
  if (points.length < 2) {
    return null;
  }
  const { lines, last } = curve(points, WIDTH, HEIGHT);
  const said = describe(name, points);
  return (
    <svg
      className="jt-Sparkline"
      preserveAspectRatio="none"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={said}
    >
      <title>{said}</title>
      {lines.map((line, index) => (
        <polyline key={index} points={line.map(([x, y]) => `${x},${y}`).join(" ")} />
      ))}
      {last !== null && <path d={`M${last[0]} ${last[1]}h0`} />}
    </svg>
  );
}

function describe(name: string, points: readonly Metric[]): string {
  const values = points.map((point) => point.value).filter(Number.isFinite);
  const count = formatCount(points.length, "point");
  // Which all points are, or those that draw a history longer than this.
  const told = points.length > MAX_POINTS / 2 ? `drawn by ${count}` : count;
  if (values.length === 0) {
    return `${name}: ${told}`;
  }
  const least = values.reduce((one, other) => Math.min(one, other));
  const greatest = values.reduce((one, other) => Math.max(one, other));
  return `${name}: ${told}, least ${formatNumber(least)}, greatest ${formatNumber(greatest)}`;
}
