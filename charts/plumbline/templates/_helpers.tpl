{{- define "plumbline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "plumbline.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "plumbline.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "plumbline.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "plumbline.selectorLabels" -}}
app.kubernetes.io/name: {{ include "plumbline.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "plumbline.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "plumbline.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: plumbline
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "plumbline.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "plumbline.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "plumbline.keySecret" -}}
{{- default (printf "%s-key" (include "plumbline.fullname" .)) .Values.contentKey.existingSecret }}
{{- end }}

{{- define "plumbline.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry }}
{{- $image := .Values.image.repository }}
{{- if $registry }}{{ $image = printf "%s/%s" (trimSuffix "/" $registry) $image }}{{ end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $image .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $image (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- /* The security context as given, without ids where OpenShift gives out its own. */ -}}
{{- define "plumbline.securityContext" -}}
{{- $adapt := .root.Values.global.compatibility.openshift.adaptSecurityContext }}
{{- $openshift := .root.Capabilities.APIVersions.Has "security.openshift.io/v1" }}
{{- if or (eq $adapt "force") (and (eq $adapt "auto") $openshift) }}
{{- toYaml (omit .context "runAsUser" "runAsGroup" "fsGroup") }}
{{- else }}
{{- toYaml .context }}
{{- end }}
{{- end }}

{{- /* "true" where an optional API's object is to be rendered; fails where it must be there and is not. */ -}}
{{- define "plumbline.renders" -}}
{{- if .settings.enabled }}
{{- $served := .root.Capabilities.APIVersions.Has .api }}
{{- if or $served (eq .settings.renderMode "alwaysRender") }}true
{{- else if eq .settings.renderMode "failIfMissing" }}
{{- fail (printf "%s.enabled is set, but the cluster does not serve %s" .name .api) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* API groups of custom resources, as a JSON list: listed, added, and found in the cluster. */ -}}
{{- define "plumbline.customGroups" -}}
{{- $groups := concat .Values.rbac.read.groups .Values.rbac.read.extraGroups }}
{{- if .Values.rbac.read.installedGroups }}
{{- range (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "").items }}
{{- $groups = append $groups .spec.group }}
{{- end }}
{{- end }}
{{- without (uniq $groups | sortAlpha) "plumbline.dev" | toJson }}
{{- end }}

{{- /* Names of the leases, as a JSON list: the installation's, and one per shard (src/cluster/shard-lease.ts). */ -}}
{{- define "plumbline.leases" -}}
{{- $names := list (include "plumbline.fullname" .) }}
{{- if gt (int .Values.sharding.count) 1 }}
{{- range until (int .Values.sharding.count) }}
{{- $names = append $names (printf "%s-shard-%d" (include "plumbline.fullname" $) .) }}
{{- end }}
{{- end }}
{{- toJson $names }}
{{- end }}
