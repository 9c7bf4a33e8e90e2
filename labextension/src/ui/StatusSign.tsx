/** How a run stands, told by shape and in words; colour only repeats it. */

import type { ReactElement } from "react";

import type { RunStatus } from "../client";
import { checkIcon, clockIcon, crossIcon, runningIcon, squareIcon } from "./icons";

const SIGNS: Record<RunStatus, { word: string; icon: ReactElement }> = {
  RUNNING: { word: "running", icon: runningIcon },
  SCHEDULED: { word: "scheduled", icon: clockIcon },
  FINISHED: { word: "finished", icon: checkIcon },
  FAILED: { word: "failed", icon: crossIcon },
  KILLED: { word: "killed", icon: squareIcon },
};

/** Return the state in one word. */
export function statusWord(status: RunStatus): string {
  return SIGNS[status].word;
}

export function StatusSign({ status }: { status: RunStatus }): ReactElement {
  const { word, icon } = SIGNS[status];
  return (
    <span className="jt-Status" data-status={status} role="img" aria-label={word} title={word}>
      {icon}
    </span>
  );
}
