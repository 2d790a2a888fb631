"""Set-up failures: BuildKit or its runtime cannot work as it was started, whatever the Dockerfile says."""

from __future__ import annotations

from .known import Known, Says

_ROOTLESS = "https://github.com/moby/buildkit/blob/master/docs/rootless.md"
_SUBIDS = "https://rootlesscontaine.rs/getting-started/common/subuid/"
_APPARMOR = "https://rootlesscontaine.rs/getting-started/common/apparmor/"
_KUBERNETES = "https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/"
_NAMESPACES = "https://man7.org/linux/man-pages/man7/user_namespaces.7.html"

SETUP = (
    Known(
        "masked-proc",
        Says.RUNTIME,
        (
            r"mount proc:/proc .*(?i:operation not permitted)",
            r'error mounting "proc" to rootfs.*(?i:operation not permitted)',
            r'Permission denied to mount "proc" to rootfs',
            r"mount /proc to /proc: Operation not permitted",
            r"failed to mount .*/proc: operation not permitted",
            r"mount proc .*operation not permitted",
        ),
        "The container that BuildKit runs in has masks over parts of its /proc (/proc/acpi, /proc/keys,"
        " /proc/timer_list, /proc/sys read-only and the like). In a user namespace the kernel lets nobody mount a new"
        " procfs unless a whole one is in sight, so no RUN can start.",
        "Unmask it: `procMount: Unmasked` (or `privileged: true`) in a pod with `hostUsers: false`,"
        " `--security-opt systempaths=unconfined` for docker, `--security-opt unmask=all` for podman. Or put a whole"
        " /proc in sight where the masks are not yet in the way: `mkdir /pureproc && mount --bind /proc /pureproc`"
        " (not rbind) before buildkitd starts. The last resort is `--oci-worker-no-process-sandbox`, which shares the"
        " daemon's processes with every step.",
        (_ROOTLESS, "https://github.com/moby/buildkit/issues/4073", _KUBERNETES),
    ),
    Known(
        "no-user-namespaces-left",
        Says.DAEMON,
        (
            r"fork/exec /proc/self/exe: no space left on device",
            r"max_user_namespaces needs to be set to non-zero",
            r"user\.max_user_namespaces",
        ),
        "user.max_user_namespaces is 0 or used up on this node, so no user namespace can be made.",
        "On the node: `sysctl -w user.max_user_namespaces=63359`, and a file in /etc/sysctl.d so that it stays.",
        (_NAMESPACES,),
    ),
    Known(
        "user-namespaces-refused",
        Says.DAEMON,
        (
            r"fork/exec /proc/self/exe: (operation not permitted|permission denied|invalid argument)",
            r"apparmor_restrict_unprivileged_userns",
            r"unprivileged_userns_clone",
        ),
        "The daemon may not make a user namespace: AppArmor or seccomp forbids it (Ubuntu 23.10 and later do so by"
        " default), or kernel.unprivileged_userns_clone is 0.",
        "Give the pod `seccompProfile` and `appArmorProfile` of type Unconfined (docker: `--security-opt"
        " seccomp=unconfined --security-opt apparmor=unconfined`), or a profile of its own that allows `userns`. On"
        " the node: kernel.apparmor_restrict_unprivileged_userns=0, kernel.unprivileged_userns_clone=1.",
        (_APPARMOR, "https://github.com/rootless-containers/rootlesskit/pull/421"),
    ),
    Known(
        "id-map-refused",
        Says.DAEMON,
        (r"new[ug]idmap\b.*(write to [ug]id_map failed|Could not set caps)", r"newuidmap.*Operation not permitted"),
        "newuidmap may not write the id map: it has lost its set-uid bit or file capabilities"
        " (`allowPrivilegeEscalation: false`, no_new_privs, a nosuid volume), or it already runs in a user namespace"
        " that does not hold the ids it maps.",
        "Leave `allowPrivilegeEscalation` true and SETUID and SETGID in the bounding set. Inside another user"
        " namespace use that one (`hostUsers: false` and plain buildkitd) instead of rootlesskit; `cat"
        " /proc/self/uid_map` shows whether it is one.",
        ("https://github.com/moby/buildkit/issues/3297", _ROOTLESS),
    ),
    Known(
        "no-subordinate-ids",
        Says.DAEMON,
        (
            r"(?i:no sub[ug]id ranges? found)",
            r"failed to compute uid/gid map",
            r"new[ug]idmap: [ug]id range .*not allowed",
        ),
        "The user who starts the daemon has no range of subordinate ids in /etc/subuid and /etc/subgid, or not this"
        " one.",
        "Add a line `NAME:100000:65536` to both files, with the name or number of the user the daemon runs as.",
        (_SUBIDS,),
    ),
    Known(
        "newuidmap-missing",
        Says.DAEMON,
        (r'new[ug]idmap"?: (executable file )?not found', r"new[ug]idmap: command not found"),
        "newuidmap and newgidmap are not installed where the daemon starts.",
        "Install them: the package is uidmap on Debian and Ubuntu, shadow-uidmap on Alpine, shadow-utils on Fedora.",
        (_ROOTLESS,),
    ),
    Known(
        "mount-propagation",
        Says.DAEMON,
        (r"failed to share mount point",),
        "rootlesskit may not change how mounts propagate: AppArmor forbids it. In CI it is often started by the image's"
        " own entrypoint, which hides the script of the job.",
        "Set `appArmorProfile` to Unconfined. In GitLab CI set `entrypoint: ['']` for the image, and call"
        " buildctl-daemonless.sh in the script.",
        ("https://gitlab.com/gitlab-org/gitlab/-/issues/549941", _APPARMOR),
    ),
    Known(
        "unprivileged-daemon",
        Says.RUNTIME,
        (r"failed to mount \S*buildkit-mount.*operation not permitted",),
        "buildkitd may not mount: it runs as plain root in a container without privilege, or its state lies on a"
        " volume whose nosuid or nodev cannot be changed from a user namespace.",
        "Use the rootless image, or `privileged: true` with `hostUsers: false`. Put its state on an emptyDir"
        " (/home/user/.local/share/buildkit for the rootless image).",
        ("https://github.com/moby/buildkit/issues/4454", _ROOTLESS),
    ),
    Known(
        "remapped-daemon",
        Says.BUILDER,
        (r"privileged mode is incompatible with user namespaces",),
        "The Docker daemon remaps ids (userns-remap), and such a daemon starts no privileged container.",
        "Start BuildKit's container with `--userns=host`, or use a rootless BuildKit.",
        ("https://docs.docker.com/engine/security/userns-remap/", "https://github.com/docker/buildx/issues/461"),
    ),
    Known(
        "overlayfs-unavailable",
        Says.DAEMON,
        (
            r"overlayfs is not available",
            r"fuse-overlayfs (is not available|not functional)",
            r"userxattr.*(?i:invalid argument)",
            r"failed to mount overlay.*(operation not permitted|permission denied|invalid argument)",
        ),
        "overlayfs cannot be used in a user namespace here: the kernel is older than 5.11, or the state lies on a file"
        " system (overlayfs itself, NFS, FUSE) that it cannot stand on. BuildKit falls back to fuse-overlayfs or to"
        " native, which copies every layer.",
        "Put the daemon's state on a volume with ext4 or xfs (an emptyDir), or choose"
        " `--oci-worker-snapshotter=fuse-overlayfs` with /dev/fuse, or `native`.",
        (_ROOTLESS, "https://github.com/moby/buildkit/issues/7003"),
    ),
    Known(
        "settings-unreadable",
        Says.BUILDER,
        (
            r"buildkitd\.toml.*permission denied",
            r"open \S*/\.docker/config\.json: permission denied",
        ),
        "The daemon or the client runs as an ordinary user (1000 in the rootless image) and may not read its settings.",
        "Mount the file with `fsGroup: 1000` or mode 0444. A rootless daemon reads"
        " ~/.config/buildkit/buildkitd.toml, not /etc/buildkit; `--config` names any other.",
        ("https://github.com/moby/buildkit/issues/2054", "https://github.com/moby/buildkit/issues/2044"),
    ),
    Known(
        "registry-settings-not-read",
        Says.BUILDER,
        (
            r"server gave HTTP response to HTTPS client",
            r"failed to (solve|do request|authorize|push|fetch).*x509: certificate signed by unknown authority",
        ),
        "The daemon does not know this registry's settings (plain http, or a CA of its own). If they stand in"
        " /etc/buildkit/buildkitd.toml: a daemon that rootlesskit starts does not read that file.",
        'Put `[registry."HOST"]` with `http = true` or `ca = [...]` where the daemon reads it:'
        " ~/.config/buildkit/buildkitd.toml for a rootless one, or name the file with `--config`.",
        ("https://docs.docker.com/build/buildkit/toml-configuration/", "https://github.com/moby/buildkit/issues/2054"),
    ),
    Known(
        "cgroups-not-writable",
        Says.RUNTIME,
        (
            r"(mkdir|write|open) /sys/fs/cgroup\S*: (permission denied|read-only file system|operation not permitted)",
            r"failed to prepare cgroup controllers",
            r"write \S*devices\.allow: operation not permitted",
            r"no cgroup mount found in mountinfo",
            r"cannot statfs cgroup root",
        ),
        "The cgroup file system is not there, or belongs to the node: inside a user namespace nobody may make or change"
        " groups in it. A RUN in a user-namespaced BuildKit has no /sys at all.",
        "Do not manage cgroups in a build. A daemon that must (dockerd) needs a runtime that mounts cgroups writable"
        " (containerd's `cgroup_writable`); rootless BuildKit does without.",
        ("https://github.com/moby/buildkit/issues/2484",),
    ),
    Known(
        "console-refused",
        Says.RUNTIME,
        (r"(rename|open) /dev/console: permission denied", r"/sys/fs/selinux.*(?i:permission denied|not permitted)"),
        "The runtime may not touch a file of the node's /dev or /sys that was bound into the container: its owner has"
        " no id in this user namespace.",
        "Do not bind /dev or /sys of the node into it; leave the terminal (`-t`) out.",
        ("https://github.com/flatcar/Flatcar/issues/1393",),
    ),
    Known(
        "limit-too-high",
        Says.RUNTIME,
        (r"error setting rlimit type \w+", r"setting rlimits? .*operation not permitted"),
        "The build asks for a limit (`--ulimit`, `ulimits`) above the daemon's own hard limit. Raising a hard limit"
        " takes CAP_SYS_RESOURCE in the initial user namespace.",
        "Ask for no more than the pod has (`ulimit -Hn` in it), or raise the runtime's limit on the node.",
        ("https://man7.org/linux/man-pages/man2/setrlimit.2.html",),
    ),
    Known(
        "high-ids-in-image",
        Says.RUNTIME,
        (
            r"failed to Lchown \S*containerd-mount.*(?i:invalid argument)",
            r"mount callback failed.*(?i:invalid argument)",
            r"failed to (extract|register) layer.*(?i:invalid argument)",
            r"try increasing the number of subordinate IDs",
            r"potentially insufficient UIDs or GIDs available in user namespace",
        ),
        "The image has files of a user or group whose id is not in the daemon's id map (65536 ids as a rule), so its"
        " layers cannot be unpacked. The first step that needs them is blamed, not FROM.",
        "Build the image anew with small ids (`chown -R 0:0` in the step that makes the files, `COPY --chown`,"
        " `tar --no-same-owner`), or give the daemon a longer range of ids.",
        ("https://github.com/moby/buildkit/issues/2808", _NAMESPACES),
    ),
    Known(
        "high-ids-in-pulled-layer",
        Says.DAEMON,
        (r"\blchown \S+: invalid argument",),
        "A layer that is pulled has a file of a user or group whose id is not in the daemon's id map.",
        "Build the image anew with small ids (`chown -R 0:0` before its files are copied), or give the daemon a longer"
        " range of ids.",
        (_NAMESPACES,),
    ),
    Known(
        "id-not-mapped",
        Says.RUNTIME,
        (r"Container ID \d+ cannot be mapped to a host ID",),
        "An owner in an archive or in `--chown` has no id in the daemon's id map.",
        "Use an id below 65536, or pack the archive with `--owner=0 --group=0`.",
        (_NAMESPACES,),
    ),
    Known(
        "supplementary-groups",
        Says.RUNTIME,
        (r"error setting supplemental groups list",),
        "A process may not set its groups: the user namespace maps one id only, or setgroups is denied in it.",
        "Give the user a range in /etc/subuid and /etc/subgid, and the builder SETUID and SETGID.",
        (_SUBIDS, _NAMESPACES),
    ),
    Known(
        "sysfs-refused",
        Says.RUNTIME,
        (r'mount(ing)? "?sysfs.*(?i:operation not permitted)',),
        "A sysfs can be mounted only by the owner of the network namespace, so not in a user namespace that shares its"
        " network with the node.",
        "Start the nested runtime with a network namespace of its own, or without /sys.",
        (_NAMESPACES,),
    ),
    Known(
        "ping-groups-out-of-map",
        Says.RUNTIME,
        (r"write sysctl key net\.ipv4\.ping_group_range: .*invalid argument",),
        "The runtime sets net.ipv4.ping_group_range to groups that this user namespace does not map.",
        "Give a range that is mapped, such as `0 65535`, or leave the sysctl out.",
        ("https://github.com/docker/buildx/issues/561",),
    ),
    Known(
        "selinux-labels",
        Says.RUNTIME,
        (r"security\.selinux", r"lsetfilecon: ", r"failed to setxattr .*user\.overlay"),
        "A layer or a base image carries SELinux or overlay attributes, and in a user namespace those cannot be set.",
        "Take a base image without labels, or BuildKit 0.27 or later, which leaves them out.",
        ("https://github.com/moby/buildkit/issues/2407", "https://github.com/moby/buildkit/pull/6015"),
    ),
    Known(
        "pipes-in-layer",
        Says.RUNTIME,
        (r"lchown /tmp/clr-debug-pipe", r"Error processing tar file\(?.*\)?: operation not permitted"),
        "A layer holds files that cannot be made here: device nodes, or pipes and sockets that a program left in /tmp.",
        "Remove them in the step that makes them. For .NET: `ENV DOTNET_EnableDiagnostics=0`.",
        ("https://github.com/nestybox/sysbox/issues/254",),
    ),
    Known(
        "foreign-architecture",
        Says.RUNTIME,
        (
            r"exec format error",
            r"buildkit_qemu_emulator",
            r"no support for running processes",
            r"Cannot mount binfmt_misc filesystem",
        ),
        "The node has no emulator for this platform. Emulators are registered in binfmt_misc by real root of the node,"
        " never from a build.",
        "Register it on the node (`tonistiigi/binfmt`), build on a node of that platform, or cross-compile with `FROM"
        " --platform=$BUILDPLATFORM`.",
        ("https://docs.docker.com/build/building/multi-platform/",),
    ),
    Known(
        "killed",
        Says.BUILDER,
        (r"exit code: 137\b", r"exit status 137\b", r"returned a non-zero code: 137\b"),
        "The step was killed (SIGKILL), as a rule for want of memory. A rootless BuildKit sets no limits on steps: it"
        " is the pod's limit that counts, for all steps that run at once.",
        "Raise the memory limit of BuildKit's pod, or lower `max-parallelism` in buildkitd.toml.",
        ("https://github.com/moby/buildkit/issues/6432",),
        follows=True,
    ),
    Known(
        "daemon-unreachable",
        Says.DAEMON,
        (
            r"could not connect to \S*buildkitd\.sock after \d+ trials",
            r"connection error: desc = .*buildkitd\.sock",
            r"failed to list workers",
        ),
        "buildkitd did not come up, so the client found nobody to talk to.",
        "Read the daemon's own log (buildctl-daemonless.sh prints it below): its last error is the cause.",
        (_ROOTLESS,),
        follows=True,
    ),
)
