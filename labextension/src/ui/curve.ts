/** From the points of a metric to lines in a small rectangle. */

import type { Metric } from "../client";

/** Horizontal and vertical place, from the upper left corner. */
export type Place = readonly [x: number, y: number];

export interface Curve {
  /** Pieces of the curve; it breaks where a value is not a finite number. */
  readonly lines: readonly (readonly Place[])[];
  /** The last finite point. */
  readonly last: Place | null;
}

/** Room for the width of the line and the dot at its end. */
const MARGIN = 2;

/**
 * Draw points by step, or one after the other if they all have the same step.
 *
 * Of the points that fall on the same pixel column the first, least, greatest and last are kept: the line looks
 * as if all had been drawn.
 */
export function curve(points: readonly Metric[], width: number, height: number): Curve {
  const finite = points.filter((point) => Number.isFinite(point.value));
  if (finite.length === 0) {
    return { lines: [], last: null };
  }
  const bySteps = points.some((point) => point.step !== points[0]?.step);
  const ordered = bySteps ? [...points].sort((one, other) => one.step - other.step) : points;
  const positions = ordered.map((point, index) => (bySteps ? point.step : index));
  const across = scale(positions, MARGIN, width - MARGIN);
  const upwards = scale(
    finite.map((point) => point.value),
    height - MARGIN,
    MARGIN,
  );

  const lines: Place[][] = [];
  let line: Place[] = [];
  let last: Place | null = null;
  ordered.forEach((point, index) => {
    if (!Number.isFinite(point.value)) {
      line = [];
      return;
    }
    if (line.length === 0) {
      lines.push(line);
    }
    last = [across(positions[index] ?? 0), upwards(point.value)];
    line.push(last);
  });
  return { lines: lines.map(thinned), last };
}

/** Return what maps the range of some values to the range from `low` to `high`, in tenths. */
function scale(values: readonly number[], low: number, high: number): (value: number) => number {
  const least = values.reduce((one, other) => Math.min(one, other));
  const greatest = values.reduce((one, other) => Math.max(one, other));
  // Halves: the difference of two doubles may be too large for one.
  const range = greatest / 2 - least / 2;
  return (value) => {
    const part = range === 0 ? 0.5 : (value / 2 - least / 2) / range;
    return Math.round((low + part * (high - low)) * 10) / 10;
  };
}

function thinned(line: readonly Place[]): readonly Place[] {
  const columns = new Map<number, Place[]>();
  for (const place of line) {
    const column = Math.round(place[0]);
    const kept = columns.get(column);
    if (kept === undefined) {
      columns.set(column, [place]);
    } else {
      kept.push(place);
    }
  }
  return [...columns.values()].flatMap((places) => {
    if (places.length <= 4) {
      return places;
    }
    const heights = places.map((place) => place[1]);
    const keep = new Set([
      0,
      heights.indexOf(heights.reduce((one, other) => Math.min(one, other))),
      heights.indexOf(heights.reduce((one, other) => Math.max(one, other))),
      places.length - 1,
    ]);
    return places.filter((_, index) => keep.has(index));
  });
}
