import { expect, it } from "vitest";

import { contentsPath } from "../../src/lab/paths";

it.each([
  ["work/iris.ipynb", "~/project", "work/iris.ipynb"],
  ["/srv/nb/work/iris.ipynb", "/srv/nb", "work/iris.ipynb"],
  ["/srv/nb/iris.ipynb", "/srv/nb/", "iris.ipynb"],
  ["/home/ada/project/iris.ipynb", "~/project", "iris.ipynb"],
  ["/root/iris.ipynb", "~", "iris.ipynb"],
  ["/Users/ada/iris.ipynb", "~", "iris.ipynb"],
  ["/iris.ipynb", "/", "iris.ipynb"],
  ["/srv/nbs/iris.ipynb", "/srv/nb", null],
  ["/rooted/iris.ipynb", "~", null],
  ["../iris.ipynb", "~", null],
  ["/srv/iris.ipynb", "", null],
  ["train.py", "~", null],
])("opens %s, on a server that serves %s, as %s", (source, root, path) => {
  expect(contentsPath(source, root)).toBe(path);
});
