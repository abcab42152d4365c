# Plumbline's image: the bundle, Node, git with ssh, kustomize and helm, and nothing that builds or installs.
# docker build . | npm run image (docker, podman or buildah, whichever is there)

# The renderers, from the very go.mod that the tests use.
FROM golang:1.26-bookworm AS renderers
ENV CGO_ENABLED=0 GOFLAGS=-trimpath GOTOOLCHAIN=local
WORKDIR /src
COPY deploy/renderers/go.mod deploy/renderers/go.sum ./
RUN go mod download
RUN go build -ldflags "-s -w" -o /out/kustomize sigs.k8s.io/kustomize/kustomize/v5 \
 && go build -ldflags "-s -w -X helm.sh/helm/v4/internal/version.version=$(go list -m -f '{{.Version}}' helm.sh/helm/v4)" \
      -o /out/helm helm.sh/helm/v4/cmd/helm \
 && go version -m /out/kustomize > /out/kustomize.modules \
 && go version -m /out/helm > /out/helm.modules

# The bundle. Install scripts of packages do not run.
FROM node:24-bookworm-slim AS bundle
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY rolldown.config.ts tsconfig.json ./
COPY src ./src
RUN node node_modules/rolldown/bin/cli.mjs -c rolldown.config.ts

# What runs.
FROM debian:bookworm-slim AS base
RUN apt-get update -q \
 && apt-get install -qy --no-install-recommends ca-certificates git openssh-client libstdc++6 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/log/* /usr/share/doc /usr/share/man /usr/share/locale \
 && echo 'plumbline:x:65532:65532:plumbline:/tmp:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'plumbline:x:65532:' >> /etc/group \
 && install -d -o 65532 -g 65532 /var/lib/plumbline

# What is in it, by name and version.
FROM base AS sbom
COPY --from=bundle /usr/local/bin/node /usr/local/bin/node
COPY --from=renderers /out/*.modules /in/
COPY package-lock.json deploy/image/sbom.ts /in/
RUN dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' > /in/debian.packages \
 && node /in/sbom.ts /in > /sbom.cdx.json

FROM base
LABEL org.opencontainers.image.title="plumbline" \
      org.opencontainers.image.description="Finds configuration drift in Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=renderers /out/kustomize /out/helm /usr/local/bin/
COPY --from=bundle /usr/local/bin/node /usr/local/bin/node
COPY --from=sbom /sbom.cdx.json /usr/share/plumbline/sbom.cdx.json
COPY LICENSE /usr/share/plumbline/LICENSE
COPY package.json /app/package.json
COPY --from=bundle /src/dist /app
USER 65532:65532
WORKDIR /app
ENV NODE_ENV=production HOME=/tmp TMPDIR=/tmp GIT_CONFIG_NOSYSTEM=1 MALLOC_ARENA_MAX=1 \
    PLUMBLINE_GIT_BINARY=/usr/bin/git PLUMBLINE_KUSTOMIZE_BINARY=/usr/local/bin/kustomize
EXPOSE 8080 8081
# A small young generation and one arena of malloc: 80 MB less (docs/memory.md).
# Source maps would cost as much again; the bundle keeps its names, and NODE_OPTIONS=--enable-source-maps is there.
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=2", "/app/plumbline.js"]
CMD ["run"]
