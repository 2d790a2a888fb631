"""Sandboxes and engines whose programs no base image has: what is an error, what a warning, and what is silent."""

from __future__ import annotations

import pytest

from ns_lint.fixes.mend import mend
from ns_lint.linter.context import Context
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import USERNS
from ns_lint.linter.rule import ENTITLEMENTS
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules

QUESTION = Question(USERNS, None, Ruleset(all_rules()))
ALLOWED = Target(allow=ENTITLEMENTS)


def effects(text: str, target: Target = ALLOWED) -> dict[str, Effect]:
    linted = lint_file(Document("Dockerfile", text.encode()), Context(None, {}), target, QUESTION)
    return {finding.code: finding.effect for finding in linted.findings}


@pytest.mark.parametrize(
    ("step", "code", "effect"),
    [
        ("nix-build --option sandbox-fallback false x.nix", "NS423", Effect.CONDITIONAL),
        ("NIX_CONFIG='sandbox-fallback = false' nix build .", "NS423", Effect.CONDITIONAL),
        ("flatpak run org.example.App", "NS423", Effect.FATAL),
        ("flatpak-builder build org.example.App.yml", "NS423", Effect.FATAL),
        ("systemd-nspawn -D /rootfs true", "NS423", Effect.FATAL),
        ("schroot -c sid true", "NS423", Effect.FATAL),
        ("google-chrome --headless --screenshot http://localhost", "NS423", Effect.FATAL),
        ("podman --storage-driver=vfs build .", "NS424", Effect.FATAL),
        ("podman --remote ps", "NS424", Effect.CONDITIONAL),
        ("docker -H tcp://builder:2375 build .", "NS424", Effect.CONDITIONAL),
        ("DOCKER_HOST=tcp://builder:2375 docker build .", "NS424", Effect.CONDITIONAL),
        ("dockerd > /log 2>&1 & sleep 5; docker pull debian", "NS424", Effect.FATAL),
        ("dockerd --iptables=false", "NS424", Effect.CONDITIONAL),
        ("qemu-debootstrap --arch=arm64 bookworm /rootfs", "NS426", Effect.FATAL),
        ("mmdebstrap --mode=unshare bookworm /rootfs", "NS421", Effect.FATAL),
        (
            "wget -O /x.AppImage http://example.org/x && chmod +x /x.AppImage && /x.AppImage",
            "NS404",
            Effect.CONDITIONAL,
        ),
    ],
)
def test_is_refused(step: str, code: str, effect: Effect) -> None:
    assert effects(f"FROM debian\nRUN {step}\n").get(code) is effect


@pytest.mark.parametrize(
    "step",
    [
        "nix-env -iA nixpkgs.hello && nix-build x.nix && nix-channel --update && nix build .",
        "nix-build --option sandbox-fallback false --option sandbox false x.nix",
        "nix flake check --option sandbox-fallback false",
        "flatpak install -y flathub org.example.App && flatpak-builder --version",
        "opam init -y --bare && opam install -y dune",
        "chromium --no-sandbox --headless && google-chrome --version",
        "CHROMIUM_FLAGS=--no-sandbox chromium-browser --headless",
        "firejail true; proot -r / true; fakechroot fakeroot true",
        "fakeroot debootstrap sid /r; debootstrap --variant=fakechroot sid /r",
        "mmdebstrap --variant=minbase bookworm /rootfs && mmdebstrap --mode=root sid /r && dracut --no-kernel /i 1",
        "docker login -u a -p b registry && docker buildx version && docker compose version && docker-compose version",
        "buildah version && podman help build && podman build --help",
        "apt-get install -y docker.io podman buildah bubblewrap chromium debootstrap mount kmod iptables",
        "./x.AppImage --appimage-extract && APPIMAGE_EXTRACT_AND_RUN=1 ./y.AppImage",
        "bazel build //... && snap --version && lxc-create --version",
    ],
)
def test_is_silent(step: str) -> None:
    mine = {code for code in effects(f"FROM debian\nRUN {step}\n") if code.startswith(("NS4", "NS5"))}
    assert mine == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "nix build --option sandbox-fallback false .",
            "nix --option sandbox false build --option sandbox-fallback false .",
        ),
        ("google-chrome --headless x", "google-chrome --no-sandbox --headless x"),
    ],
)
def test_turns_the_sandbox_off(before: str, after: str) -> None:
    document = Document("Dockerfile", f"FROM debian\nRUN {before}\n".encode())
    mended = mend(document, Context(None, {}), ALLOWED, QUESTION, allow_unsafe=True)
    assert mended.changes["Dockerfile"].new == f"FROM debian\nRUN {after}\n".encode()


@pytest.mark.parametrize(
    ("flag", "allow", "effect"),
    [
        ("--device=vendor.com/gpu=0,required", frozenset[str](), Effect.CONDITIONAL),
        ("--device=vendor.com/gpu=0,required", frozenset({"device"}), None),
        ("--device=vendor.com/gpu=0,required", frozenset({"device=vendor.com/gpu=0"}), None),
        ("--device=vendor.com/gpu=0", frozenset[str](), None),
        ("--device=vendor.com/gpu=0,required=false", frozenset[str](), None),
    ],
)
def test_a_required_device_needs_to_be_allowed(flag: str, allow: frozenset[str], effect: Effect | None) -> None:
    assert effects(f"FROM debian\nRUN {flag} true\n", Target(allow=allow)).get("NS751") is effect
