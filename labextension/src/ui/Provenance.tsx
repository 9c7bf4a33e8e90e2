/** Where each value of a run came from, and what was left out and why. */

import { Fragment, type ReactElement } from "react";

import { type CapturedCell, type CapturedValue, type LeftOut, loadCapture } from "../client";
import { useTrack } from "./context";
import { formatCount, formatNumber } from "./format";
import { FoldedGroup } from "./Group";
import { Name } from "./Name";
import { Problem } from "./Problem";
import { ShowAll } from "./ShowAll";
import { useFirst } from "./useFirst";
import { useLoaded } from "./useLoaded";

export function Provenance({ runId }: { runId: string }): ReactElement {
  return (
    <FoldedGroup title="How it was captured">
      <Cells runId={runId} />
    </FoldedGroup>
  );
}

function Cells({ runId }: { runId: string }): ReactElement {
  const { client } = useTrack();
  const { value: cells, refusal } = useLoaded(
    `capture of ${runId}`,
    () => loadCapture(client, runId),
    { showsRefusal: true },
  );
  if (refusal !== null) {
    return <Problem message={refusal.message} />;
  }
  if (cells === undefined) {
    return <p className="jt-Empty">Loading…</p>;
  }
  if (cells.every(isEmpty)) {
    return <p className="jt-Empty">Nothing was captured: what there is, the code has logged.</p>;
  }
  return (
    <>
      {cells.map((cell) => (
        <Fragment key={cell.cell}>
          {cells.length > 1 && (
            <h5 className="jt-Origins-cell">{cell.cell === "" ? "Run" : `Cell ${cell.cell}`}</h5>
          )}
          <Origins title="Params" origins={cell.params.map(ofValue)} />
          <Origins title="Metrics" origins={cell.metrics.map(ofValue)} />
          <Origins title="Left out" origins={cell.leftOut.map(ofLeftOut)} />
        </Fragment>
      ))}
      <p className="jt-Hint jt-Origins-hint">
        Not what you meant? Run <code>%track exclude NAME</code> or{" "}
        <code>%track rename OLD NEW</code>: the notebook remembers it.
      </p>
    </>
  );
}

/** One row, whatever it tells of. */
interface Origin {
  readonly name: string;
  readonly value: string;
  readonly rule: string;
  readonly line: number;
  readonly expression: string;
  readonly reason: string;
}

function ofValue(value: CapturedValue): Origin {
  const shown = typeof value.value === "number" ? formatNumber(value.value) : value.value;
  const later = value.later.map((each) => `line ${each.line} sets it to ${each.value}`);
  return {
    name: value.key,
    value: shown,
    rule: value.points > 1 ? `${value.rule}, ${formatCount(value.points, "point")}` : value.rule,
    line: value.line,
    expression: isSaid(value) ? "" : value.expression,
    reason: later.length === 0 ? "" : `Later: ${later.join(", ")}`,
  };
}

/** Whether the expression only repeats the name or the value, which stand beside it. */
function isSaid({ key, value, expression }: CapturedValue): boolean {
  return [key, String(value), `'${value}'`, `"${value}"`].includes(expression);
}

function ofLeftOut({ key, rule, line, reason }: LeftOut): Origin {
  return { name: key, value: "", rule, line, expression: "", reason };
}

interface OriginsProps {
  readonly title: string;
  readonly origins: readonly Origin[];
}

// The roles are said, because browsers take them from a table that is laid out as a grid.
function Origins({ title, origins }: OriginsProps): ReactElement | null {
  const rows = useFirst(origins);
  if (origins.length === 0) {
    return null;
  }
  return (
    <>
      <table className="jt-Origins" role="table">
        <caption>
          {title} <span className="jt-Count">{origins.length}</span>
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            {["Name", "Value", "Rule", "Line", "From"].map((header) => (
              <th key={header} role="columnheader" scope="col">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.shown.map((origin, index) => (
            <tr key={index} role="row">
              <th role="rowheader" scope="row" title={origin.name}>
                <Name text={origin.name} />
              </th>
              <td role="cell" className="jt-Origins-value" title={origin.value}>
                <span className="jt-Clamp">{origin.value}</span>
              </td>
              <td role="cell" className="jt-Origins-rule">
                {origin.rule}
              </td>
              <td role="cell" className="jt-Origins-line">
                {origin.line > 0 && `line ${origin.line}`}
              </td>
              <td role="cell" className="jt-Origins-from" title={origin.expression}>
                {origin.expression !== "" && <code className="jt-Clamp">{origin.expression}</code>}
                {origin.reason !== "" && <span>{origin.reason}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ShowAll rows={rows} what={String(origins.length)} />
    </>
  );
}

function isEmpty(cell: CapturedCell): boolean {
  return cell.params.length + cell.metrics.length + cell.leftOut.length === 0;
}
