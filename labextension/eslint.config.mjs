import eslint from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** A room imports only rooms below its own; the UI will live where there is no JupyterLab. */
function forbid(...group) {
  return { "no-restricted-imports": ["error", { patterns: [{ group }] }] };
}

export default defineConfig(
  { ignores: ["lib", "node_modules", ".yarn"] },
  eslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "react-hooks": reactHooks },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      eqeqeq: "error",
      "no-console": ["error", { allow: ["warn"] }],
    },
  },
  {
    files: ["src/client/**"],
    rules: forbid("@jupyterlab/*", "@lumino/*", "react", "react-dom", "**/ui", "**/lab"),
  },
  {
    files: ["src/ui/**"],
    rules: forbid("@jupyterlab/*", "@lumino/*", "**/lab"),
  },
);
