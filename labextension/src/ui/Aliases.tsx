/** The aliases of a version: read, added, taken off. */

import { type ReactElement, useId, useState } from "react";

import type { ModelVersion } from "../client";
import { useTrack } from "./context";
import { closeIcon, plusIcon } from "./icons";
import { onEscape } from "./onEscape";
import { Problem } from "./Problem";
import { useAction } from "./useAction";

export interface AliasesProps {
  readonly version: ModelVersion;
  /** Every alias of the registered model, and the version that it points to. */
  readonly all: ReadonlyMap<string, string>;
}

export function Aliases({ version, all }: AliasesProps): ReactElement {
  const { client, pulse, announce } = useTrack();
  const [adding, setAdding] = useState(false);
  const changing = useAction();

  const add = (alias: string): Promise<void> =>
    changing
      .run(async () => {
        const before = all.get(alias);
        await client.setAlias(version.name, alias, version.version);
        await pulse.beat();
        announce(
          before === undefined
            ? `${alias} now points to version ${version.version}`
            : `${alias} moved from version ${before} to version ${version.version}`,
        );
      })
      .then((done) => {
        if (done) {
          setAdding(false);
        }
      });
  const remove = (alias: string): Promise<boolean> =>
    changing.run(async () => {
      await client.deleteAlias(version.name, alias);
      await pulse.beat();
      announce(`${alias} was removed`);
    });

  return (
    <div className="jt-Aliases">
      {version.aliases.map((alias) => (
        <span key={alias} className="jt-Chip" title={alias}>
          <span className="jt-Chip-text">{alias}</span>
          <button
            type="button"
            className="jt-Chip-remove"
            aria-label={`Remove alias ${alias}`}
            title={`Remove alias ${alias}`}
            aria-disabled={changing.busy}
            onClick={() => void remove(alias)}
          >
            {closeIcon}
          </button>
        </span>
      ))}
      {adding ? (
        <AliasForm
          version={version}
          all={all}
          busy={changing.busy}
          onAdd={add}
          onCancel={() => setAdding(false)}
        />
      ) : (
        <button
          type="button"
          className="jt-LinkButton"
          data-heir=""
          aria-label={`Add alias to version ${version.version}`}
          onClick={() => setAdding(true)}
        >
          {plusIcon} Add alias
        </button>
      )}
      {changing.problem !== "" && <Problem message={changing.problem} />}
    </div>
  );
}

interface AliasFormProps extends AliasesProps {
  readonly busy: boolean;
  readonly onAdd: (alias: string) => Promise<void>;
  readonly onCancel: () => void;
}

function AliasForm({ version, all, busy, onAdd, onCancel }: AliasFormProps): ReactElement {
  const [text, setText] = useState("");
  const names = useId();
  const alias = text.trim();
  const before = all.get(alias);
  return (
    <form
      className="jt-Form jt-Form-line"
      aria-label={`Add alias to version ${version.version}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (alias !== "") {
          void onAdd(alias);
        }
      }}
      onKeyDown={onEscape(onCancel)}
    >
      <input
        className="jt-Input"
        aria-label="Alias"
        placeholder="champion"
        list={names}
        autoFocus
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <datalist id={names}>
        {[...all]
          .filter(([, pointsTo]) => pointsTo !== version.version)
          .map(([each]) => (
            <option key={each} value={each} />
          ))}
      </datalist>
      <button
        type="submit"
        className="jt-Button jt-Button-main"
        aria-disabled={busy}
        disabled={alias === "" || before === version.version}
      >
        {before === undefined || before === version.version ? "Add" : "Move"}
      </button>
      <button
        type="button"
        className="jt-IconButton"
        aria-label="Cancel"
        title="Cancel (Escape)"
        onClick={onCancel}
      >
        {closeIcon}
      </button>
      {before !== undefined && (
        <p className="jt-Hint">
          {before === version.version
            ? `${alias} points to this version already.`
            : `${alias} points to version ${before} now and will move to version ${version.version}.`}
        </p>
      )}
    </form>
  );
}
