/** What came of executing a run again, told by shape and in words; see the tag `jupyter_track.reproduced`. */

import type { ReactElement } from "react";

import { checkIcon, crossIcon, unequalIcon } from "./icons";

const SIGNS: Readonly<Record<string, ReactElement>> = {
  reproduced: checkIcon,
  differs: unequalIcon,
  fails: crossIcon,
};

export function VerdictSign({ verdict }: { verdict: string }): ReactElement {
  return (
    <span className="jt-Verdict" data-verdict={verdict}>
      {SIGNS[verdict]}
      {verdict}
    </span>
  );
}
