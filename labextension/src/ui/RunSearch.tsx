/** Which runs are listed: a filter in MLflow's language, and an experiment. */

import { type ReactElement, useId, useState } from "react";

import type { Experiment, TrackError } from "../client";
import { closeIcon } from "./icons";

export interface RunSearchProps {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  /** Why the server refused the filter. */
  readonly refusal: TrackError | null;
  readonly experiments: readonly Experiment[];
  /** The id of the experiment; "" for all. */
  readonly experiment: string;
  readonly onExperiment: (experimentId: string) => void;
}

const EXAMPLES = `Filter runs, then press Enter. For example:
metrics.accuracy > 0.9
params.model = 'forest' AND metrics.loss < 0.2
status = 'FAILED'
run_name LIKE '%baseline%'`;

export function RunSearch(props: RunSearchProps): ReactElement {
  const { filter, onFilter, refusal, experiments, experiment, onExperiment } = props;
  const [text, setText] = useState(filter);
  const message = useId();
  const apply = (filter: string): void => {
    setText(filter);
    onFilter(filter.trim());
  };
  return (
    <form
      className="jt-Search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <div className="jt-Search-field">
        <input
          type="text"
          className="jt-Input jt-Input-code"
          aria-label="Filter runs"
          aria-invalid={refusal !== null}
          aria-describedby={refusal === null ? undefined : message}
          placeholder="metrics.accuracy > 0.9"
          title={EXAMPLES}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {(text !== "" || filter !== "") && (
          <button
            type="button"
            className="jt-IconButton"
            aria-label="Clear filter"
            title="Clear filter"
            onClick={() => apply("")}
          >
            {closeIcon}
          </button>
        )}
      </div>
      {text.trim() !== filter && (
        <p className="jt-Hint">
          Press <kbd>Enter</kbd> to filter
        </p>
      )}
      {refusal !== null && <Refusal id={message} message={refusal.message} />}
      <select
        className="jt-Select"
        aria-label="Experiment"
        title={
          experiments.find((each) => each.experiment_id === experiment)?.name ?? "All experiments"
        }
        value={experiment}
        onChange={(event) => onExperiment(event.target.value)}
      >
        <option value="">All experiments</option>
        {experiments.map((each) => (
          <option key={each.experiment_id} value={each.experiment_id}>
            {each.name}
          </option>
        ))}
      </select>
    </form>
  );
}

/** What is wrong with the filter and, on lines of their own, the place and a sign that points at it. */
function Refusal({ id, message }: { id: string; message: string }): ReactElement {
  const [reason, ...place] = message.split("\n");
  return (
    <div id={id} className="jt-Refusal" role="alert">
      <p>{reason}</p>
      {place.length > 0 && <pre>{place.join("\n")}</pre>}
    </div>
  );
}
