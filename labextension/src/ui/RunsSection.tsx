/** The runs, the newest first, and those that are under way before them. */

import { type ReactElement, useState } from "react";

import { type Experiment, isUnderWay, type Run } from "../client";
import { useTrack } from "./context";
import { FirstSteps } from "./FirstSteps";
import { RunList } from "./RunList";
import { RunSearch } from "./RunSearch";
import { Section } from "./Section";
import { useLoaded } from "./useLoaded";

/** Runs that "Show more" adds. */
const PAGE = 30;

/**
 * A run that says for longer that it is under way than a day has probably lost its kernel; it is no reason to
 * ask the server every other second.
 */
const LIVELY = 24 * 60 * 60 * 1000;

interface Listing {
  readonly experiments: readonly Experiment[];
  readonly runs: readonly Run[];
  readonly hasMore: boolean;
}

export function RunsSection({ paused }: { paused: boolean }): ReactElement {
  const { client, pulse } = useTrack();
  const [filter, setFilter] = useState("");
  const [experiment, setExperiment] = useState("");
  const [size, setSize] = useState(PAGE);

  const { value, refusal } = useLoaded<Listing>(
    JSON.stringify([filter, experiment, size]),
    async () => {
      const experiments = await client.searchExperiments();
      const ids = experiments.map((each) => each.experiment_id);
      // All that are shown are asked for at once: pages that were asked for one after the other would
      // not fit together when a run starts in between.
      const page = await client.searchRuns({
        experimentIds: ids.includes(experiment) ? [experiment] : ids,
        filter,
        maxResults: size,
      });
      return {
        experiments,
        runs: [...page.items].sort(underWayFirst),
        hasMore: page.next_page_token !== "",
      };
    },
    { isChanging: ({ runs }) => runs.some(isLively), showsRefusal: true, paused },
  );
  const runs = value?.runs ?? [];
  const narrowed = filter !== "" || experiment !== "";

  return (
    <Section
      title="Runs"
      count={value === undefined ? "" : `${runs.length}${value.hasMore ? "+" : ""}`}
      className="jt-Runs"
    >
      {(runs.length > 0 || narrowed) && (
        <RunSearch
          filter={filter}
          onFilter={(filter) => {
            setFilter(filter);
            setSize(PAGE);
          }}
          refusal={refusal}
          experiments={value?.experiments ?? []}
          experiment={experiment}
          onExperiment={(experiment) => {
            setExperiment(experiment);
            setSize(PAGE);
          }}
        />
      )}
      <RunList title="Runs" runs={runs} />
      {value?.hasMore === true && (
        <button type="button" className="jt-More" onClick={() => setSize(size + PAGE)}>
          Show more
        </button>
      )}
      {value?.hasMore === false && size > PAGE && (
        <p className="jt-Empty" tabIndex={-1} data-heir="">
          These are all {runs.length} runs.
        </p>
      )}
      {value === undefined && pulse.problem === null && <p className="jt-Empty">Loading…</p>}
      {value !== undefined && runs.length === 0 && narrowed && refusal === null && (
        <p className="jt-Empty">
          {filter !== "" ? "No run matches the filter." : "No runs in this experiment."}
        </p>
      )}
      {value !== undefined && runs.length === 0 && !narrowed && <FirstSteps />}
    </Section>
  );
}

function underWayFirst(one: Run, other: Run): number {
  return Number(isUnderWay(other.status)) - Number(isUnderWay(one.status));
}

function isLively(run: Run): boolean {
  return isUnderWay(run.status) && Date.now() - run.start_time < LIVELY;
}
