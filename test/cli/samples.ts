/** A small shop: what Git says, and the same as a server has it, to be edited by each test. */

export const webYaml = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: side
          image: side:1
        - name: web
          image: web:1.4
          env:
            - name: A
              value: "1"
            - name: B
              value: "2"
            - name: C
              value: "3"
          command:
            - run
            - fast
`;

export const secretYaml = `apiVersion: v1
kind: Secret
metadata: { name: key }
stringData:
  password: canary-git
`;

export const configYaml = `apiVersion: v1
kind: ConfigMap
metadata: { name: settings, labels: { team: shop } }
data:
  mode: calm
  "0": zero
`;

interface Thing {
  [key: string]: unknown;
}

export interface Deployment extends Thing {
  readonly metadata: { labels?: Record<string, string>; deletionTimestamp?: string; resourceVersion?: string };
  readonly spec: {
    replicas: number;
    template: {
      spec: {
        hostNetwork?: boolean;
        containers: { name: string; image: string; env?: { name: string; value: string }[]; command?: string[] }[];
      };
    };
  };
}

export function liveWeb(): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop", uid: "u-web", resourceVersion: "7" } as Deployment["metadata"],
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: {
          containers: [
            { name: "side", image: "side:1" },
            {
              name: "web",
              image: "web:1.4",
              env: [
                { name: "A", value: "1" },
                { name: "B", value: "2" },
                { name: "C", value: "3" },
              ],
              command: ["run", "fast"],
            },
          ],
        },
      },
    } as Deployment["spec"],
  };
}

export const liveSecret = (password = "canary-git"): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "key", namespace: "shop", resourceVersion: "3" },
  data: { password: Buffer.from(password).toString("base64") },
  type: "Opaque",
});

export const liveConfig = (data: object = { mode: "calm", "0": "zero" }, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "shop", labels: { team: "shop" }, ...metadata },
  data,
});

export const listOf = (...items: readonly object[]): object => ({ apiVersion: "v1", kind: "List", items });
