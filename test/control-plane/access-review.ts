/** What the API server lets an account do. Its authorizer knows of RBAC a moment after it is written. */
import type { ControlPlane } from "./control-plane.ts";

export interface ReviewedAction {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  /** "" for the whole cluster. */
  readonly namespace: string;
}

/** @param account `namespace/name` of a ServiceAccount */
export async function isAllowed(plane: ControlPlane, account: string, action: ReviewedAction): Promise<boolean> {
  const { text } = await plane.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: `system:serviceaccount:${account.replace("/", ":")}`, resourceAttributes: action },
    },
  });
  return (JSON.parse(text) as { readonly status: { readonly allowed: boolean } }).status.allowed;
}
