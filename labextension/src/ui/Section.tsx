/** A part of the panel that can be folded away. */

import { type ReactElement, type ReactNode, useId, useState } from "react";

import { chevronIcon } from "./icons";

export interface SectionProps {
  readonly title: string;
  /** Shown beside the title; empty while it is not known. */
  readonly count: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Section({ title, count, className = "", children }: SectionProps): ReactElement {
  const [open, setOpen] = useState(true);
  const body = useId();
  return (
    <section className={`jt-Section ${className}`} data-open={open} aria-label={title}>
      <h3 className="jt-Section-title">
        <button
          type="button"
          className="jt-Section-toggle"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => setOpen(!open)}
        >
          <span className="jt-Chevron">{chevronIcon}</span>
          {title}
          {count !== "" && <span className="jt-Count">{count}</span>}
        </button>
      </h3>
      <div id={body} className="jt-Section-body" hidden={!open}>
        {children}
      </div>
    </section>
  );
}
