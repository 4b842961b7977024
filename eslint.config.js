// What the JavaScript of the pages is held to. How folders may import each other is held by tests/js/test_layers.py.

import js from "@eslint/js";
import globals from "globals";

const rules = {
  "no-unused-vars": ["error", { args: "all", argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "all" }],
  "no-undef": "error",
  "no-duplicate-imports": "error",
  "no-shadow": ["error", { builtinGlobals: false }],
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-var": "error",
  "prefer-const": "error",
  eqeqeq: "error",
  "max-params": ["error", 5],
  "max-lines": ["error", 330],
  "max-len": ["error", { code: 120 }],
};

export default [
  { ignores: ["static/vendor/"] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules },
  { files: ["static/js/**"], languageOptions: { globals: globals.browser } },
  { files: ["static/js/site/early.js"], languageOptions: { sourceType: "script" } },
  { files: ["static/js/signals/painter.js"], languageOptions: { globals: globals.worker } },
  { files: ["tests/js/**"], languageOptions: { globals: globals.node } },
  { files: ["benchmarks/**"], languageOptions: { globals: { ...globals.browser, Plotly: "readonly" }, sourceType: "script" } },
];
