/** The files of a run; a folder is looked into when it is unfolded. */

import { type ReactElement, useState } from "react";

import type { FileInfo } from "../client";
import { useTrack } from "./context";
import { baseName, formatSize } from "./format";
import { Group } from "./Group";
import { chevronIcon, fileIcon, folderIcon } from "./icons";
import { Problem } from "./Problem";
import { useAction } from "./useAction";
import { useLoaded } from "./useLoaded";

export function ArtifactTree({ runId }: { runId: string }): ReactElement {
  return (
    <Group title="Artifacts">
      <Folder runId={runId} path="" />
    </Group>
  );
}

interface FolderProps {
  readonly runId: string;
  readonly path: string;
}

function Folder({ runId, path }: FolderProps): ReactElement {
  const { client } = useTrack();
  const { value, refusal } = useLoaded(
    `artifacts ${runId} ${path}`,
    () => client.listArtifacts(runId, path),
    { showsRefusal: true },
  );
  if (refusal !== null) {
    return <Problem message={refusal.message} />;
  }
  if (value === undefined) {
    return <p className="jt-Empty">Loading…</p>;
  }
  if (value.length === 0) {
    return <p className="jt-Empty">{path === "" ? "No artifacts." : "This folder is empty."}</p>;
  }
  return (
    <ul className="jt-Tree">
      {[...value]
        .sort(foldersFirst)
        .map((file) =>
          file.is_dir ? (
            <FolderEntry key={file.path} runId={runId} path={file.path} />
          ) : (
            <FileEntry key={file.path} runId={runId} file={file} />
          ),
        )}
    </ul>
  );
}

function FolderEntry({ runId, path }: FolderProps): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button
        type="button"
        className="jt-Tree-entry"
        aria-expanded={open}
        title={path}
        onClick={() => setOpen(!open)}
      >
        <span className="jt-Chevron">{chevronIcon}</span>
        {folderIcon}
        <span className="jt-Tree-name">{baseName(path)}</span>
      </button>
      {open && <Folder runId={runId} path={path} />}
    </li>
  );
}

function FileEntry({ runId, file }: { runId: string; file: FileInfo }): ReactElement {
  const { host } = useTrack();
  const opening = useAction();
  return (
    <li>
      <button
        type="button"
        className="jt-Tree-entry"
        title={`Open ${file.path}`}
        aria-disabled={opening.busy}
        onClick={() => void opening.run(() => host.openArtifact(runId, file.path))}
      >
        {fileIcon}
        <span className="jt-Tree-name">{baseName(file.path)}</span>
        {file.file_size !== null && (
          <span className="jt-Tree-size">{formatSize(file.file_size)}</span>
        )}
      </button>
      {opening.problem !== "" && <Problem message={opening.problem} />}
    </li>
  );
}

function foldersFirst(one: FileInfo, other: FileInfo): number {
  return (
    Number(other.is_dir) - Number(one.is_dir) ||
    one.path.localeCompare(other.path, undefined, { numeric: true })
  );
}
