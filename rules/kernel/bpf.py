"""A step may not use BPF.

bpf(2) for loading, listing or pinning programs and maps needs CAP_BPF or CAP_SYS_ADMIN in the initial user namespace:
an insecure step of a builder that runs as real root. Compiling BPF programs is free, and so are `bpftool gen` and
`bpftool btf dump` of an object file. /sys/kernel/btf/vmlinux is there only where a step has a /sys, which is not the
case in a user namespace: bring a vmlinux.h along.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_BPFTOOL = """#!/usr/bin/perl
exit 0 if $ARGV[0] eq 'version' || $ARGV[0] eq 'gen';
my ($bpf, $attributes) = (`uname -m` eq "aarch64\\n" ? 280 : 321, pack('L16', 0));
my $next_program = 11;
exit 0 if syscall($bpf, $next_program, $attributes, 64) == 0 || $! == 2;
die "Error: can't get next program: $!\\n";
"""
"""What `bpftool prog` asks first."""

_INSTALLED = (
    "FROM debian\nCOPY --chmod=755 bpftool /opt/\n"
    "RUN update-alternatives --install /usr/sbin/bpftool bpftool /opt/bpftool 1\n"
)
_TOOL = {"bpftool": _BPFTOOL}

rule = Rule(
    code="NS510",
    name="bpf",
    summary="a step may not load or list BPF programs",
    refused=WITHOUT_HOST_ROOT,
    guidance="Compile in the build, and load and probe on the machine that runs it.",
    symptoms=(
        r"Error: can't get next \w+: Operation not permitted",
        r"Error: missing CAP_",
        r"failed to load (BPF|object)",
    ),
    examples=(
        Bad(_INSTALLED + "RUN «bpftool prog list»\n", context=_TOOL),
        Bad(_INSTALLED + "RUN set -e; sudo «bpftool -j map show»; ls\n", context=_TOOL),
        Bad(_INSTALLED + "RUN --security=insecure «bpftool prog list»\n", context=_TOOL),
        Warn(_INSTALLED + "RUN «bpftool feature probe» || true\n", context=_TOOL),
        Good(
            _INSTALLED + "RUN bpftool version && bpftool gen skeleton x.o\n", why="no program is loaded", context=_TOOL
        ),
        Good("FROM debian\nRUN echo bpftool prog load x.o > /load.sh\n", why="it is not run"),
    ),
    references=("https://man7.org/linux/man-pages/man2/bpf.2.html",),
)


@rule.check(AskKernel)
def bpf(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.BPF:
        yield rule.refuses(ask, f"`{ask.command.name}` needs the host's root to use bpf(2)")
