/** A titled part of a run or model. */

import { type ReactElement, type ReactNode, useId, useState } from "react";

import { chevronIcon } from "./icons";

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
  const [open, setOpen] = useState(false);
  const body = useId();
  return (
    <section className="jt-Group" aria-label={title}>
      <h4 className="jt-Group-title jt-Group-folded">
        <button
          type="button"
          className="jt-Group-toggle"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => setOpen(!open)}
        >
          <span className="jt-Chevron">{chevronIcon}</span>
          {title}
        </button>
      </h4>
      <div id={body} hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}
