/** The whole panel: the lists, or one run or registered model in their place. */

import {
  type KeyboardEvent,
  type ReactElement,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";

import type { TrackClient } from "../client";
import { TrackContext } from "./context";
import type { Host } from "./host";
import { refreshIcon } from "./icons";
import { ModelDetail } from "./ModelDetail";
import { ModelsSection } from "./ModelsSection";
import type { Location, Navigation } from "./navigation";
import { Problem } from "./Problem";
import type { Pulse } from "./pulse";
import { RunDetail } from "./RunDetail";
import { RunsSection } from "./RunsSection";
import { useFocusKept } from "./useFocusKept";

export interface TrackPanelProps {
  readonly client: TrackClient;
  readonly host: Host;
  readonly navigation: Navigation;
  readonly pulse: Pulse;
}

export function TrackPanel({ client, host, navigation, pulse }: TrackPanelProps): ReactElement {
  const [said, setSaid] = useState({ text: "", times: 0 });
  const announce = useCallback(
    (text: string) => setSaid((last) => ({ text, times: last.times + 1 })),
    [],
  );
  const location = useSyncExternalStore(navigation.subscribe, () => navigation.location);
  const problem = useSyncExternalStore(pulse.subscribe, () => pulse.problem);
  const track = useMemo(
    () => ({ client, host, navigation, pulse, announce }),
    [client, host, navigation, pulse, announce],
  );
  const lists = useRef<HTMLDivElement>(null);
  useFocusReturn(location, lists);
  const panel = useRef<HTMLDivElement>(null);
  useFocusKept(panel);

  const inLists = location.view === "lists";
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !inLists && !event.defaultPrevented) {
      event.preventDefault();
      navigation.back();
    }
  };
  const refresh = useCallback(async () => {
    const { answered } = await pulse.beat();
    announce(answered ? "Up to date" : "");
  }, [pulse, announce]);

  return (
    <TrackContext.Provider value={track}>
      <div className="jt-Panel" ref={panel} onKeyDown={onKeyDown}>
        <div className="jt-Panel-head">
          <h2 className="jt-Panel-title">Experiment tracking</h2>
          <button
            type="button"
            className="jt-IconButton"
            aria-label="Refresh"
            title="Refresh"
            onClick={() => void refresh()}
          >
            {refreshIcon}
          </button>
        </div>
        {problem !== null && <Problem message={problem.message} onRetry={() => void refresh()} />}
        <div className="jt-Lists" ref={lists} hidden={!inLists}>
          <RunsSection paused={!inLists} />
          <ModelsSection paused={!inLists} />
        </div>
        {location.view === "run" && <RunDetail key={location.runId} runId={location.runId} />}
        {location.view === "model" && <ModelDetail key={location.name} name={location.name} />}
        <div className="jt-Hidden" role="status" aria-live="polite">
          {/* A new element is read out even if it says the same again. */}
          <span key={said.times}>{said.text}</span>
        </div>
      </div>
    </TrackContext.Provider>
  );
}

/** Give the focus back to the row from which the person went away, when the lists are shown again. */
function useFocusReturn(location: Location, lists: React.RefObject<HTMLDivElement>): void {
  const left = useRef<string | null>(null);
  useEffect(() => {
    if (location.view !== "lists") {
      left.current ??= location.view === "run" ? location.runId : location.name;
      return;
    }
    if (left.current !== null) {
      const rows = [...(lists.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
      rows.find((row) => row.dataset["row"] === left.current)?.focus();
      left.current = null;
    }
  }, [location, lists]);
}
