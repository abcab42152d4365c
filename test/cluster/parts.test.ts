/** The small pure parts: lines, watch lines, paths, discovery documents, refusals. */
import { array, assert, constantFrom, nat, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { collectionPath, isPathSegment, objectPath } from "../../src/cluster/api-path.ts";
import { isObjectNotFound, objectAnswer, refusal } from "../../src/cluster/api-status.ts";
import { parseAggregated, parseGroupList, parseResourceList } from "../../src/cluster/discovery-document.ts";
import { createLineSplitter } from "../../src/cluster/line-splitter.ts";
import { readLine } from "../../src/cluster/watch-line.ts";

function splitAt(text: string, sizes: readonly number[]): { lines: string[]; rest: number } {
  const splitter = createLineSplitter();
  const bytes = Buffer.from(text);
  const lines: string[] = [];
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    for (const line of splitter.push(bytes.subarray(from, from + size))) lines.push(line.toString("utf8"));
    from += size;
  }
  return { lines, rest: splitter.rest() };
}

describe("lines", () => {
  test("however the bytes are cut, also inside a character, the lines are the same", () => {
    const piece = oneof(constantFrom("ä", "€", "𝄞", "\u2028", "\r", "{}"), string({ unit: "binary" }));
    assert(
      property(array(piece), array(nat(7)), (pieces, sizes) => {
        const lines = pieces.map((text) => text.replaceAll("\n", "").toWellFormed()).filter((line) => line !== "");
        expect(splitAt(lines.map((line) => `${line}\n`).join(""), sizes).lines).toEqual(lines);
      }),
    );
  });

  test("a last line without its end is held back and counted", () => {
    expect(splitAt("a\nb€", [1, 2])).toEqual({ lines: ["a"], rest: 4 });
  });
});

describe("watch lines", () => {
  const object = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"7"}}';
  test.each([
    ["ADDED", { on: "event", type: "ADDED", version: "7" }],
    ["MODIFIED", { on: "event", type: "MODIFIED", version: "7" }],
    ["DELETED", { on: "event", type: "DELETED", version: "7" }],
    ["BOOKMARK", { on: "bookmark", version: "7", listed: false }],
  ])("%s", (type, input) => {
    expect(readLine(Buffer.from(`{"type":"${type}","object":${object}}`))?.input).toEqual(input);
  });

  test("the bookmark at the end of a listing", () => {
    const metadata = '{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}';
    const line = `{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":${metadata}}}`;
    expect(readLine(Buffer.from(line))?.input).toEqual({ on: "bookmark", version: "9", listed: true });
  });

  test("an ERROR with all it can say", () => {
    const details = '{"retryAfterSeconds":3,"causes":[{"reason":"ResourceVersionTooLarge"}]}';
    const line = `{"type":"ERROR","object":{"code":504,"reason":"Timeout","message":"m","details":${details}}}`;
    expect(readLine(Buffer.from(line))?.input).toEqual({
      on: "refused",
      refused: { status: 504, reason: "Timeout", message: "m" },
      retryAfter: 3_000,
      tooNew: true,
    });
  });

  // An event in every other respect.
  const halfACharacter = Buffer.concat([
    Buffer.from(`{"type":"ADDED","note":"`),
    Buffer.from([0xe2, 0x82]),
    Buffer.from(`","object":${object}}`),
  ]);

  test.each([
    ["no JSON", Buffer.from("{")],
    ["no UTF-8", halfACharacter],
    ["no object", Buffer.from('{"type":"ADDED"}')],
    ["no type", Buffer.from(`{"object":${object}}`)],
    ["a type nobody knows", Buffer.from(`{"type":"MOVED","object":${object}}`)],
    [
      "an object without a version",
      Buffer.from('{"type":"ADDED","object":{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}}'),
    ],
    [
      "an object without a name",
      Buffer.from(`{"type":"ADDED","object":{"apiVersion":"v1","kind":"A","metadata":{"resourceVersion":"1"}}}`),
    ],
    ["a list", Buffer.from("[]")],
  ])("%s is no event", (_, line) => {
    expect(readLine(line)).toBeUndefined();
  });
});

describe("paths", () => {
  const deployments = {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    namespaced: true,
    verbs: [],
  };
  const roles = {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "ClusterRole",
    plural: "clusterroles",
    namespaced: false,
    verbs: [],
  };
  const pods = { ...deployments, group: "", plural: "pods", kind: "Pod" };

  test.each([
    [objectPath(deployments, { namespace: "a", name: "web" }), "/apis/apps/v1/namespaces/a/deployments/web"],
    [
      objectPath(deployments, { namespace: "a", name: "web", subresource: "scale" }),
      "/apis/apps/v1/namespaces/a/deployments/web/scale",
    ],
    [objectPath(pods, { namespace: "a", name: "p" }), "/api/v1/namespaces/a/pods/p"],
    [
      objectPath(roles, { namespace: "", name: "My:Role" }),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/My%3ARole",
    ],
    [collectionPath(deployments, ""), "/apis/apps/v1/deployments"],
    [collectionPath(deployments, "a"), "/apis/apps/v1/namespaces/a/deployments"],
    [objectPath(deployments, { namespace: "", name: "web" }), undefined],
    [objectPath(roles, { namespace: "a", name: "r" }), undefined],
    [objectPath(deployments, { namespace: "a/b", name: "web" }), undefined],
    [objectPath(deployments, { namespace: "a", name: "web", subresource: "../x" }), undefined],
  ])("%s", (path, expected) => {
    expect(path).toBe(expected);
  });

  test.each(["", ".", "..", "a/b", "a%2Fb", "a\0"])("%j is no segment", (text) => {
    expect(isPathSegment(text)).toBe(false);
  });
});

describe("discovery documents", () => {
  test("the aggregated form, with a stale group and a resource of nothing", () => {
    const document = {
      kind: "APIGroupDiscoveryList",
      items: [
        {
          metadata: { name: "apps" },
          versions: [
            {
              version: "v1",
              freshness: "Current",
              resources: [
                {
                  resource: "deployments",
                  responseKind: { group: "apps", version: "v1", kind: "Deployment" },
                  scope: "Namespaced",
                  verbs: ["get", "list"],
                },
                { resource: "odd", scope: "Cluster", verbs: [] },
              ],
            },
          ],
        },
        { metadata: { name: "metrics.k8s.io" }, versions: [{ version: "v1beta1", freshness: "Stale" }] },
        { metadata: {} },
      ],
    };
    expect(parseAggregated(document)).toEqual([
      {
        group: "apps",
        version: "v1",
        stale: false,
        resources: [
          {
            group: "apps",
            version: "v1",
            kind: "Deployment",
            plural: "deployments",
            namespaced: true,
            verbs: ["get", "list"],
          },
        ],
      },
      { group: "metrics.k8s.io", version: "v1beta1", stale: true, resources: [] },
    ]);
  });

  test("the plain form: the preferred version first, subresources left out", () => {
    const groups = {
      groups: [{ name: "a", preferredVersion: { version: "v2" }, versions: [{ version: "v1" }, { version: "v2" }] }],
    };
    expect(parseGroupList(groups)).toEqual([
      { group: "a", version: "v2" },
      { group: "a", version: "v1" },
    ]);
    const list = {
      resources: [{ name: "xs", kind: "X", namespaced: true, verbs: ["get"] }, { name: "xs/status", kind: "X" }, {}],
    };
    expect(parseResourceList(list, { group: "a", version: "v2" })).toEqual([
      { group: "a", version: "v2", kind: "X", plural: "xs", namespaced: true, verbs: ["get"] },
    ]);
  });
});

describe("refusals", () => {
  const response = (status: number, text: string) => ({ status, text, warnings: [] });
  test("a Status body", () => {
    const text =
      '{"kind":"Status","reason":"NotFound","message":"no\\n web","details":{"name":"web","retryAfterSeconds":2}}';
    const answer = refusal(response(404, text));
    expect(answer).toMatchObject({ ok: false, status: 404, reason: "NotFound", message: "no web", retryAfter: 2_000 });
    expect(isObjectNotFound(answer)).toBe(true);
  });

  test("a path that is not served is not an object that is not there", () => {
    expect(isObjectNotFound(refusal(response(404, "404 page not found\n")))).toBe(false);
    const text = '{"kind":"Status","reason":"NotFound","message":"could not find the requested resource","details":{}}';
    expect(isObjectNotFound(refusal(response(404, text)))).toBe(false);
  });

  test.each([
    ["no answer", response(0, "connect ECONNREFUSED"), "Unreachable"],
    ["a proxy's page", response(502, "<html>"), "Unknown"],
    ["an answer that is no object", response(200, "[]"), "Malformed"],
  ])("%s", (_, given, reason) => {
    expect(objectAnswer(given)).toMatchObject({ ok: false, reason });
  });
});
