import { expect, it } from "vitest";

import { openForKernel, type Opening } from "../../src/lab/opening";

const FILES = ["work/iris-baseline.ipynb", "iris-baseline.ipynb"];

/** Return what came of opening a notebook on a server with some files. */
async function open(
  place: string,
  serverRoot: string,
  notebook: string,
): Promise<{ readonly opened: string[]; readonly told: string[] }> {
  const opened: string[] = [];
  const told: string[] = [];
  const documents = {
    openOrReveal: (path: string) => opened.push(path),
    services: {
      contents: {
        get: (path: string) =>
          FILES.includes(path) ? Promise.resolve({}) : Promise.reject(new Error("Not found")),
      },
    },
  } as unknown as Opening["documents"];
  const tell = (message: string): void => void told.push(message);
  await openForKernel(place, { documents, serverRoot, notebook, tell });
  return { opened, told };
}

it.each([
  ["/srv/nb/work/iris-baseline.ipynb", "/srv/nb", "work/iris.ipynb", FILES[0]],
  ["/home/ada/nb/iris-baseline.ipynb", "~/nb", "iris.ipynb", FILES[1]],
  ["/private/srv/nb/work/iris-baseline.ipynb", "/srv/nb", "work/iris.ipynb", FILES[0]],
  ["/export/ada/nb/work/iris-baseline.ipynb", "~/nb/", "work/iris.ipynb", FILES[0]],
])("opens %s, on a server that serves %s", async (place, serverRoot, notebook, path) => {
  expect(await open(place, serverRoot, notebook)).toEqual({ opened: [path], told: [] });
});

it.each([
  ["/elsewhere/iris-baseline.ipynb", "/srv/nb", "work/iris.ipynb"],
  ["/srv/nb/../iris-baseline.ipynb", "/srv/nb", "iris.ipynb"],
  ["/tmp/work/iris-baseline.ipynb", "/srv/nb", "work/iris.ipynb"],
  ["/tmp/iris-baseline.ipynb", "~", "iris.ipynb"],
  ["/srv/nb/gone.ipynb", "/srv/nb", "iris.ipynb"],
  ["/srv/nb/train.py", "/srv/nb", "iris.ipynb"],
  ["iris-baseline.ipynb", "/srv/nb", "iris.ipynb"],
])("does not open %s, on a server that serves %s", async (place, serverRoot, notebook) => {
  expect(await open(place, serverRoot, notebook)).toEqual({
    opened: [],
    told: [`This page cannot open the notebook. It is at ${place}`],
  });
});
