/** An operator that believes the API server to be somewhere else: behind a relay or a proxy in which a test makes faults. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { startOperator, type Operator, type StartOptions } from "./operator.ts";

/** @param server where it is told to go; plain HTTP too */
export function startRelayed(plane: ControlPlane, server: string, options: StartOptions = {}): Promise<Operator> {
  const secure = server.startsWith("https:")
    ? { "certificate-authority": plane.caFile }
    : { "insecure-skip-tls-verify": true };
  return startOperator(
    {
      kubeconfigPath: plane.kubeconfigPath,
      kubectl: plane.kubectl,
      tokenFor: plane.tokenFor,
      writeKubeconfig(name, token) {
        const file = path.join(plane.folder, name);
        const config = {
          apiVersion: "v1",
          kind: "Config",
          clusters: [{ name: "relay", cluster: { server, ...secure } }],
          users: [{ name: "relay", user: { token } }],
          contexts: [{ name: "relay", context: { cluster: "relay", user: "relay", namespace: "default" } }],
          "current-context": "relay",
        };
        writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
        return file;
      },
    },
    options,
  );
}
