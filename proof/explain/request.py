"""What a builder refuses to be asked: entitlements, drivers and flags it does not know."""

from __future__ import annotations

from .known import Known, Says

REQUEST = (
    Known(
        "entitlement-not-allowed",
        Says.BUILDER,
        (
            r"granting entitlement \S+ is not allowed by build daemon configuration",
            r"(security\.insecure|network\.host) is not allowed",
            r"devices? .* (is|are) requested by the build but not allowed",
        ),
        "The build asks for an entitlement (`RUN --security=insecure`, `--network=host`, `--device`) that the daemon or"
        " the client does not grant.",
        "Grant it on both sides: `insecure-entitlements` in buildkitd.toml (or `--allow-insecure-entitlement`), and"
        " `--allow` for the build. In a user namespace it gives no device and no right of the node's root: see whether"
        " the step needs it.",
        ("https://docs.docker.com/reference/cli/docker/buildx/build/#allow",),
    ),
    Known(
        "frontend-too-old",
        Says.BUILDER,
        (r"(?i:unknown flag): -*(security|mount|network|device|chmod|chown|link|parents|exclude|checksum)\b",),
        "The Dockerfile's frontend, or a builder that is not BuildKit, does not know this flag.",
        "Write `# syntax=docker/dockerfile:1` as the first line, with a version that has the flag, and build with"
        " BuildKit: the classic builder and old Kanikos have none of them.",
        ("https://docs.docker.com/build/buildkit/frontend/",),
    ),
    Known(
        "frontend-not-pulled",
        Says.BUILDER,
        (
            r"failed to resolve source metadata for (docker\.io/)?docker/dockerfile",
            r"resolve image config for docker-image://(docker\.io/)?docker/dockerfile.*ERROR",
        ),
        "`# syntax=docker/dockerfile` makes the daemon pull that image first, and it cannot.",
        "Let the daemon reach the registry or a mirror of it, or drop the line: the daemon's built-in frontend reads"
        " the same language as of its release.",
        ("https://docs.docker.com/build/buildkit/frontend/",),
    ),
    Known(
        "remote-driver-tls",
        Says.BUILDER,
        (r"tls enabled, but missing keys", r"non-absolute path "),
        "The remote driver wants cacert, cert and key together, each as an absolute path.",
        "Give all three in `--driver-opt`, as absolute paths on the machine where buildx runs.",
        ("https://docs.docker.com/build/builders/drivers/remote/",),
    ),
)
