/**
 * Bad input, row by row: what lies in a folder of the repository beside a good ConfigMap, or in a Baseline's spec, and
 * the condition that must tell of it. Data only. Ids in brackets are those of the reliability research.
 */
import type { JsonObject } from "../../src/model/json.ts";
import type { Files } from "../git-server/repository.ts";
import { configMap, password, yaml } from "./scene.ts";

export interface Telling {
  readonly type: "Ready" | "SourceReady" | "Rendered" | "Compliant" | "Stalled";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: RegExp;
}

export interface DocumentRow {
  readonly name: string;
  readonly folder: string;
  readonly files: Files;
  readonly tells: Telling;
  /** The rest of the folder is not judged either: nobody can say what it declares. */
  readonly whole?: true;
}

const cm = (name: string): string => yaml(configMap(name));
const documents = (message: RegExp): Telling => ({
  type: "Rendered",
  status: "False",
  reason: "DocumentsInvalid",
  message,
});
const render = (reason: string, message: RegExp): Telling => ({ type: "Rendered", status: "False", reason, message });

const bomb = [
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n",
  'a0: &a0 ["x","x","x","x","x","x","x","x","x","x"]\n',
  ...Array.from({ length: 8 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(",")}]\n`),
].join("");

export const documentRows: readonly DocumentRow[] = [
  [
    "YAML that is a list",
    "list",
    { "bad.yaml": "- 1\n" },
    documents(/list\/bad\.yaml:1: expected an object, found a list/),
  ],
  [
    "YAML that is text",
    "text",
    { "bad.yaml": "# a note\nhello\n" },
    documents(/text\/bad\.yaml:2: expected an object/),
  ],
  ["tabs", "tabs", { "bad.yaml": "a: 1\nb:\n\tc: 1\n" }, documents(/tabs\/bad\.yaml:3: a tab is used/)],
  [
    "duplicate keys (1D-49)",
    "twice",
    { "bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: x\n  a: y\n" },
    documents(/twice\/bad\.yaml:6: the key "a" is there twice/),
  ],
  ["an alias bomb (1D-40)", "bomb", { "bad.yaml": bomb }, documents(/bomb\/bad\.yaml:\d+: its aliases expand/)],
  [
    "10 MB in one file (1D-44)",
    "huge",
    { "bad.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: huge}\ndata:\n  a: ${"x".repeat(10_000_000)}\n` },
    documents(/huge\/bad\.yaml: the file has \d+ characters/),
  ],
  ["10 MB of small things", "many", { "bad.yaml": "- {}\n".repeat(2_000_000) }, documents(/many\/bad\.yaml: /)],
  [
    "no kind",
    "nokind",
    { "bad.yaml": "apiVersion: v1\nmetadata: {name: a}\n" },
    documents(/nokind\/bad\.yaml:1: kind is missing/),
  ],
  [
    "no name",
    "noname",
    { "bad.yaml": `${cm("one")}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n` },
    documents(/noname\/bad\.yaml:\d+: ConfigMap.*: metadata\.name is missing/),
  ],
  [
    "a name that is a path",
    "pathname",
    { "bad.yaml": yaml(configMap("../secrets")) },
    documents(/pathname\/bad\.yaml:1: .*metadata\.name cannot be a name/),
  ],
  [
    "a duplicate id in two files",
    "same",
    { "a.yaml": cm("same"), "b.yaml": `# again\n${cm("same")}` },
    documents(/same\/a\.yaml:1: ConfigMap rows\/same: declared 2 times: .*same\/a\.yaml:1, .*same\/b\.yaml:2/),
  ],
  [
    "a kind that is not served",
    "unserved",
    { "bad.yaml": "# a robot\napiVersion: robots.example/v1\nkind: Robot\nmetadata: {name: r2, namespace: rows}\n" },
    {
      type: "Compliant",
      status: "Unknown",
      reason: "NotSeen",
      message: /unserved\/bad\.yaml:2: Robot\S* rows\/r2: the API server does not serve/,
    },
  ],
  [
    "a Secret that does not parse",
    "leak",
    { "bad.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n\ttoken: ${password}\n` },
    documents(/leak\/bad\.yaml:5: a tab is used/),
  ],
  [
    "5,000 open brackets (1D-41)",
    "deep",
    { "bad.yaml": `a: ${"[".repeat(5_000)}\n` },
    documents(/deep\/bad\.yaml:1: /),
  ],
  ["a link out of the tree (1B-16)", "link", { "bad.yaml": { link: "/etc/passwd" } }, documents(/link\/bad\.yaml:1: /)],
  [
    "a kustomization with a remote base (1C-27)",
    "remote",
    { "kustomization.yaml": "resources:\n- good.yaml\n- https://169.254.169.254/latest\n" },
    render("KustomizeRemoteRefused", /remote\/kustomization\.yaml:3: /),
    true,
  ],
  [
    "a kustomization that is none",
    "broken",
    { "kustomization.yaml": "resources:\n- nothing.yaml\n" },
    render("KustomizeFailed", /broken\/kustomization\.yaml:2: /),
    true,
  ],
].map(
  ([name, folder, files, tells, whole]) =>
    ({ name, folder, files, tells, ...(whole === true ? { whole } : {}) }) as DocumentRow,
);

export interface SettingRow {
  readonly name: string;
  /** Merged into the spec; `git` into `spec.source.git`. */
  readonly git?: JsonObject;
  readonly spec?: JsonObject;
  readonly tells: Telling;
}

const source = (reason: string, message: RegExp): Telling => ({
  type: "SourceReady",
  status: "False",
  reason,
  message,
});
const ready = (reason: string, message: RegExp): Telling => ({ type: "Ready", status: "False", reason, message });
const url = (name: string, text: string, message: RegExp): SettingRow => ({
  name,
  git: { url: text },
  tells: source("SourceUrlRefused", message),
});
const ref = (name: string, value: JsonObject, reason: string, message: RegExp): SettingRow => ({
  name,
  git: { ref: value },
  tells: source(reason, message),
});

/** What the schema lets through. */
export const acceptedRows: readonly SettingRow[] = [
  url("a file, where files are not allowed (1A-4)", "file:///srv/git/shop.git", /only where the operator allows it/),
  url("a host that is this machine (1G-82)", "https://127.0.0.1:1/x.git", /127\.0\.0\.1 is this machine/),
  ref("a branch that is not there", { branch: "nope" }, "SourceRefNotFound", /no branch nope/),
  ref("a tag that is not there", { tag: "v9" }, "SourceRefNotFound", /no tag v9/),
  ref("no version in range", { semver: "^9" }, "SourceRefNotFound", /no tag within \^9/),
  ref("a range that is none", { semver: "latest please" }, "SourceRefRefused", /range cannot be read/),
  ref("a commit that is not there", { commit: "1".repeat(40) }, "SourceRefNotFound", /no .*commit/),
  { name: "a path that is not there", spec: { path: "nope" }, tells: source("SourcePathNotFound", /nope/) },
  {
    name: "a Secret that is not there",
    git: { secretRef: { name: "nobody" } },
    tells: source("SourceSecretMissing", /Secret plumbline-system\/nobody is not there/),
  },
  {
    name: "a Secret with keys that are of no use",
    git: { secretRef: { name: "useless" } },
    tells: source("SourceSecretInvalid", /none of the keys that are read: username, password/),
  },
  {
    name: "a Secret with two ways in",
    git: { secretRef: { name: "both" } },
    tells: source("SourceSecretInvalid", /both password and bearerToken/),
  },
  {
    name: "an exclude glob that takes for ever",
    spec: { exclude: [`${"a*".repeat(40)}b`] },
    tells: render("InvalidBaseline", /exclude glob/),
  },
  {
    name: "a renderer that is not there yet",
    spec: { render: { kind: "Helm" } },
    tells: render("RenderUnsupported", /Helm|helm/),
  },
];

/** What only an older schema, or none, lets through: stored all the same. */
export const storedRows: readonly SettingRow[] = [
  url("a transport helper (1A-2)", "ext::sh -c touch%20/tmp/plumbline-pwned", /transport helper|white space/),
  url("an option (1A-1)", "--upload-pack=/tmp/plumbline-pwned", /starts with a dash/),
  url("a password in the URL (1A-10)", `https://ada:${password}@git.example/x.git`, /holds a password/),
  url("an unknown scheme", "ftp://git.example/x.git", /ftp is no transport/),
  ref(
    "a branch that is an option (1A-1)",
    { branch: "--output=/tmp/x" },
    "SourceRefRefused",
    /no name that git allows/,
  ),
  ref("a branch that climbs (1A-14)", { branch: "../../x" }, "SourceRefRefused", /no name that git allows/),
  {
    name: "no ref at all",
    git: { ref: {} },
    tells: ready("InvalidBaseline", /Baseline plumbline-system\/.*exactly one of/),
  },
  {
    name: "a ref of two kinds",
    git: { ref: { branch: "main", tag: "x" } },
    tells: ready("InvalidBaseline", /exactly one of/),
  },
  {
    name: "a path that climbs out (1B-18)",
    spec: { path: "a/../../b" },
    tells: ready("InvalidBaseline", /leads out of/),
  },
  { name: "a path that is a number", spec: { path: 7 }, tells: ready("InvalidBaseline", /spec\.path/) },
  {
    name: "an empty ServiceAccount",
    spec: { serviceAccountName: "" },
    tells: ready("InvalidBaseline", /serviceAccountName is empty/),
  },
  { name: "a source that is a list", spec: { source: [] }, tells: ready("InvalidBaseline", /url is missing/) },
];

/** What the server refuses already: `git` and `spec` as above, and what it says. */
export const refusedRows: readonly (readonly [string, JsonObject, RegExp])[] = [
  ["a transport helper", { git: { url: "ext::sh -c id" } }, /must be https/],
  ["an option", { git: { url: "-c" } }, /must not start with '-'/],
  ["a password in the URL", { git: { url: "https://a:b@git.example/x" } }, /credentials/],
  ["an unknown scheme", { git: { url: "ftp://git.example/x" } }, /must be https/],
  ["a branch that is an option", { git: { ref: { branch: "-x" } } }, /must not start with '-'/],
  ["a path that climbs out", { spec: { path: "../x" } }, /must not contain '\.\.'/],
  ["an interval of 1h9z (1D-47)", { git: { interval: "1h9z" } }, /interval/],
  ["an interval of Arabic digits (1D-47)", { git: { interval: "١m" } }, /interval/],
  ["an interval of 1e400s (1D-47)", { git: { interval: "1e400s" } }, /interval/],
  ["a grace of -1s (1D-47)", { spec: { gracePeriod: "-1s" } }, /gracePeriod/],
  ["a share of 1e400", { spec: { minCompliance: 99 } }, /minCompliance/],
  ["an unknown field", { spec: { mood: "grim" } }, /unknown field "spec\.mood"/],
];

/** A name for a Baseline, from the name of its row. */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 50);
