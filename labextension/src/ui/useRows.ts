/** A list as one stop of the Tab key, with the arrow keys between its rows. */

import { type FocusEvent, type KeyboardEvent, useState } from "react";

interface Rows {
  /** Spread on the list. */
  readonly list: {
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  };
  /** Return the `tabIndex` of a row. */
  readonly tabIndex: (key: string) => 0 | -1;
}

const ROW = "button[data-row]";

/**
 * @param keys - The rows, in order; each is a button with its key in `data-row`.
 */
export function useRows(keys: readonly string[]): Rows {
  const [current, setCurrent] = useState<string | null>(null);
  const stop = current !== null && keys.includes(current) ? current : keys[0];

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(ROW)];
    const here = rows.findIndex((row) => row === event.target);
    if (here < 0) {
      return;
    }
    const there = {
      ArrowDown: Math.min(here + 1, rows.length - 1),
      ArrowUp: Math.max(here - 1, 0),
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (there !== undefined) {
      event.preventDefault();
      rows[there]?.focus();
    }
  };

  const onFocus = (event: FocusEvent<HTMLElement>): void => {
    const key = event.target.closest<HTMLElement>(ROW)?.dataset["row"];
    if (key !== undefined) {
      setCurrent(key);
    }
  };

  return { list: { onKeyDown, onFocus }, tabIndex: (key) => (key === stop ? 0 : -1) };
}
