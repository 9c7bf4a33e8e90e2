/** The UI, in React and nothing else. Whoever shows it provides a client and a host. */

export type { Host } from "./host";
export { SNAPSHOT_PATH } from "./host";
export { Navigation } from "./navigation";
export { Pulse } from "./pulse";
export type { Beat } from "./pulse";
export { TrackPanel } from "./TrackPanel";
export type { TrackPanelProps } from "./TrackPanel";
