/** What a click does on the server: busy while it lasts, and why it failed. */

import { useCallback, useEffect, useRef, useState } from "react";

import { asTrackError } from "../client";

export interface Action {
  /** Tell it by `aria-disabled`: a button that is disabled while it has the focus loses it. */
  readonly busy: boolean;
  /** Why the last attempt failed; empty if it did not. */
  readonly problem: string;
  /** Begin, unless busy; fulfilled with whether it went well. */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const running = useRef(false);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);

  const run = useCallback(async (work: () => Promise<void>): Promise<boolean> => {
    if (running.current) {
      return false;
    }
    running.current = true;
    setBusy(true);
    let reason = "";
    try {
      await work();
    } catch (error) {
      reason = asTrackError(error).message;
    }
    running.current = false;
    if (mounted.current) {
      setBusy(false);
      setProblem(reason);
    }
    return reason === "";
  }, []);

  return { busy, problem, run };
}
