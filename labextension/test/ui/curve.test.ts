import { describe, expect, it } from "vitest";

import type { Metric } from "../../src/client";
import { curve } from "../../src/ui/curve";

function points(values: readonly number[], steps?: readonly number[]): Metric[] {
  return values.map((value, index) => ({
    key: "loss",
    value,
    timestamp: index,
    step: steps?.[index] ?? index,
  }));
}

describe("curve", () => {
  it("fills the rectangle, high values at the top", () => {
    expect(curve(points([1, 0]), 64, 18).lines).toEqual([
      [
        [2, 2],
        [62, 16],
      ],
    ]);
  });

  it("runs by steps, in their order", () => {
    const [line] = curve(points([3, 1, 2], [10, 0, 5]), 64, 18).lines;
    expect(line?.map(([x]) => x)).toEqual([2, 32, 62]);
  });

  it("runs by the order of logging where all steps are the same", () => {
    const [line] = curve(points([3, 1, 2], [0, 0, 0]), 64, 18).lines;
    expect(line?.map(([x]) => x)).toEqual([2, 32, 62]);
  });

  it("stays in the middle where nothing changes", () => {
    const [line] = curve(points([5, 5, 5]), 64, 18).lines;
    expect(line?.map(([, y]) => y)).toEqual([9, 9, 9]);
  });

  it("breaks where a value is no finite number", () => {
    const { lines, last } = curve(points([1, NaN, 2, 3, Infinity]), 64, 18);
    expect(lines.map((line) => line.length)).toEqual([1, 2]);
    expect(last).toEqual([47, 2]);
  });

  it("has nothing to draw without a finite number", () => {
    expect(curve(points([NaN, Infinity]), 64, 18)).toEqual({ lines: [], last: null });
  });

  it("survives the largest doubles", () => {
    const [line] = curve(points([-Number.MAX_VALUE, Number.MAX_VALUE]), 64, 18).lines;
    expect(line?.map(([, y]) => y)).toEqual([16, 2]);
  });

  it("draws ten thousand points with a few hundred, peaks included", () => {
    const values = Array.from({ length: 10_000 }, (_, index) => (index === 5_000 ? 100 : 0));
    const [line = []] = curve(points(values), 64, 18).lines;
    expect(line.length).toBeLessThan(300);
    expect(Math.min(...line.map(([, y]) => y))).toBe(2);
  });
});
