/** The ids of the commands; cards under tracked cells name the first one too. */

export const CommandIDs = {
  openRun: "jupyter-track:open-run",
  refresh: "jupyter-track:refresh",
  showSidebar: "jupyter-track:show-sidebar",
} as const;
