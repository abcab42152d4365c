/**
 * The operator: builds every part, wires them with functions, starts them, and stops them in reverse. No logic.
 */
import { createSecretKey } from "node:crypto";
import { startOwnElection } from "./cli/run/election.ts";
import { createForeignClaims, type ForeignClaims } from "./cli/run/foreign-claims.ts";
import { credentialSource, sourceSettings } from "./cli/run/from-config.ts";
import { ledApi } from "./cli/run/led-api.ts";
import { openLedger } from "./cli/run/ledger.ts";
import { readHashKey, readSourceSecret } from "./cli/run/own-secrets.ts";
import { type OwnWatches, startOwnWatches } from "./cli/run/own-watches.ts";
import { createSinks } from "./cli/run/sinks.ts";
import { createObjectApi } from "./cluster/api.ts";
import { createCredentials } from "./cluster/credentials.ts";
import { awaitDiscovery, createDiscovery } from "./cluster/discovery.ts";
import { createDryRun } from "./cluster/dry-run.ts";
import { createLiveWatches } from "./cluster/live-watches.ts";
import { createOpenApi } from "./cluster/open-api.ts";
import { servedKinds } from "./cluster/served-kinds.ts";
import { leaseNameOf } from "./cluster/shard-lease.ts";
import { createSubjectAccess } from "./cluster/subject-access.ts";
import { createTenantSight } from "./cluster/tenant-sight.ts";
import { createTransport } from "./cluster/transport.ts";
import { createSchemaIndex } from "./compare/schema-index.ts";
import { createEngine } from "./engine/controller.ts";
import { createSchemaLoader } from "./engine/schema-loader.ts";
import { shardOf } from "./model/shard.ts";
import type { BaselineKey } from "./model/snapshot.ts";
import { type Clock, systemClock } from "./runtime/clock.ts";
import type { Config, Environment } from "./runtime/config.ts";
import { watchEventLoop } from "./runtime/event-loop.ts";
import { holdHeap } from "./runtime/heap.ts";
import { serve, textPage } from "./runtime/http-server.ts";
import type { Log } from "./runtime/log.ts";
import { createProcessMetrics } from "./sinks/metrics/process-metrics.ts";
import { createQueueMetrics } from "./sinks/metrics/queue-metrics.ts";
import { createMetrics } from "./sinks/metrics/registry.ts";
import { createSources } from "./sources/sources.ts";
import { healthOf } from "./verdict/health.ts";

export interface Operator {
  /** Stops in reverse order of starting; the lease is given up last. */
  stop(): Promise<void>;
}

export interface OperatorOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly version: string;
  readonly log: Log;
}

/** @throws where the API server's address is not known or the listeners cannot listen */
export async function startOperator({ config, environment, version, log }: OperatorOptions): Promise<Operator> {
  const clock: Clock = systemClock;
  const stopping = new AbortController();
  const eventLoop = watchEventLoop();
  const credentials = createCredentials({ clock, source: credentialSource(config, environment) });
  const isLeader = (): boolean => election.isLeader();
  const isOurs = (key: BaselineKey): boolean => shardOf(key, config.shard.count) === config.shard.index;

  const metrics = createMetrics({ isLeader });
  const queueMetrics = createQueueMetrics(metrics);
  const transport = createTransport({
    credentials,
    clock,
    version,
    observe: (observation) => processMetrics.requested(observation),
  });
  const discovery = createDiscovery({ transport, clock });
  const openApi = createOpenApi(transport);
  const api = createObjectApi({ transport, discovery });
  const watchContext = { transport, discovery, clock, log };

  const health = await serve(config.healthAddress, {
    "/healthz": () => textPage(200, "ok\n"),
    "/readyz": () => (engine.isReady() ? textPage(200, "ok\n") : textPage(503, "not ready\n")),
  });

  const scopeOf: Parameters<typeof createForeignClaims>[0]["scopeOf"] = (kind) => {
    const resource = discovery.resourceOf(kind);
    return resource === undefined ? undefined : resource.namespaced ? "Namespaced" : "Cluster";
  };
  const schemas = createSchemaLoader({
    index: createSchemaIndex(),
    fetchDocument: (groupVersion) => openApi.fetchDocument(groupVersion),
    scopeOf,
    changed: (kind) => engine.schemaChanged(kind),
    clock,
    log,
  });
  const live = createLiveWatches({
    ...watchContext,
    api,
    healthOf,
    namespaces: [],
    secrets: config.rbacSecrets === "full",
    secretMetadata: config.rbacSecrets === "metadata",
  });
  const access = createSubjectAccess({ transport, discovery });
  const sight = createTenantSight(access, clock, (as) => {
    for (const { baseline } of engine.states())
      if (baseline.namespace === as.namespace && baseline.serviceAccountName === as.serviceAccount)
        engine.recheckBaseline(baseline.key);
  });
  const server = new URL((await credentials.access()).origin).hostname.replace(/^\[(.*)\]$/, "$1");
  const sources = createSources({
    clock,
    log,
    settings: sourceSettings(config, environment),
    readSecret: (namespace, name) => readSourceSecret(api, namespace, name),
    apiServerAddresses: [server],
    onOutcome: (key, outcome) => (isOurs(key) ? engine : foreign).sourceOutcome(key, outcome),
    observe: {
      fetch: (result, seconds, key) => {
        if (isOurs(key)) processMetrics.fetched(result === "failed" ? "error" : "success", seconds, key);
      },
      render: (seconds) => processMetrics.rendered(seconds),
    },
  });

  const foreign: ForeignClaims = createForeignClaims({
    sources,
    scopeOf,
    completed: () => {
      healing.remediation.leading();
      healing.handBack.leading();
      engine.claimsElsewhereChanged();
    },
    changed: () => engine.claimsElsewhereChanged(),
    clock,
    log,
  });
  const engine = createEngine({
    live,
    schemas,
    sources,
    tenancy: {
      platformNamespaces: config.platformNamespaces,
      maySee: (baseline, id) =>
        sight.maySee(
          { namespace: baseline.namespace, serviceAccount: baseline.serviceAccountName ?? "" },
          id,
          id.namespace,
        ),
    },
    search: {
      kinds: () => servedKinds(discovery),
      names: (kind) => live.names(kind),
      glimpse: (id, kindVersion) => live.glimpse(id, kindVersion),
      declaredElsewhere: (id) => foreign.declarers(id),
    },
    calibration:
      config.calibration && config.rbacMode === "remediate"
        ? {
            pluralOf: (kind) => discovery.resourceOf(kind)?.plural,
            ask: createDryRun(api),
            perSecond: config.calibrationRate,
          }
        : undefined,
    clock,
    log,
    workers: config.workers,
    publish: (transition) => fanOut.publish(transition),
    stateChanged: (key) => fanOut.stateChanged(key),
    removed: (key) => {
      fanOut.removed(key);
      processMetrics.removed(key);
    },
    observe: {
      judged: (seconds) => processMetrics.judged(seconds),
      calibrated: (result) => processMetrics.calibrated(result),
      queue: queueMetrics.queue("engine"),
      reconciled: (result, seconds) => queueMetrics.reconciled("engine", result, seconds),
    },
  });
  queueMetrics.created(
    { name: "engine", depth: () => engine.queueDepth(), busy: () => engine.queueBusy() },
    config.workers,
  );
  const processMetrics = createProcessMetrics({
    metrics,
    clock,
    engine,
    watches: () => live.states(),
    isLeader,
    leaseName: leaseNameOf(config.leaseName, config.shard),
    shard: config.shard,
    version,
    requests: () => transport.load(),
    eventLoop: () => eventLoop.read(),
  });

  const recording = openLedger(config, { metrics, clock, log });
  await awaitDiscovery(discovery, clock, stopping.signal);
  const { fanOut, records, refusals, takeover, healing, parts } = createSinks({
    config,
    writing: { clock, log, isLeader, observe: queueMetrics },
    api: ledApi(api, isLeader),
    key: createSecretKey(await readHashKey({ api, config, log, clock, signal: stopping.signal })),
    access,
    engine,
    foreign,
    live,
    metrics,
    evidence: recording.evidence,
  });
  /** Nothing before the watches of our own are there. */
  let recorded: OwnWatches["recorded"] = () => [];

  live.onChange((id, kindVersion, receivedAt) => {
    engine.liveChanged(id, kindVersion, receivedAt);
    healing.handBack.changed(id, kindVersion);
  });
  live.onState(({ kind }) => {
    engine.watchesChanged();
    healing.handBack.sighted(kind);
  });
  discovery.onChange(() => {
    engine.discoveryChanged();
    void openApi.refresh().then((changed) => schemas.documentsChanged(changed));
  });
  const election = startOwnElection(config, { transport, clock, log });
  election.onChange((leading) => {
    log.info({ leading }, "leadership changed");
    if (!leading) return;
    takeover.from(recorded());
    fanOut.leading();
    refusals.leading();
  });
  const metricsServer = await serve(config.metricsAddress, {
    "/metrics": async (accept) => {
      const { type, body } = await metrics.expose(accept);
      return { status: 200, type, body };
    },
  });
  const running = Promise.all([engine, ...parts].map((part) => part.run(stopping.signal)));
  const own = startOwnWatches({
    context: watchContext,
    engine,
    schemas,
    records,
    ledger: healing.recall,
    refusals,
    isOurs,
    claims: foreign,
  });
  recorded = own.recorded;
  const heap = holdHeap(clock, () => engine.isReady() && engine.queueDepth() === 0);
  log.info({ version, metrics: metricsServer.port, health: health.port, server }, "plumbline started");

  return {
    async stop() {
      log.info("plumbline stops");
      heap.stop();
      own.stop();
      live.stop();
      stopping.abort();
      await running;
      await recording.stop();
      await sources.stop();
      await election.stop();
      discovery.stop();
      await Promise.all([metricsServer.stop(), health.stop()]);
      await transport.close();
      eventLoop.stop();
    },
  };
}
