/** Long tables begin short. */

import { useState } from "react";

/** Rows that are shown at first; a table that is hardly longer is shown whole. */
const FIRST = 20;
const HARDLY_LONGER = 5;

export function useFirst<T>(rows: readonly T[]): {
  readonly shown: readonly T[];
  readonly isWhole: boolean;
  readonly showAll: () => void;
} {
  const [all, setAll] = useState(false);
  const isWhole = all || rows.length <= FIRST + HARDLY_LONGER;
  return { shown: isWhole ? rows : rows.slice(0, FIRST), isWhole, showAll: () => setAll(true) };
}
