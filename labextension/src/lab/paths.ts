/** From the place of a notebook, as a kernel knows it, to the path under which Jupyter opens it. */

/** Home folders, which the server abbreviates to "~" when it names its root. */
const HOME = /^\/(?:root|(?:home|Users)\/[^/]+)(?=\/|$)/;

/**
 * Return the path of a notebook relative to the folder that the server serves; null if it is not below it.
 *
 * @param source - Relative already, or absolute on the machine of the kernel.
 * @param serverRoot - The folder that the server serves: absolute, or below "~".
 */
export function contentsPath(source: string, serverRoot: string): string | null {
  if (!source.endsWith(".ipynb")) {
    return null;
  }
  if (!source.startsWith("/")) {
    return source.split("/").includes("..") ? null : source;
  }
  const place = serverRoot.startsWith("~") ? source.replace(HOME, "~") : source;
  const root = `${serverRoot.replace(/\/+$/, "")}/`;
  return serverRoot !== "" && place.startsWith(root) ? place.slice(root.length) : null;
}
