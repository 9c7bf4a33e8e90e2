/** A titled part of a run or model. */

import type { ReactElement, ReactNode } from "react";

import { chevronIcon } from "./icons";
import { useFold } from "./useFold";

export interface GroupProps {
  readonly title: string;
  readonly count?: number;
  readonly children: ReactNode;
}

export function Group({ title, count, children }: GroupProps): ReactElement {
  return (
    <section className="jt-Group" aria-label={title}>
      <h4 className="jt-Group-title">
        {title}
        {count !== undefined && <span className="jt-Count">{count}</span>}
      </h4>
      {children}
    </section>
  );
}

/** A part that is folded away at first, and built when it is unfolded. */
export function FoldedGroup({ title, children }: Omit<GroupProps, "count">): ReactElement {
  const { isOpen, toggle, body } = useFold(false);
  return (
    <section className="jt-Group" aria-label={title}>
      <h4 className="jt-Group-title jt-Group-folded">
        <button className="jt-Group-toggle" {...toggle}>
          {title}
          <span className="jt-Chevron">{chevronIcon}</span>
        </button>
      </h4>
      <div {...body}>{isOpen && children}</div>
    </section>
  );
}
