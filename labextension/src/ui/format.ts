/** Numbers, times, sizes and paths, as short as a narrow panel wants them. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Integers up to here are shown in full: as doubles they are exact. */
const EXACT_INTEGER = 1e15;

/** Return a metric's value to read at a glance: six significant digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < EXACT_INTEGER)) {
    return String(value);
  }
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    return value.toExponential(5).replace(/\.?0+e/, "e");
  }
  return String(Number(value.toPrecision(6)));
}

/** Return a span of time, given in milliseconds. */
export function formatDuration(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < SECOND) {
    return `${Math.round(span)} ms`;
  }
  if (span < MINUTE) {
    return `${(span / SECOND).toFixed(1)} s`;
  }
  if (span < HOUR) {
    return `${Math.floor(span / MINUTE)} min ${Math.floor((span % MINUTE) / SECOND)} s`;
  }
  if (span < DAY) {
    return `${Math.floor(span / HOUR)} h ${Math.floor((span % HOUR) / MINUTE)} min`;
  }
  return `${Math.floor(span / DAY)} d ${Math.floor((span % DAY) / HOUR)} h`;
}

/** Return a span of time that goes on: in whole seconds, so that it does not flicker. */
export function formatElapsed(milliseconds: number): string {
  return milliseconds < MINUTE
    ? `${Math.floor(Math.max(0, milliseconds) / SECOND)} s`
    : formatDuration(milliseconds);
}

/** Return how long ago a moment is; both in milliseconds since the epoch. */
export function formatAge(moment: number, now: number): string {
  // The clocks of server and browser may differ a little.
  const span = Math.max(0, now - moment);
  if (span < MINUTE) {
    return "just now";
  }
  if (span < HOUR) {
    return `${Math.floor(span / MINUTE)} min ago`;
  }
  if (span < DAY) {
    return `${Math.floor(span / HOUR)} h ago`;
  }
  return `${Math.floor(span / DAY)} d ago`;
}

/** Return a moment as date and time of where the person is, to the second. */
export function formatMoment(moment: number): string {
  return new Date(moment).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** Return a moment as date and time of where the person is; the year only if it is not the present one. */
export function formatMomentShort(moment: number, now: number): string {
  const date = new Date(moment);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleString(undefined, {
    ...(isThisYear ? {} : { year: "numeric" }),
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });
}

/** Return a size in bytes. */
export function formatSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** Return "1 run", "2 runs". */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Return the last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Return the beginning of a run's id or a digest, by which commands and people know it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
