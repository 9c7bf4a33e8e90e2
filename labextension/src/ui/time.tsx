/** Times that grow on the screen. */

import type { ReactElement } from "react";

import { formatAge, formatElapsed, formatMoment } from "./format";
import { useNow } from "./useNow";

/** How long ago something was. */
export function Age({ moment }: { moment: number }): ReactElement {
  const now = useNow(30_000);
  return (
    <time className="jt-Dim" dateTime={isoTime(moment)} title={formatMoment(moment)}>
      {formatAge(moment, now)}
    </time>
  );
}

/** How long something has been under way. */
export function Elapsed({ since }: { since: number }): ReactElement {
  const now = useNow(1000);
  return <>{formatElapsed(now - since)}</>;
}

function isoTime(moment: number): string | undefined {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
