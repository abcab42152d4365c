{{- /* The Pod, of the Deployment and of the StatefulSet. */ -}}
{{- define "plumbline.podTemplate" -}}
metadata:
  labels:
    {{- include "plumbline.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: plumbline
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "plumbline.serviceAccountName" . }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
  enableServiceLinks: false
  {{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "plumbline.securityContext" (dict "root" . "context" .Values.podSecurityContext) | nindent 4 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: plumbline
      image: {{ include "plumbline.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - run
        - --metrics-address=:{{ .Values.metrics.port }}
        - --health-address=:{{ .Values.health.port }}
        - --work-dir=/var/lib/plumbline
        - --git-binary=/usr/bin/git
        - --kustomize-binary=/usr/local/bin/kustomize
        - --namespace={{ .Release.Namespace }}
        - --leader-elect={{ .Values.leaderElection.enabled }}
        - --leader-elect-lease-duration={{ .Values.leaderElection.leaseDuration }}
        - --leader-elect-renew-deadline={{ .Values.leaderElection.renewDeadline }}
        - --leader-elect-retry-period={{ .Values.leaderElection.retryPeriod }}
        - --lease-name={{ include "plumbline.fullname" . }}
        {{- if gt (int .Values.sharding.count) 1 }}
        - --shard=$(PLUMBLINE_POD_NAME)/{{ int .Values.sharding.count }}
        {{- end }}
        - --key-secret={{ include "plumbline.keySecret" . }}
        {{- with .Values.tenancy.platformNamespaces }}
        - --platform-namespaces={{ join "," . }}
        {{- end }}
        {{- with .Values.sources.secretNamespaces }}
        - --secret-namespaces={{ join "," . }}
        {{- end }}
        - --rbac-mode={{ .Values.rbac.mode }}
        - --rbac-secrets={{ .Values.rbac.secrets }}
        - --live-opt-in={{ .Values.remediation.liveOptIn }}
        - --calibration={{ .Values.calibration.enabled }}
        - --calibration-rate={{ int .Values.calibration.perSecond }}
        - --max-drift-records={{ int .Values.drifts.maxPerBaseline }}
        - --max-resource-series={{ int .Values.metrics.maxResourceSeries }}
        - --allow-file-urls={{ .Values.sources.allowFileUrls }}
        {{- with .Values.sources.allowedHosts }}
        - --allowed-source-hosts={{ join "," . }}
        {{- end }}
        - --workers={{ int .Values.workers }}
        - --evidence-file={{ .Values.evidence.file }}
        - --log-level={{ .Values.log.level }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      env:
        - name: PLUMBLINE_POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: HOME
          value: /tmp
        - name: TMPDIR
          value: /tmp
        - name: GIT_CONFIG_NOSYSTEM
          value: "1"
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - name: metrics
          containerPort: {{ .Values.metrics.port }}
          protocol: TCP
        - name: health
          containerPort: {{ .Values.health.port }}
          protocol: TCP
      startupProbe:
        httpGet:
          path: /healthz
          port: health
        {{- toYaml .Values.startupProbe | nindent 8 }}
      livenessProbe:
        httpGet:
          path: /healthz
          port: health
        {{- toYaml .Values.livenessProbe | nindent 8 }}
      readinessProbe:
        httpGet:
          path: /readyz
          port: health
        {{- toYaml .Values.readinessProbe | nindent 8 }}
      securityContext:
        {{- include "plumbline.securityContext" (dict "root" . "context" .Values.securityContext) | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: work
          mountPath: /var/lib/plumbline
        - name: tmp
          mountPath: /tmp
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: work
      emptyDir:
        sizeLimit: {{ .Values.sources.workDirSize }}
    - name: tmp
      emptyDir:
        sizeLimit: {{ .Values.sources.tmpSize }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with (default .Values.global.nodeSelector .Values.nodeSelector) }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with (default .Values.global.tolerations .Values.tolerations) }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with (default .Values.global.affinity .Values.affinity) }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
