/** The extension of JupyterLab and Jupyter Notebook: small plugins, joined by tokens. */

import { artifactsPlugin } from "./lab/artifacts";
import { kernelsPlugin } from "./lab/kernels";
import { servicePlugin } from "./lab/service";
import { sidebarPlugin } from "./lab/sidebar";

export { IArtifactOpener, IRunChanges, ITrackService } from "./lab/tokens";

export default [servicePlugin, artifactsPlugin, kernelsPlugin, sidebarPlugin];
