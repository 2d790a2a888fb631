"""What programs say in a step when the kernel or the builder refuses them, beyond the rules' own symptoms.

These are failures that a step's script decides while it runs, so that a rule, which reads files, may have no word on
them: archives and packages from the net, tools started by tools. Where a rule knows the same line, the rule speaks.
"""

from __future__ import annotations

from .known import Known, Says

_NAMESPACES = "https://man7.org/linux/man-pages/man7/user_namespaces.7.html"
_DEFAULTS = "https://docs.docker.com/engine/security/seccomp/"
_SUBIDS = "https://rootlesscontaine.rs/getting-started/common/subuid/"

STEPS = (
    Known(
        "device-nodes",
        Says.STEP,
        (
            r"\bmknod\b.*(?i:operation not permitted)",
            r"[Cc]annot mknod",
            r"cannot create special file .*Operation not permitted",
        ),
        "A device node cannot be made in a user namespace, by whatever tool (mknod, tar, cpio, cp -a, dracut,"
        " debootstrap).",
        "Leave the node out: the runtime fills /dev. Unpack without `dev/*`, or make the file system outside the"
        " build.",
        (_NAMESPACES,),
    ),
    Known(
        "bootstrap",
        Says.STEP,
        (
            r"E: Cannot install into target .* mounted with noexec or nodev",
            r"Failure trying to run: chroot .* mount -t proc",
        ),
        "debootstrap tries to make a device node and to mount /proc, and can do neither.",
        "Bootstrap outside the build and ADD the result, or use mmdebstrap with `--mode=root` and"
        " `--skip=check/canmknod`, or a base image that has the system already.",
        ("https://manpages.debian.org/mmdebstrap",),
    ),
    Known(
        "archive-owners",
        Says.STEP,
        (
            r"tar: .*Cannot change ownership to uid \d+, gid \d+: Invalid argument",
            r"cpio: .*Invalid argument",
            r"unpacking of archive failed.*cpio: chown failed - Invalid argument",
        ),
        "The archive holds owners whose ids are not in the id map (65536 ids as a rule), and root restores owners.",
        "`tar --no-same-owner` (or `-o`), `cpio --no-preserve-owner`.",
        (_NAMESPACES,),
    ),
    Known(
        "npm-owners",
        Says.STEP,
        (r"TAR_ENTRY_ERROR EINVAL: invalid argument, f?l?chown", r"EINVAL: invalid argument, f?l?chown"),
        "A package in the npm registry holds owners whose ids are not in the id map, and npm restores them as root.",
        "Run npm as a user who is not root (`USER node`), or with npm 9 or later.",
        ("https://github.com/npm/rfcs/issues/546",),
    ),
    Known(
        "kernel-file-systems",
        Says.STEP,
        (
            r"unpacking of archive failed on file /(proc|sys|dev)\b",
            r"/(proc|sys)\b.*cpio: chown failed",
            r"ch(own|mod|grp): changing (ownership|permissions|group) of '/(proc|sys|dev)\b.*Operation not permitted",
            r"chown of /dev/\S* fail",
            r"/dev/\S+: chown: Operation not permitted",
        ),
        "The owner of /proc, /sys and /dev has no id in a user namespace, so nobody there may change them. The rpm"
        " packages `filesystem` and `setup` try it when they are updated.",
        "Leave them out: `dnf update --exclude=filesystem --exclude=setup`, or `%_netsharedpath /sys:/proc:/dev` in"
        " /etc/rpm/macros.netshared. Prune these paths in `chown -R /`.",
        ("https://github.com/containers/buildah/issues/3309",),
    ),
    Known(
        "apt-sandbox",
        Says.STEP,
        (
            r"E: set(groups|egid|eguid|euid|resuid|resgid) \d+ failed",
            r"E: Method \S+ has died unexpectedly!",
        ),
        "apt drops to its user _apt, and this user namespace maps one id only, or denies setgroups.",
        "Give the builder a full range in /etc/subuid and /etc/subgid. Else `echo 'APT::Sandbox::User \"root\";' >"
        " /etc/apt/apt.conf.d/00sandbox`.",
        (_SUBIDS, "https://github.com/containers/buildah/issues/3345"),
    ),
    Known(
        "setgroups-denied",
        Says.STEP,
        (
            r"(su-exec|gosu|setpriv|sudo)?: ?setgroups\S*: Operation not permitted",
            r"^(?!E: ).*setgroups.*Operation not permitted",
        ),
        "The process may not set its groups: the user namespace maps one id only, or setgroups is denied in it.",
        "Give the builder a full range in /etc/subuid and /etc/subgid, or drop privileges when the container runs.",
        (_NAMESPACES,),
    ),
    Known(
        "rpm-over-mounts",
        Says.STEP,
        (r"/etc/(hosts|resolv\.conf|hostname): cpio: rename",),
        "/etc/hosts and /etc/resolv.conf are mounts during a RUN, and a package tries to replace them.",
        "Leave the package out: `dnf update --exclude=setup --exclude=filesystem`.",
        ("https://github.com/moby/moby/issues/48413",),
    ),
    Known(
        "no-sysfs",
        Says.STEP,
        (
            r"/sys/\S*.*(?i:no such file or directory)",
            r"/sys/\S*.*(?i:read-only file system|permission denied)",
            r"udevadm.*(?i:fail)",
        ),
        "A RUN in a user-namespaced BuildKit has no /sys.",
        "Guard the step (`[ -d /sys/class ] && …`), or do it when the container runs.",
        ("https://github.com/moby/buildkit/issues/2484",),
    ),
    Known(
        "mount",
        Says.STEP,
        (
            r"\bmount: .*(?i:permission denied|operation not permitted|must be superuser)",
            r"mount\(2\).*(?i:operation not permitted)",
            r"losetup: .*",
            r"failed to (set ?up|setup) loop device",
        ),
        "A RUN has no right to mount; loop devices and disks stay refused in a user namespace, also to an insecure"
        " step.",
        "`RUN --mount=type=bind|tmpfs|cache`, or read the image without mounting it (7z, mtools, debugfs, bsdtar).",
        ("https://docs.docker.com/reference/dockerfile/#run---mount",),
    ),
    Known(
        "sysctl",
        Says.STEP,
        (
            r"sysctl: (setting key|permission denied|cannot stat|error setting key)",
            r"/proc/sys/.*(?i:read-only file system|permission denied)",
        ),
        "/proc/sys is read-only in a RUN, and what a step sets there would be the node's and not the image's.",
        "Set it where the container runs: the pod's `securityContext.sysctls`, `--sysctl`, or the node. A file in"
        " /etc/sysctl.d only documents it.",
        ("https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",),
    ),
    Known(
        "kernel-modules",
        Says.STEP,
        (r"(modprobe|insmod|rmmod): .*",),
        "Modules are loaded by real root of the node only.",
        "Load them on the node; a build cannot.",
        (_NAMESPACES,),
    ),
    Known(
        "firewall",
        Says.STEP,
        (r"(ip6?tables|nft)\b.*(?i:permission denied|operation not permitted|you must be root)",),
        "A RUN has no CAP_NET_ADMIN.",
        "Set rules when the container runs; they are never part of an image.",
        (_DEFAULTS,),
    ),
    Known(
        "renamed-lower-directory",
        Says.STEP,
        (r"(?i:invalid cross-device link)", r"\[Errno 18\]"),
        "A directory that comes from a lower layer is renamed. Without redirect_dir, which overlayfs in a user"
        " namespace cannot use, the kernel answers EXDEV; mv copies then, dpkg and pip give up.",
        "Upgrade in the step that installed, or `cp -a` and `rm -r`; the native snapshotter has no such limit.",
        ("https://docs.kernel.org/filesystems/overlayfs.html",),
    ),
    Known(
        "file-capabilities",
        Says.STEP,
        (
            r"cap_set_file",
            r"setxattr security\.capability",
            r"Failed to set capabilities on file",
        ),
        "The file system or the builder takes no file capabilities: SETFCAP is missing (Kaniko with dropped"
        " capabilities), or the state's file system has no extended attributes. User namespaces as such allow them.",
        "Keep SETFCAP, and the state on ext4, xfs or an emptyDir; set them in the stage that is shipped.",
        ("https://man7.org/linux/man-pages/man7/capabilities.7.html",),
    ),
    Known(
        "dropped-capabilities",
        Says.STEP,
        (
            r"chown /bin: operation not permitted",
            r"sudo: \S+ must be owned by uid 0 and have the setuid bit set",
        ),
        "The builder runs without CHOWN, DAC_OVERRIDE, FOWNER, SETUID or SETGID, which unpacking an image takes.",
        "Give Kaniko's container these capabilities back, or build with BuildKit in a user namespace, where they cost"
        " the node nothing.",
        ("https://github.com/GoogleContainerTools/kaniko/issues/778",),
    ),
    Known(
        "sudo",
        Says.STEP,
        (
            r"sudo: effective uid is not 0",
            r"sudo: setrlimit\(RLIMIT_CORE\): Operation not permitted",
            r"sudo: .*no new privileges",
        ),
        "sudo gained no privilege: its file lies on a nosuid file system, or its owner is not mapped. The line about"
        " RLIMIT_CORE is only a warning.",
        "Drop sudo and write `USER root`; keep the daemon's state off nosuid volumes.",
        ("https://github.com/moby/buildkit/issues/744",),
    ),
    Known(
        "nix-sandbox",
        Says.STEP,
        (r"cloning builder process", r"kernel namespaces that are required for sandboxing"),
        "Nix sandboxes its builds with namespaces of their own, which a RUN may not make.",
        "`sandbox = false` and `filter-syscalls = false` in /etc/nix/nix.conf.",
        ("https://github.com/moby/buildkit/issues/7029",),
    ),
    Known(
        "bazel-sandbox",
        Says.STEP,
        (r"linux-sandbox", r"namespace-sandbox"),
        "Bazel sandboxes its actions with namespaces and mounts, which a RUN may not make.",
        "`--spawn_strategy=standalone` or `processwrapper-sandbox`, in the .bazelrc of the image.",
        ("https://bazel.build/docs/sandboxing",),
    ),
    Known(
        "bubblewrap",
        Says.STEP,
        (r"bwrap: ",),
        "bubblewrap (flatpak, opam and others) makes namespaces and mounts, which a RUN may not.",
        "Switch the sandbox off: `opam init --disable-sandboxing`, `flatpak-builder --disable-sandbox`.",
        ("https://github.com/containers/bubblewrap/issues/707",),
    ),
    Known(
        "browser-sandbox",
        Says.STEP,
        (r"No usable sandbox!", r"Failed to move to new namespace"),
        "Chrome sandboxes its processes with namespaces, which a RUN may not make.",
        "`--no-sandbox` for the tests of the build.",
        ("https://pptr.dev/troubleshooting",),
    ),
    Known(
        "mkosi",
        Says.STEP,
        (r"mkosi was forbidden to unshare namespaces",),
        "mkosi unshares namespaces, which a RUN may not.",
        "Run it outside the build and ADD what it makes.",
        ("https://github.com/systemd/mkosi/issues/3588",),
    ),
    Known(
        "namespaces-in-a-step",
        Says.STEP,
        (
            r"fork/exec /proc/self/exe: operation not permitted",
            r"cannot clone: Operation not permitted",
            r"unshare: .*Operation not permitted",
            r"unshare failed: Operation not permitted",
        ),
        "A container engine or sandbox in the step makes namespaces, which a RUN may not: seccomp and the missing"
        " CAP_SYS_ADMIN forbid it.",
        "Do without an engine in the build: `COPY --from=IMAGE`, `skopeo copy` to a folder, archives loaded when the"
        " container runs.",
        (_DEFAULTS,),
    ),
    Known(
        "fuse",
        Says.STEP,
        (r"fuse: device not found", r"/dev/fuse\b", r"dlopen\(\): error loading libfuse"),
        "There is no /dev/fuse in a RUN.",
        "For an AppImage `--appimage-extract-and-run`, or `ENV APPIMAGE_EXTRACT_AND_RUN=1`.",
        ("https://docs.appimage.org/user-guide/troubleshooting/fuse.html",),
    ),
    Known(
        "no-service-manager",
        Says.STEP,
        (r"not been booted with systemd", r"Failed to connect to (system |session )?(scope )?bus"),
        "No service manager runs in a build, in any profile.",
        "`systemctl enable` works without one; start services when the container runs.",
        ("https://github.com/moby/moby/issues/38319",),
    ),
    Known(
        "systemd-runtime-folder",
        Says.STEP,
        (r"/run/systemd/netif: operation not supported",),
        "The layer's file system takes no extended attributes of this kind.",
        "Keep the builder's state on ext4, xfs or an emptyDir, and leave /run out of the image.",
        ("https://github.com/containers/buildah/issues/4809",),
    ),
    Known(
        "limits",
        Says.STEP,
        (
            r"ulimit: .*(?i:operation not permitted|cannot modify limit)",
            r"error setting limit: Operation not permitted",
            r"error setting limit \(Operation not permitted\)",
        ),
        "A step cannot raise a limit above the hard limit that the daemon has.",
        "Ask for less, or raise the limit of BuildKit's pod; `docker buildx build --ulimit` must stay below it too.",
        ("https://man7.org/linux/man-pages/man2/setrlimit.2.html",),
    ),
    Known(
        "ping",
        Says.STEP,
        (r"ping: (socket: Operation not permitted|permission denied \(are you root\?\))",),
        "A raw socket belongs to the owner of the network namespace; a step that shares the node's network has no right"
        " to one.",
        "Ask for a name or a port instead: `getent hosts`, `curl`, `nc -z`.",
        (_NAMESPACES,),
    ),
    Known(
        "low-port",
        Says.STEP,
        (r"bind\b.*: permission denied", r"[Pp]ermission denied.*:(80|443)\b"),
        "A port below 1024 belongs to the owner of the network namespace; a step that shares the node's network may not"
        " listen on one.",
        "Listen on a port from 1024 up while building.",
        (_NAMESPACES,),
    ),
    Known(
        "port-in-use",
        Says.STEP,
        (r"(?i:address already in use)", r"EADDRINUSE"),
        "Steps of a rootless BuildKit share one network: two that run at once cannot have the same port, and without a"
        " process sandbox a server that an earlier step left behind still holds it.",
        "Listen on port 0, or stop the server at the end of the step that starts it (`trap 'kill $!' EXIT`).",
        ("https://github.com/docker/buildx/issues/678",),
    ),
    Known(
        "owner-of-repository",
        Says.STEP,
        (r"detected dubious ownership in repository",),
        "git distrusts a repository that belongs to another user than the step's; COPY makes root its owner.",
        "`COPY --chown=USER`, or `git config --system --add safe.directory PATH`.",
        ("https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory",),
    ),
    Known(
        "chfn",
        Says.STEP,
        (r"chfn: PAM: System error",),
        "adduser calls chfn, and PAM cannot write to the node's audit in a user namespace.",
        "Use `useradd`, or `adduser --gecos ''` with chfn replaced by /bin/true.",
        ("https://github.com/containers/buildah/issues/2986",),
    ),
)
