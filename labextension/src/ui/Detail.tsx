/** The frame around one run or one registered model: the way back, and what it is. */

import { type ReactElement, type ReactNode, useEffect, useRef } from "react";

import { useTrack } from "./context";
import { backIcon } from "./icons";
import type { Location } from "./navigation";

export interface DetailProps {
  /** "Run" or "Registered model". */
  readonly kind: string;
  readonly title: string;
  readonly sign?: ReactNode;
  readonly children: ReactNode;
}

export function Detail({ kind, title, sign, children }: DetailProps): ReactElement {
  const { navigation } = useTrack();
  const heading = useRef<HTMLHeadingElement>(null);
  // A person who came here by keyboard goes on from here.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const back = backTo(navigation.previous);
  return (
    <article className="jt-Detail" aria-label={`${kind} ${title}`}>
      <div className="jt-Detail-head">
        <button
          type="button"
          className="jt-Back"
          title={`Back to ${back} (Escape)`}
          aria-label={`Back to ${back}`}
          onClick={() => navigation.back()}
        >
          {backIcon}
          {back}
        </button>
        <h3 ref={heading} className="jt-Detail-title" tabIndex={-1} title={title}>
          {sign}
          <span>{title}</span>
        </h3>
      </div>
      <div className="jt-Detail-body">{children}</div>
    </article>
  );
}

function backTo(location: Location | null): string {
  switch (location?.view) {
    case "run":
      return "Run";
    case "model":
      return location.name;
    default:
      return "All runs and models";
  }
}
