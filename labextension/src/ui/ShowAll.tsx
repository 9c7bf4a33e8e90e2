/** The way from the first rows of a long table to all of them, and back. */

import type { ReactElement } from "react";

import { FIRST, type First } from "./useFirst";

export interface ShowAllProps {
  readonly rows: First<unknown>;
  /** All of what: "12 metrics". */
  readonly what: string;
}

/** Shows nothing where a table is short. */
export function ShowAll({ rows, what }: ShowAllProps): ReactElement | null {
  return !rows.isLong ? null : (
    <button
      type="button"
      className="jt-More"
      aria-expanded={rows.isWhole}
      onClick={() => rows.showWhole(!rows.isWhole)}
    >
      {rows.isWhole ? `Show the first ${FIRST} only` : `Show all ${what}`}
    </button>
  );
}
