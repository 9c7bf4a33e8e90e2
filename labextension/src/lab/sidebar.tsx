/** The panel in the sidebar, and the commands that lead to it. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { PageConfig } from "@jupyterlab/coreutils";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { ReactWidget } from "@jupyterlab/ui-components";
import type { Message } from "@lumino/messaging";
import type { ReactElement } from "react";

import { Navigation, Pulse, TrackPanel, type TrackPanelProps } from "../ui";
import { CommandIDs } from "./commands";
import { JupyterHost } from "./host";
import { trackIcon } from "./icon";
import { Refresher } from "./refresher";
import { IArtifactOpener, IRunChanges, ITrackService } from "./tokens";

const SIDEBAR_ID = "jupyter-track";
/** After the panels that Jupyter itself brings. */
const RANK = 700;
const CATEGORY = "Experiment tracking";

/** The panel as a widget of Jupyter. */
class TrackSidebar extends ReactWidget {
  private readonly refresher: Refresher;

  constructor(private readonly panel: TrackPanelProps) {
    super();
    this.id = SIDEBAR_ID;
    this.addClass("jt-Sidebar");
    this.node.tabIndex = -1;
    this.title.icon = trackIcon;
    this.title.caption = "Runs and registered models";
    this.refresher = new Refresher(panel.pulse, () => this.isVisible);
  }

  override dispose(): void {
    this.refresher.dispose();
    super.dispose();
  }

  refresh(): void {
    this.refresher.refresh();
  }

  runChanged(): void {
    this.refresher.runChanged();
  }

  protected override render(): ReactElement {
    return <TrackPanel {...this.panel} />;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.refresher.refresh();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (!this.node.contains(document.activeElement)) {
      this.node.focus();
    }
  }
}

export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: "jupyter-track:sidebar",
  description: "Shows runs and registered models in the sidebar.",
  autoStart: true,
  requires: [ITrackService, IArtifactOpener, IRunChanges, IDocumentManager],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    service: ITrackService,
    artifacts: IArtifactOpener,
    runChanges: IRunChanges,
    documents: IDocumentManager,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
  ) => {
    const navigation = new Navigation();
    const sidebar = new TrackSidebar({
      client: service.client,
      host: new JupyterHost(artifacts, documents, PageConfig.getOption("serverRoot")),
      navigation,
      pulse: new Pulse(),
    });
    app.shell.add(sidebar, "left", { rank: RANK, type: "Track" });
    restorer?.add(sidebar, SIDEBAR_ID);
    runChanges.changed.connect(() => sidebar.runChanged());

    app.commands.addCommand(CommandIDs.showSidebar, {
      label: "Show Runs and Registered Models",
      caption: "Show the runs and registered models in the sidebar",
      icon: trackIcon,
      describedBy: { args: { type: "object", properties: {} } },
      execute: () => app.shell.activateById(SIDEBAR_ID),
    });
    app.commands.addCommand(CommandIDs.openRun, {
      label: "Open Run",
      caption: "Show a run in the sidebar",
      describedBy: {
        args: {
          type: "object",
          properties: { run_id: { type: "string", description: "The id of the run" } },
          required: ["run_id"],
        },
      },
      execute: (args) => {
        const runId = args["run_id"];
        if (typeof runId !== "string" || runId === "") {
          throw new Error(`${CommandIDs.openRun} needs the argument run_id.`);
        }
        navigation.openRun(runId);
        app.shell.activateById(SIDEBAR_ID);
      },
    });
    app.commands.addCommand(CommandIDs.refresh, {
      label: "Refresh Runs and Registered Models",
      describedBy: { args: { type: "object", properties: {} } },
      execute: () => sidebar.refresh(),
    });
    for (const command of [CommandIDs.showSidebar, CommandIDs.refresh]) {
      palette?.addItem({ command, category: CATEGORY });
    }
  },
};
