/** One row of a list, which leads to what it tells of. */

import type { ReactElement, ReactNode } from "react";

export interface RowProps {
  /** What the list knows it by; see `useRows`. */
  readonly id: string;
  readonly tabIndex: 0 | -1;
  readonly onOpen: () => void;
  readonly sign: ReactNode;
  readonly name: string;
  /** At the end of the line. */
  readonly side: ReactNode;
  /** Below the name; none where there is nothing to say. */
  readonly more: ReactNode;
}

export function Row({ id, tabIndex, onOpen, sign, name, side, more }: RowProps): ReactElement {
  return (
    <li>
      <button type="button" className="jt-Row" data-row={id} tabIndex={tabIndex} onClick={onOpen}>
        {sign}
        <span className="jt-Row-name" title={name}>
          {name}
        </span>
        <span className="jt-Row-side">{side}</span>
        {more !== null && <span className="jt-Row-more">{more}</span>}
      </button>
    </li>
  );
}
