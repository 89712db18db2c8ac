# saker as a container: one executable, the four glibc libraries it loads, and the folder it serves. No shell.
#
#   docker build --build-arg SAKER_COMMIT=$(git rev-parse --short=12 HEAD) -t saker .
#   docker run --rm -p 8080:8080 -v ./site:/srv/static:ro --read-only --cap-drop ALL saker
#
# Settings: SAKER_* variables, or a file, -v ./saker.toml:/srv/saker.toml:ro; both also tell the health check where to ask.
# Flags go after the image's name. Certificates that saker gets by itself are in /var/lib/saker: -v certificates:/var/lib/saker.
# Statistics live in /dev/shm, which is writable under --read-only too.

FROM node:22-bookworm-slim AS build
ARG BUN_VERSION=1.4.5
RUN npm install --global --no-fund --no-audit "bun@${BUN_VERSION}"
WORKDIR /src
# Packages first: they change less often than the sources.
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile
COPY tsconfig.json build.ts ./
COPY src src
ARG SAKER_COMMIT=unknown
RUN SAKER_COMMIT="${SAKER_COMMIT}" bun build.ts --outfile /root-fs/usr/local/bin/saker

# The file system of the final image: the loader and libraries that the executable names, a user, a writable /tmp.
RUN set -eu; \
    cd /root-fs; \
    mkdir -p etc srv/static tmp /state/saker; \
    chmod 1777 tmp; \
    echo 'saker:x:65532:65532:saker:/:/sbin/nologin' > etc/passwd; \
    echo 'saker:x:65532:' > etc/group; \
    echo 'hosts: files dns' > etc/nsswitch.conf; \
    for library in $(ldd usr/local/bin/saker | grep -o '/[^ ]*'); do \
      install -D "$library" "/root-fs$library"; \
    done; \
    usr/local/bin/saker version
COPY static /root-fs/srv/static

FROM scratch
LABEL org.opencontainers.image.title="saker" \
      org.opencontainers.image.description="A Bun-native, high-throughput HTTP server in one executable" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /root-fs/ /
# For certificates: mount a volume here to keep them.
COPY --from=build --chown=65532:65532 /state/ /var/lib/
ENV STATE_DIRECTORY=/var/lib/saker
USER 65532:65532
# saker serves ./static and reads ./saker.toml unless told otherwise.
WORKDIR /srv
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --start-interval=1s --retries=3 \
    CMD ["/usr/local/bin/saker", "health"]
ENTRYPOINT ["/usr/local/bin/saker"]
