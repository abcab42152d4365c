/** What is printed: safe to show, in colour only where it is wanted, readable by other programs. */
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { DiffReport } from "../../src/cli/diff/report.ts";
import { formatJsonText } from "../../src/cli/output/json-text.ts";
import { formatAge, formatTable } from "../../src/cli/output/table.ts";
import { configYaml, listOf, liveConfig } from "./samples.ts";
import { createFolder, plumbline, reportOf } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const ESC = "\u001b";
const C1 = "\u009b";
const BIDI = "\u202e";
const attack = `x${ESC}[31m${C1}2J${BIDI}y`;
const hostile = folder.put(
  "hostile.yaml",
  `${configYaml.replace("calm", JSON.stringify(attack))}---\nkind: ConfigMap\napiVersion: v1\nmetadata: { name: ${JSON.stringify(`a${C1}`)}, namespace: "x/y" }\n`,
);
const live = folder.put(
  "live.json",
  listOf(
    liveConfig({ mode: `${attack}\nsecond\tline\r`, "0": "zero" }, { labels: { team: "shop", [attack]: attack } }),
  ),
);
const run = (...more: readonly string[]) => plumbline(["diff", "-f", hostile, "--live", live, "-n", "shop", ...more]);

describe("control characters of Git and the cluster", () => {
  test.each(["text", "json", "yaml", "patch", "sarif", "markdown"])(
    "are escaped in -o %s and on standard error",
    async (output) => {
      const { stdout, stderr, status } = await run("-o", output);
      expect(status).toBe(2);
      expect(stdout.replaceAll(/[\n\t]/g, "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    },
  );

  test("and are the same values for who reads JSON or YAML", async () => {
    const json = reportOf(await run("-o", "json"));
    expect(json.objects[0]?.changes.map(({ desired }) => desired)).toContain(attack);
    expect(parse((await run("-o", "yaml")).stdout)).toEqual(json);
  });

  test("also beyond the basic plane", () => {
    const text = formatJsonText({ tag: "a\u{e0041}b", line: "1\n2" });
    expect(text).toBe('{\n  "tag": "a\\udb40\\udc41b",\n  "line": "1\\n2"\n}\n');
    expect(JSON.parse(text)).toEqual({ tag: "a\u{e0041}b", line: "1\n2" });
  });
});

describe("colour", () => {
  const colored = async (isTerminal: boolean, environment: Record<string, string>): Promise<boolean> => {
    const args = ["diff", "-f", hostile, "--live", live, "-n", "shop"];
    return (await plumbline(args, { isTerminal, environment })).stdout.includes(`${ESC}[`);
  };
  test.each([
    ["on a terminal", true, {}, true],
    ["not into a pipe", false, {}, false],
    ["not with NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR says nothing", true, { NO_COLOR: "" }, true],
  ] as const)("%s", async (_, isTerminal, environment, expected) => {
    expect(await colored(isTerminal, environment)).toBe(expected);
  });
});

describe("formats", () => {
  const changed = folder.put("changed.json", listOf(liveConfig({ mode: "wild | *x*", "0": "zero" })));
  const config = folder.put("config.yaml", configYaml);
  const diff = (output: string) => plumbline(["diff", "-f", config, "--live", changed, "-n", "shop", "-o", output]);

  test("text names the object, the place, both values and the sum", async () => {
    const { stdout } = await diff("text");
    expect(stdout.replaceAll(`${folder.root}/`, "").split("\n")).toEqual([
      expect.stringMatching(/^ConfigMap shop\/settings {2}drifted \w+ {2}config\.yaml:1$/),
      "  ~ .data.mode  config.yaml:5",
      "      Git   calm",
      "      live  wild | *x*",
      expect.stringMatching(/^ {6}by an unknown manager · \w+ · live-edit$/),
      "",
      "1 object: 0 in sync, 1 drifted",
      "",
    ]);
  });

  test("markdown is one table in which nothing is markup", async () => {
    const { stdout } = await diff("markdown");
    const rows = stdout.split("\n").filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(3);
    expect(rows[2]?.split(" | ")).toHaveLength(8);
    expect(rows[2]).toContain("wild &#124; &#42;x&#42;");
    expect(stdout).toContain("**1 object: 0 in sync, 1 drifted**");
  });

  test("SARIF points at the line of Git, with a fingerprint that does not hold the value", async () => {
    const { runs } = JSON.parse((await diff("sarif")).stdout) as { runs: { results: object[] }[] };
    expect(runs[0]?.results).toMatchObject([
      {
        ruleId: "plumbline/changed",
        message: { text: "ConfigMap shop/settings: .data.mode changed" },
        locations: [{ physicalLocation: { artifactLocation: { uri: config }, region: { startLine: 5 } } }],
        partialFingerprints: { "plumbline/v1": expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ]);
  });

  test("json has the fields that other programs read", async () => {
    const report: DiffReport = reportOf(await diff("json"));
    expect(report).toEqual({
      apiVersion: "plumbline.dev/v1alpha1",
      kind: "DiffReport",
      summary: {
        objects: 1,
        inSync: 0,
        drifted: 1,
        pending: 0,
        missing: 0,
        terminating: 0,
        unmanaged: 0,
        excluded: 0,
        unknown: 0,
      },
      objects: [
        {
          group: "",
          version: "v1",
          kind: "ConfigMap",
          namespace: "shop",
          name: "settings",
          verdict: "drifted",
          severity: expect.any(String),
          cause: "live-edit",
          source: { file: config, line: 1 },
          changes: [
            {
              op: "changed",
              pointer: "/data/mode",
              path: ".data.mode",
              desired: "calm",
              live: "wild | *x*",
              severity: expect.any(String),
              class: "config",
              cause: "live-edit",
              owner: { manager: "", operation: "", subresource: "", confidence: "unknown" },
              source: { file: config, line: 5 },
            },
          ],
        },
      ],
      problems: [],
    });
  });
});

test("tables line up and escape their cells", () => {
  expect(
    formatTable(
      ["A", "LONG"],
      [
        [`x${ESC}`, "1"],
        ["y", ""],
      ],
    ),
  ).toBe("A         LONG\nx\\u001b   1\ny\n");
});

test.each([
  ["2026-11-21T00:00:00Z", "45s"],
  ["2026-11-20T23:57:45Z", "3m"],
  ["2026-11-20T19:00:45Z", "5h"],
  ["2026-11-01T00:00:00Z", "20d"],
  ["2027-01-01T00:00:00Z", "0s"],
  ["never", ""],
  [undefined, ""],
])("the age of %s is %s", (since, age) => {
  expect(formatAge(since, Date.parse("2026-11-21T00:00:45Z"))).toBe(age);
});
