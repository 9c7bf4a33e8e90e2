/** One calm line that says what went wrong and, where that helps, how to try again. */

import type { ReactElement } from "react";

import { warningIcon } from "./icons";

export interface ProblemProps {
  readonly message: string;
  readonly onRetry?: () => void;
}

export function Problem({ message, onRetry }: ProblemProps): ReactElement {
  return (
    <div className="jt-Problem" role="alert">
      {warningIcon}
      <span className="jt-Problem-text">{message}</span>
      {onRetry !== undefined && (
        <button type="button" className="jt-LinkButton" onClick={onRetry}>
          Retry
        </button>
      )}
    </div>
  );
}
