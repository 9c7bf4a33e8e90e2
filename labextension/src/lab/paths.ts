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
  if (!source.endsWith(".ipynb") || source.split("/").includes("..")) {
    return null;
  }
  if (!source.startsWith("/")) {
    return source;
  }
  const place = serverRoot.startsWith("~") ? source.replace(HOME, "~") : source;
  const root = `${serverRoot.replace(/\/+$/, "")}/`;
  return serverRoot !== "" && place.startsWith(root) ? place.slice(root.length) : null;
}

/**
 * Return the path that a file of a kernel has if its folder is that of the kernel's notebook, under another name.
 *
 * A kernel knows the folder that it works in by its real name, the server the one that it serves as it was given:
 * a link, a mounted home. They are taken for the same if the folders from the server's root on have the same names.
 *
 * @param place - Absolute on the machine of the kernel.
 * @param notebook - The kernel's notebook, relative to the server's root.
 */
export function pathBesideNotebook(
  place: string,
  notebook: string,
  serverRoot: string,
): string | null {
  const folders = notebook.split("/").slice(0, -1);
  const root = serverRoot.replace(/\/+$/, "").split("/").at(-1) ?? "";
  const { found, name } = /^(?<found>\/.*)\/(?<name>[^/]+\.ipynb)$/.exec(place)?.groups ?? {};
  if (found === undefined || name === undefined || root === "" || root === "~") {
    return null;
  }
  const tail = [root, ...folders].join("/");
  return found.endsWith(`/${tail}`) ? [...folders, name].join("/") : null;
}
