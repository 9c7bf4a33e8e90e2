/** One run in the list: how it stands, its name, its age, its main metrics. */

import type { ReactElement } from "react";

import { isUnderWay, type Metric, type Run } from "../client";
import { formatCount, formatNumber } from "./format";
import { Row, type RowProps } from "./Row";
import { StatusSign } from "./StatusSign";
import { Age, Elapsed } from "./time";

/** Metrics in a row of the list. */
const MAIN_METRICS = 3;

export interface RunRowProps extends Pick<RowProps, "tabIndex" | "onOpen"> {
  readonly run: Run;
}

export function RunRow({ run, tabIndex, onOpen }: RunRowProps): ReactElement {
  const metrics = mainMetrics(run.metrics);
  const left = run.metrics.length - metrics.length;
  return (
    <Row
      id={run.run_id}
      tabIndex={tabIndex}
      onOpen={onOpen}
      sign={<StatusSign status={run.status} />}
      name={run.run_name}
      side={
        isUnderWay(run.status) ? (
          <Elapsed since={run.start_time} />
        ) : (
          <Age moment={run.start_time} />
        )
      }
      more={metrics.length > 0 ? <MainMetrics metrics={metrics} left={left} /> : null}
    />
  );
}

interface MainMetricsProps {
  readonly metrics: readonly Metric[];
  /** How many there are besides. */
  readonly left: number;
}

function MainMetrics({ metrics, left }: MainMetricsProps): ReactElement {
  return (
    <>
      {metrics.map((metric) => (
        <span
          key={metric.key}
          className="jt-Metric"
          title={`${metric.key} = ${String(metric.value)}`}
        >
          <span className="jt-Metric-key">{metric.key}</span>{" "}
          <span className="jt-Metric-value">{formatNumber(metric.value)}</span>
        </span>
      ))}
      {left > 0 && (
        <span className="jt-Dim" title={formatCount(left, "more metric")}>
          +{left}
        </span>
      )}
    </>
  );
}

/** What the person computed comes before what the machine was measured at meanwhile. */
function mainMetrics(metrics: readonly Metric[]): readonly Metric[] {
  return metrics.filter((metric) => !metric.key.startsWith("system/")).slice(0, MAIN_METRICS);
}
