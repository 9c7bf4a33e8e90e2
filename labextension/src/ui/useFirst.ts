/** Long tables begin short. */

import { useState } from "react";

/** Rows that are shown at first; a table that is hardly longer is shown whole. */
export const FIRST = 20;
const HARDLY_LONGER = 5;

export interface First<T> {
  readonly shown: readonly T[];
  /** Whether there are more rows than are shown at first. */
  readonly isLong: boolean;
  readonly isWhole: boolean;
  readonly showWhole: (whole: boolean) => void;
}

export function useFirst<T>(rows: readonly T[]): First<T> {
  const [isWhole, showWhole] = useState(false);
  const isLong = rows.length > FIRST + HARDLY_LONGER;
  const shown = isLong && !isWhole ? rows.slice(0, FIRST) : rows;
  return { shown, isLong, isWhole, showWhole };
}
