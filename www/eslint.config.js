import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
    globalIgnores(["dist/", "packaging/", "src/api/generated.ts"]),
    js.configs.recommended,
    tseslint.configs.strictTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true } },
        plugins: { "react-hooks": { rules: reactHooks.rules } },
        rules: {
            "react-hooks/rules-of-hooks": "error",
            "react-hooks/exhaustive-deps": "error",
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // An event's handler may be a one-line arrow function.
            "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/switch-exhaustiveness-check": "error",
            eqeqeq: "error",
            "no-console": "error",
            "no-restricted-syntax": [
                "error",
                {
                    selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
                    message: "What a build wrote never becomes markup.",
                },
            ],
        },
    },
    // TypeScript says it of the names that are known; these are programs of Node.
    { rules: { "no-undef": "off" } },
    { files: ["tools/**", "test/**"], rules: { "no-console": "off" } },
);
