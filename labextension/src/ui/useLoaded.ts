/** Data of the server in a component: loaded, kept when loading fails, loaded again at each beat. */

import { useCallback, useEffect, useRef, useState } from "react";

import { asTrackError, type TrackError } from "../client";
import { useTrack } from "./context";

export interface Loaded<T> {
  /** What was loaded last; undefined before the first answer. */
  readonly value: T | undefined;
  /** Why the last attempt was refused, if that is shown in place. */
  readonly refusal: TrackError | null;
  /** Load now; the promise is fulfilled when that has ended, well or not. */
  readonly reload: () => Promise<boolean>;
}

export interface LoadOptions<T> {
  /** Whether a value is still changing by itself, so that the next beat should be soon. */
  readonly isChanging?: (value: T) => boolean;
  /** Whether the component shows refusals itself, instead of the panel. */
  readonly showsRefusal?: boolean;
  /** Whether nobody sees it now; it is loaded again when somebody does. */
  readonly paused?: boolean;
}

type State<T> = Pick<Loaded<T>, "value" | "refusal">;

/**
 * Load something and keep it up to date.
 *
 * @param key - Names what is loaded. With another key it is loaded at once, and the old value goes when
 * the new one is there.
 * @param load - How; the latest one is used.
 */
export function useLoaded<T>(
  key: string,
  load: () => Promise<T>,
  options: LoadOptions<T> = {},
): Loaded<T> {
  const { pulse } = useTrack();
  const [state, setState] = useState<State<T>>({ value: undefined, refusal: null });
  const latest = useRef({ load, options });
  latest.current = { load, options };
  // Answers may overtake each other; only that of the last question counts.
  const questions = useRef(0);

  const reload = useCallback(async (): Promise<boolean> => {
    const question = ++questions.current;
    const { load, options } = latest.current;
    try {
      const value = await load();
      if (question === questions.current) {
        pulse.report(reload, null);
        setState({ value, refusal: null });
      }
      return options.isChanging?.(value) ?? false;
    } catch (thrown) {
      const error = asTrackError(thrown);
      if (question === questions.current) {
        const inPlace = options.showsRefusal === true && error.isRefusal;
        pulse.report(reload, inPlace ? null : error);
        setState((last) => ({ ...last, refusal: inPlace ? error : null }));
      }
      return false;
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- another key is another thing to load
  }, [pulse, key]);

  const { paused = false } = options;
  useEffect(() => {
    if (paused) {
      return;
    }
    const leave = pulse.enter(reload);
    const asked = questions;
    void reload();
    return () => {
      asked.current++;
      leave();
    };
  }, [pulse, reload, paused]);

  return { value: state.value, refusal: state.refusal, reload };
}
