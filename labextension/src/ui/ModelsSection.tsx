/** The registered models, by name. */

import type { ReactElement } from "react";

import type { RegisteredModel } from "../client";
import { useTrack } from "./context";
import { modelIcon } from "./icons";
import { Row, type RowProps } from "./Row";
import { Section } from "./Section";
import { useLoaded } from "./useLoaded";
import { useRows } from "./useRows";

export function ModelsSection({ paused }: { paused: boolean }): ReactElement {
  const { client, navigation } = useTrack();
  const { value } = useLoaded("models", () => client.searchRegisteredModels(), { paused });
  const models = value ?? [];
  const rows = useRows(models.map((model) => model.name));
  return (
    <Section
      title="Registered models"
      count={value === undefined ? "" : String(models.length)}
      className="jt-Models"
    >
      {models.length > 0 && (
        <ul className="jt-List" aria-label="Registered models" {...rows.list}>
          {models.map((model) => (
            <ModelRow
              key={model.name}
              model={model}
              tabIndex={rows.tabIndex(model.name)}
              onOpen={() => navigation.openModel(model.name)}
            />
          ))}
        </ul>
      )}
      {value !== undefined && models.length === 0 && (
        <p className="jt-Empty">
          No registered models yet. Track a cell with <code>%%track --log-model</code>, then
          register its model from the run.
        </p>
      )}
    </Section>
  );
}

interface ModelRowProps extends Pick<RowProps, "tabIndex" | "onOpen"> {
  readonly model: RegisteredModel;
}

function ModelRow({ model, tabIndex, onOpen }: ModelRowProps): ReactElement {
  const newest = newestVersion(model);
  return (
    <Row
      id={model.name}
      tabIndex={tabIndex}
      onOpen={onOpen}
      sign={<span className="jt-Dim">{modelIcon}</span>}
      name={model.name}
      side={newest === 0 ? "no version" : <span title="Newest version">version {newest}</span>}
      more={model.aliases.size > 0 ? <PointingAliases aliases={model.aliases} /> : null}
    />
  );
}

function PointingAliases({ aliases }: Pick<RegisteredModel, "aliases">): ReactElement {
  return (
    <>
      {[...aliases].map(([alias, version]) => (
        <span
          key={alias}
          className="jt-Chip"
          title={`The alias ${alias} points to version ${version}`}
        >
          <span className="jt-Chip-text">{alias}</span>
          <span aria-hidden="true"> → </span>
          <span className="jt-Hidden"> points to version </span>
          {version}
        </span>
      ))}
    </>
  );
}

/** `latest_versions` holds the newest version of each stage. */
function newestVersion(model: RegisteredModel): number {
  return Math.max(0, ...model.latest_versions.map((version) => Number(version.version)));
}
