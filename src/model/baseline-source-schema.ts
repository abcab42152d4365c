/** `spec.source` of a Baseline: where desired state comes from. What could reach a command line is refused here first. */
import { duration, objectName } from "./schema-parts.ts";
import type { ObjectSchema, TypeOf } from "./schema-types.ts";

/** What `git check-ref-format` refuses, and a leading dash, which a command line would take for an option. */
const refRules = [
  { rule: "!self.startsWith('-')", message: "must not start with '-'" },
  { rule: "!self.matches(r'[\\x00-\\x20\\x7f~^:?*\\[\\\\]')", message: "must be a valid Git ref name" },
  {
    rule: "!self.contains('..') && !self.contains('@{') && !self.contains('//')",
    message: "must be a valid Git ref name",
  },
  {
    rule: "!self.startsWith('/') && !self.matches(r'(/|\\.|\\.lock)$') && !self.matches(r'(^|/)\\.')",
    message: "must be a valid Git ref name",
  },
] as const;

const refName = { type: "string", minLength: 1, maxLength: 255, "x-kubernetes-validations": refRules } as const;

export const sourceSchema = {
  type: "object",
  description: "Where desired state comes from.",
  required: ["git"],
  properties: {
    git: {
      type: "object",
      description: "A Git repository.",
      required: ["url", "ref"],
      properties: {
        url: {
          type: "string",
          description:
            "Where the repository is: https, ssh or scp-like (`git@host:path`); file where the operator allows it. Credentials go into a Secret, never into the URL.",
          minLength: 1,
          maxLength: 2048,
          "x-kubernetes-validations": [
            { rule: "!self.startsWith('-')", message: "must not start with '-'" },
            {
              rule: "!self.matches(r'[\\x00-\\x20\\x7f]')",
              message: "must not contain white space or control characters",
            },
            {
              rule: "self.matches(r'^(https|ssh)://[^/?#]') || self.matches(r'^file:///') || self.matches(r'^[A-Za-z0-9_.][A-Za-z0-9_.-]*@(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9][A-Za-z0-9.-]*):[^:]')",
              message: "must be https://, ssh://, file:/// or scp-like (git@host:path)",
            },
            {
              rule: "!self.matches(r'^https://[^/?#]*@') && !self.matches(r'^ssh://[^/?#@]*:[^/?#@]*@')",
              message: "must not hold credentials; put them in a Secret and name it in secretRef",
            },
            { rule: "!self.matches(r'^(ssh://)?([^/?#@]*@)?-')", message: "the host must not start with '-'" },
            { rule: "!self.matches(r'[?#]')", message: "must not have a query or a fragment" },
          ],
        },
        ref: {
          type: "object",
          description: "What to follow: exactly one of branch, tag, semver, commit, name.",
          "x-kubernetes-validations": [
            {
              rule: "[has(self.branch), has(self.tag), has(self.semver), has(self.commit), has(self.name)].filter(set, set).size() == 1",
              message: "exactly one of branch, tag, semver, commit, name must be set",
            },
          ],
          properties: {
            branch: { ...refName, description: "Head of a branch, for example `main`." },
            tag: { ...refName, description: "One tag, for example `v1.4.0`." },
            semver: {
              type: "string",
              description: "Highest tag within a range of semantic versions, for example `1.x` or `>=1.4.0 <2.0.0`.",
              minLength: 1,
              maxLength: 128,
              pattern: "^[0-9A-Za-z.*<>=^~|,+ -]+$",
            },
            commit: {
              type: "string",
              description: "One commit, by its whole hash.",
              maxLength: 64,
              pattern: "^([0-9a-f]{40}|[0-9a-f]{64})$",
            },
            name: {
              ...refName,
              description: "Any ref by its full name, for example `refs/pull/420/head`.",
              pattern: "^refs/.+$",
            },
          },
        },
        interval: {
          ...duration,
          description: "How often to look for a new commit. Default 1m.",
          "x-kubernetes-validations": [
            {
              rule: "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
              message: "must be between 1s and 24h",
            },
          ],
        },
        timeout: {
          ...duration,
          description: "How long one fetch, and one rendering, may take. Default 1m.",
          "x-kubernetes-validations": [
            {
              rule: "duration(self) >= duration('1s') && duration(self) <= duration('1h')",
              message: "must be between 1s and 1h",
            },
          ],
        },
        secretRef: {
          type: "object",
          description:
            "A Secret of the Baseline's namespace with the credentials: username and password, bearerToken, or identity and known_hosts; ca.crt where the server's certificate needs it.",
          required: ["name"],
          properties: { name: { ...objectName, description: "Name of the Secret." } },
        },
        submodules: { type: "boolean", description: "Whether to fetch submodules too. Default false." },
      },
    },
  },
} as const satisfies ObjectSchema;

export type BaselineSource = TypeOf<typeof sourceSchema>;
