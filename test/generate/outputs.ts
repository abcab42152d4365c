/** Every file that `npm run generate` makes from the typed source and values.yaml, as text. Writes nothing. */
import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { baselineDefinition } from "../../src/model/baseline-schema.ts";
import { driftDefinition } from "../../src/model/drift-schema.ts";
import type { Json } from "../../src/model/json.ts";
import type { KindDefinition } from "../../src/model/schema-types.ts";
import { metricsPage } from "../sinks/metrics/metrics-page.ts";
import { crdName, crdOf } from "./crd.ts";
import { noisePage } from "./noise-page.ts";
import { referenceOf } from "./reference.ts";
import { valuesReference } from "./values-reference.ts";

const values = new URL("../../charts/plumbline/values.yaml", import.meta.url);

export const definitions: readonly KindDefinition[] = [baselineDefinition, driftDefinition];

export interface Output {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
}

const mark = "Made by `npm run generate` from src/model; edit the schema there.";

// Aliases would be legal YAML and unreadable; lines stay whole so that a description greps.
function yamlOf(value: Json): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function chartTemplate(definition: KindDefinition): string {
  const { spec } = crdOf(definition);
  return [
    `{{- /* ${mark} */ -}}`,
    "{{- if .Values.crds.enabled }}",
    "apiVersion: apiextensions.k8s.io/v1",
    "kind: CustomResourceDefinition",
    "metadata:",
    `  name: ${crdName(definition)}`,
    "  labels:",
    '    {{- include "plumbline.labels" . | nindent 4 }}',
    "  {{- if or .Values.crds.keep .Values.crds.annotations }}",
    "  annotations:",
    "    {{- if .Values.crds.keep }}",
    "    helm.sh/resource-policy: keep",
    "    {{- end }}",
    "    {{- with .Values.crds.annotations }}",
    "    {{- toYaml . | nindent 4 }}",
    "    {{- end }}",
    "  {{- end }}",
    yamlOf({ spec: spec ?? null }),
  ]
    .join("\n")
    .concat("{{- end }}\n");
}

export function outputs(): readonly Output[] {
  return [
    ...definitions.map((definition) => ({
      path: `charts/plumbline/templates/crds/${definition.plural}.yaml`,
      text: chartTemplate(definition),
    })),
    {
      path: "deploy/crds.yaml",
      text: definitions.map((definition) => `---\n# ${mark}\n${yamlOf(crdOf(definition))}`).join(""),
    },
    ...definitions.map((definition) => ({
      path: `docs/reference/${definition.singular}.md`,
      text: referenceOf(definition),
    })),
    { path: "docs/reference/values.md", text: valuesReference(readFileSync(values, "utf8")) },
    { path: "docs/metrics.md", text: metricsPage() },
    { path: "docs/reference/noise-rules.md", text: noisePage() },
  ];
}
