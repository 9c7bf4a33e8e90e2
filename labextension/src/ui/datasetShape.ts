/** How large a dataset is, in words, as its profile says. */

import { formatCount } from "./format";

/** Return "150 × 4", "150 rows"; empty if the profile does not say. */
export function datasetShape(profile: string): string {
  let found: unknown;
  try {
    found = JSON.parse(profile);
  } catch {
    return "";
  }
  if (typeof found !== "object" || found === null) {
    return "";
  }
  const { shape, features_shape, num_rows, num_elements } = found as Record<string, unknown>;
  const sizes = [shape, features_shape].find(isShape);
  if (sizes !== undefined) {
    return sizes.length === 1 ? formatCount(sizes[0] ?? 0, "value") : sizes.join(" × ");
  }
  if (typeof num_rows !== "number") {
    return "";
  }
  const columns = typeof num_elements === "number" ? num_elements / num_rows : NaN;
  return Number.isInteger(columns) ? `${num_rows} × ${columns}` : formatCount(num_rows, "row");
}

function isShape(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((size) => typeof size === "number")
  );
}
