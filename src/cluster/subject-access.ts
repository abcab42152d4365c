/**
 * Whether somebody may do something, asked of the API server: ourselves (SelfSubjectAccessReview) or a service account
 * (SubjectAccessReview). Asks each time; who wants an answer to last keeps it.
 */
import { formatJson, getIn, type JsonObject } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import type { KindRef } from "../model/resource.ts";
import type { Impersonation } from "../model/api.ts";
import { isPathSegment, type ResourceInfo } from "./api-path.ts";
import { readBody, refusal } from "./api-status.ts";
import type { Discovery } from "./discovery.ts";
import type { Transport } from "./transport.ts";
import { describeMissingRight, notServed } from "./watch-problem.ts";

export interface AccessQuestion {
  /** get, list, watch, create, patch, delete, impersonate, … */
  readonly verb: string;
  /** Without a version: the one the server prefers. Rights are the same at all of them. */
  readonly kind: Omit<KindRef, "version"> & Partial<Pick<KindRef, "version">>;
  /** "" or absent: at the cluster scope, which is all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** Absent: ourselves. */
  readonly as?: Impersonation;
}

export type AccessAnswer =
  | { readonly allowed: true }
  /** `untold`: nobody said no; it could not be asked. */
  | { readonly allowed: false; readonly problem: Problem; readonly untold?: true };

export interface SubjectAccess {
  /** Where nobody can tell (no answer, kind not served) that is a no, and the problem says so. */
  canI(question: AccessQuestion): Promise<AccessAnswer>;
}

export function createSubjectAccess(options: {
  readonly transport: Transport;
  readonly discovery: Discovery;
}): SubjectAccess {
  const { transport, discovery } = options;

  const ask = (kind: string, plural: string, spec: JsonObject): ReturnType<Transport["request"]> =>
    transport.request({
      method: "POST",
      path: `/apis/authorization.k8s.io/v1/${plural}`,
      verb: "create",
      body: formatJson({ apiVersion: "authorization.k8s.io/v1", kind, metadata: {}, spec }),
    });

  /** Asks discovery again only where the kind is not known to it. */
  const find = async (kind: AccessQuestion["kind"]): Promise<ResourceInfo | undefined> => {
    const at = (version: string): KindRef => ({ group: kind.group, version, kind: kind.kind });
    const preferred = (): string => kind.version ?? discovery.servedVersions(kind.group, kind.kind)[0] ?? "";
    return (await discovery.find(at(preferred()))) ?? discovery.resourceOf(at(preferred()));
  };

  const unknownKind = ({ group, version, kind }: AccessQuestion["kind"]): Problem =>
    version === undefined
      ? { code: "kind-not-served", message: `the API server serves no ${kind} in the API group "${group}"` }
      : notServed({ group, version, kind }, discovery.servedVersions(group, kind));

  const no = (problem: Problem): Extract<AccessAnswer, { allowed: false }> => ({ allowed: false, problem });

  return {
    async canI(question) {
      const { verb, kind, as } = question;
      const namespace = question.namespace ?? "";
      const resource = await find(kind);
      if (resource === undefined) return no(unknownKind(kind));
      if (as !== undefined && !(isPathSegment(as.namespace) && isPathSegment(as.serviceAccount))) {
        return no({ code: "forbidden", message: "no service account is named" });
      }
      const resourceAttributes = {
        verb,
        group: resource.group,
        version: resource.version,
        resource: resource.plural,
        ...(namespace === "" ? {} : { namespace }),
        ...(question.name === undefined ? {} : { name: question.name }),
        ...(question.subresource === undefined ? {} : { subresource: question.subresource }),
      };
      const response =
        as === undefined
          ? await ask("SelfSubjectAccessReview", "selfsubjectaccessreviews", { resourceAttributes })
          : await ask("SubjectAccessReview", "subjectaccessreviews", {
              resourceAttributes,
              user: `system:serviceaccount:${as.namespace}:${as.serviceAccount}`,
              groups: ["system:serviceaccounts", `system:serviceaccounts:${as.namespace}`, "system:authenticated"],
            });
      if (response.status < 200 || response.status > 299) {
        const { message } = refusal(response);
        const unanswered = response.status === 0 || response.status === 429 || response.status > 499;
        const code = unanswered ? ("cluster-unreachable" as const) : ("forbidden" as const);
        const problem = {
          code,
          message: `could not ask whether ${resource.plural} may be read or written: ${message}`,
        };
        return { ...no(problem), untold: true };
      }
      if (getIn(readBody(response.text), "status", "allowed") === true) return { allowed: true };
      const who = as === undefined ? "" : `the service account ${as.namespace}/${as.serviceAccount} `;
      const what = { ...resource, plural: withSubresource(resource.plural, question.subresource) };
      return no({ code: "forbidden", message: `${who}${describeMissingRight(verb, what, namespace)}` });
    },
  };
}

function withSubresource(plural: string, subresource: string | undefined): string {
  return subresource === undefined ? plural : `${plural}/${subresource}`;
}
