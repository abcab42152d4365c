/**
 * A diff report as SARIF 2.1.0, for code-scanning pages: each change is a result at the line of Git that declares it.
 * Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and GitHub's limits on uploads (25,000 results, 5,000 shown).
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../../model/json.ts";
import { printableLine } from "../../model/printable.ts";
import { formatId } from "../../model/resource.ts";
import type { Severity } from "../../model/verdict.ts";
import type { DiffReport, Place, ReportedObject } from "../diff/report.ts";

const RESULT_LIMIT = 25_000;
const levels: Readonly<Record<Severity, string>> = { critical: "error", high: "error", medium: "warning", low: "note" };

const rules: Readonly<Record<string, string>> = {
  changed: "A field has another value in the cluster than Git declares.",
  added: "A field is set in the cluster and not in Git.",
  removed: "A field that Git declares is gone in the cluster.",
  missing: "An object that Git declares is not in the cluster.",
  terminating: "An object that Git declares is being deleted.",
  unmanaged: "An object is in the cluster and no longer in Git.",
  unknown: "An object could not be judged.",
};

interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place | undefined;
  readonly fingerprint: string;
}

function findings(object: ReportedObject): Finding[] {
  const name = formatId(object);
  const identity = `${object.group}/${object.kind}/${object.namespace}/${object.name}`;
  if (object.verdict === "drifted") {
    return object.changes.map((change) => ({
      rule: change.op,
      severity: change.severity,
      message: `${name}: ${change.path} ${change.op}${change.owner.manager === "" ? "" : ` by ${change.owner.manager}`}`,
      place: change.source ?? object.source,
      fingerprint: `${identity}#${change.pointer}`,
    }));
  }
  if (!(object.verdict in rules)) return [];
  const why = object.problem === undefined ? "" : `: ${object.problem.message}`;
  const severity = object.severity ?? "medium";
  return [
    {
      rule: object.verdict,
      severity,
      message: `${name} is ${object.verdict}${why}`,
      place: object.source,
      fingerprint: identity,
    },
  ];
}

function result(finding: Finding): JsonObject {
  const { place } = finding;
  return {
    ruleId: `plumbline/${finding.rule}`,
    level: levels[finding.severity],
    message: { text: printableLine(finding.message) },
    properties: { severity: finding.severity },
    partialFingerprints: { "plumbline/v1": createHash("sha256").update(finding.fingerprint).digest("hex") },
    locations:
      place === undefined
        ? []
        : [
            {
              physicalLocation: { artifactLocation: { uri: encodeURI(place.file) }, region: { startLine: place.line } },
            },
          ],
  };
}

export function formatSarif(report: DiffReport, version: string): JsonObject {
  const found = report.objects.flatMap(findings);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Plumbline",
            semanticVersion: version,
            rules: Object.entries(rules).map(([id, text]) => ({ id: `plumbline/${id}`, shortDescription: { text } })),
          },
        },
        results: found.slice(0, RESULT_LIMIT).map(result),
        invocations: [
          {
            executionSuccessful: report.problems.length === 0,
            toolExecutionNotifications: report.problems.map((problem) => ({
              level: "error",
              descriptor: { id: problem.code },
              message: { text: printableLine(problem.message) },
              locations:
                problem.file === null
                  ? []
                  : [
                      {
                        physicalLocation: {
                          artifactLocation: { uri: encodeURI(problem.file) },
                          region: { startLine: problem.line ?? 1 },
                        },
                      },
                    ],
            })),
          },
        ],
        properties: { resultsLeftOut: Math.max(0, found.length - RESULT_LIMIT) },
      },
    ],
  };
}
