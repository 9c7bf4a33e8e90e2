/** The sign of the extension: runs as points on the way up. */

import { LabIcon } from "@jupyterlab/ui-components";

export const trackIcon = new LabIcon({
  name: "jupyter-track:runs",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 3h2v16h16v2H3z"/>
    <path d="m7.2 14.9 3.6-4.6 3.5 3 4.7-7.1 1.6 1.1-5.9 9-3.6-3.1-2.3 3z"/>
    <circle cx="20" cy="6" r="2.2"/>
    <circle cx="7.5" cy="15.5" r="2.2"/>
  </g>
</svg>`,
});
