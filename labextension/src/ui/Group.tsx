/** A titled part of a run or model. */

import type { ReactElement, ReactNode } from "react";

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
