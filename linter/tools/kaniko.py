"""The kaniko executor and warmer: flags of v1.24 and of the forks, with what each takes.

From cmd/executor/cmd/root.go and cmd/warmer/cmd/root.go; all are flags of spf13/pflag, so a switch takes a value only
behind a `=`, and `--cache true` leaves `true` as an operand.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument
from ..invocation import Invocation, Tool
from .flags import Flags, names, split
from .where import Where, last, span, target_of

EXECUTOR = Flags(
    names(
        "annotation azure-container-registry-config bucket,b build-arg cache-dir cache-repo cache-ttl compression"
        " compression-level context,c context-sub-path credential-helpers custom-platform,customPlatform destination,d"
        " digest-file dockerfile,f git ignore-path image-download-retry image-format image-fs-extract-retry"
        " image-name-tag-with-digest-file image-name-with-digest-file insecure-registry kaniko-dir label log-format"
        " oci-layout-path push-retry registry-certificate registry-client-cert registry-map registry-mirror secret"
        " skip-tls-verify-registry snapshot-mode,snapshotMode tar-path,tarPath target verbosity,v"
    ),
    names(
        "cache cache-copy-layers cache-run-layers cleanup compressed-caching dryrun force force-build-metadata"
        " ignore-var-run,whitelist-var-run insecure insecure-pull log-timestamp materialize no-push no-push-cache"
        " pre-cleanup preserve-context push-ignore-immutable-tag-errors reproducible single-snapshot"
        " skip-default-registry-fallback skip-push-permission-check skip-tls-verify skip-tls-verify-pull"
        " skip-unused-stages use-new-run"
    ),
)
WARMER = Flags(
    names(
        "build-arg cache-dir,c cache-ttl customPlatform dockerfile,d image,i insecure-registry log-format"
        " registry-certificate registry-client-cert registry-map registry-mirror skip-tls-verify-registry verbosity,v"
    ),
    names("force,f insecure-pull log-timestamp skip-default-registry-fallback skip-tls-verify-pull"),
)
DEFAULT_CONTEXT = "/workspace/"


def read(argv: tuple[Argument, ...], where: Where) -> Iterator[Invocation]:
    """What a kaniko command builds. Options keep kaniko's long names; `dockerfile` and `context` are as written."""
    warmer = argv[0].text.endswith("warmer")
    options, operands, _ = split(argv, 1, WARMER if warmer else EXECUTOR, where.data)
    dockerfile, context = last(options, "dockerfile"), last(options, "context")
    platform = last(options, "custom-platform")
    yield Invocation(
        span(argv),
        Tool.WARMER if warmer else Tool.KANIKO,
        options,
        dockerfile.text if dockerfile else None,
        context.text if context and not warmer else None if warmer else DEFAULT_CONTEXT,
        target_of(options)._replace(platform=platform.value if platform else None),
        where.directory,
        where.form,
        argv,
        operands,
        where.container,
        where.machine,
    )
