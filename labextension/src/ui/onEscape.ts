/** The Escape key of a form. */

import type { KeyboardEvent } from "react";

/** Return what closes a form on Escape, and nothing around it. */
export function onEscape(close: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  };
}
