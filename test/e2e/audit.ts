/** What the operator wrote, as the API server's audit log has it. Reads only. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { operatorAccount } from "./operator.ts";
import type { AuditEntry } from "./world.ts";

export interface Write {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly code: number;
  /** RFC 3339, when the server received it. */
  readonly at: string;
  /** Id of the token that was used: one per replica. */
  readonly by: string;
  /** Whom the operator acted as; "" for itself. */
  readonly as: string;
  /** To what is Plumbline's own: its Lease, its records, statuses of Baselines, Events, reviews of access. */
  readonly own: boolean;
}

type Entry = AuditEntry & {
  readonly user: { readonly extra?: Readonly<Record<string, readonly string[]>> };
  readonly impersonatedUser?: { readonly username: string };
};

const verbs = new Set(["create", "update", "patch", "delete", "deletecollection"]);
const ownGroups = new Set(["plumbline.dev", "events.k8s.io", "coordination.k8s.io", "authorization.k8s.io"]);

/** Writes of the operator's ServiceAccount that the server received at or after a moment (RFC 3339), dry runs left out. */
export function writesOf(plane: Pick<ControlPlane, "auditLogPath">, since: string): readonly Write[] {
  return readFileSync(plane.auditLogPath ?? "", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as Entry)
    .filter(
      ({ stage, verb, user, requestURI, requestReceivedTimestamp }) =>
        stage === "ResponseComplete" &&
        verbs.has(verb) &&
        user.username === operatorAccount &&
        !requestURI.includes("dryRun=All") &&
        Date.parse(requestReceivedTimestamp) >= Date.parse(since),
    )
    .map(({ verb, user, impersonatedUser, objectRef = {}, responseStatus, requestReceivedTimestamp }) => ({
      verb,
      resource: objectRef.resource ?? "",
      name: objectRef.name ?? "",
      code: responseStatus?.code ?? 0,
      at: requestReceivedTimestamp,
      as: impersonatedUser?.username ?? "",
      by: (user.extra?.["authentication.kubernetes.io/credential-id"] ?? [""])[0] ?? "",
      own: ownGroups.has(objectRef.apiGroup ?? ""),
    }));
}

/** The id that the audit log gives the token of a replica. */
export function tokenId(plane: Pick<ControlPlane, "folder">, podName: string): string {
  const kubeconfig = readFileSync(path.join(plane.folder, `${podName}.kubeconfig`), "utf8");
  const token = /"token":\s*"([^"]+)"/.exec(kubeconfig)?.[1] ?? "";
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { jti: string };
  return `JTI=${claims.jti}`;
}
