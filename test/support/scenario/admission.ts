/**
 * Admission of a cluster in memory: what writes go through, and what a dry run is answered with. Behind the engine's
 * `CalibrationPort`, with every question kept.
 */
import type { CalibrationPort } from "../../../src/engine/ports.ts";
import type { DryRunAnswer, DryRunQuestion } from "../../../src/model/dry-run.ts";
import { getStrings, type JsonObject } from "../../../src/model/json.ts";
import { formatId, type KubeObject } from "../../../src/model/resource.ts";
import { inNamespace } from "./samples.ts";

export class FakeAdmission implements CalibrationPort {
  readonly perSecond: number;
  /** `create ConfigMap shop/web`, in the order they came. */
  readonly asked: string[] = [];
  readonly questions: DryRunQuestion[] = [];
  /** Labels that every write gets. */
  labels: (object: KubeObject) => Readonly<Record<string, string>> = () => ({ cost: "12" });
  /** Answers in the place of what admission does; undefined lets it. */
  instead: (question: DryRunQuestion) => DryRunAnswer | undefined = () => undefined;
  /** While it is there, answers wait. */
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  constructor(perSecond = 100) {
    this.perSecond = perSecond;
  }

  pluralOf({ kind }: { readonly kind: string }): string {
    return `${kind.toLowerCase()}s`;
  }

  /** What is stored of a write. */
  admit(object: KubeObject): KubeObject {
    const labels = { ...getStrings(object.metadata, "labels"), ...this.labels(object) };
    return { ...object, metadata: { ...object.metadata, labels } };
  }

  async ask(question: DryRunQuestion): Promise<DryRunAnswer> {
    this.questions.push(question);
    this.asked.push(`${question.form} ${formatId(question.id)}`);
    await this.#gate?.opened;
    return this.instead(question) ?? { ok: true, object: this.admit(inNamespace(question.desired)) };
  }

  hold(): void {
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gate = { opened, open };
  }

  release(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }
}

/** A webhook for ConfigMaps. */
export function webhook(operations: readonly string[] = ["CREATE", "UPDATE"], more: JsonObject = {}): KubeObject {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "costs" },
    webhooks: [
      {
        name: "costs.example.com",
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations }],
        ...more,
      },
    ],
  };
}
