/** A part of the panel that can be folded away. */

import type { ReactElement, ReactNode } from "react";

import { chevronIcon } from "./icons";
import { useFold } from "./useFold";

export interface SectionProps {
  readonly title: string;
  /** Shown beside the title; empty while it is not known. */
  readonly count: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Section({ title, count, className = "", children }: SectionProps): ReactElement {
  const { isOpen, toggle, body } = useFold(true);
  return (
    <section className={`jt-Section ${className}`} data-open={isOpen} aria-label={title}>
      <h3 className="jt-Section-title">
        <button className="jt-Section-toggle" {...toggle}>
          <span className="jt-Chevron">{chevronIcon}</span>
          {title}
          {count !== "" && <span className="jt-Count">{count}</span>}
        </button>
      </h3>
      <div className="jt-Section-body" {...body}>
        {children}
      </div>
    </section>
  );
}
