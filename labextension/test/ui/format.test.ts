import { describe, expect, it } from "vitest";

import {
  formatAge,
  formatDuration,
  formatElapsed,
  formatNumber,
  formatSize,
} from "../../src/ui/format";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [0.1 + 0.2, "0.3"],
    [0.97333333, "0.973333"],
    [-12.3456789, "-12.3457"],
    [1234567, "1234567"],
    [1234567.8, "1.23457e+6"],
    [0.00001234567, "1.23457e-5"],
    [1e-7, "1e-7"],
    [1e300, "1e+300"],
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
  ])("shows %s as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe("times", () => {
  it.each([
    [12, "12 ms"],
    [1234, "1.2 s"],
    [61_500, "1 min 1 s"],
    [3_720_000, "1 h 2 min"],
    [90_000_000, "1 d 1 h"],
    [-5, "0 ms"],
  ])("shows the span %s as %s", (span, text) => {
    expect(formatDuration(span)).toBe(text);
  });

  it("counts what goes on in whole seconds", () => {
    expect(formatElapsed(4321)).toBe("4 s");
    expect(formatElapsed(-20)).toBe("0 s");
  });

  it.each([
    [0, "just now"],
    [-1000, "just now"],
    [180_000, "3 min ago"],
    [7_200_000, "2 h ago"],
    [200_000_000, "2 d ago"],
  ])("shows the age %s as %s", (age, text) => {
    expect(formatAge(1e12, 1e12 + age)).toBe(text);
  });
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [4200, "4.2 kB"],
  [123_456_789, "123 MB"],
])("shows %s bytes as %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
