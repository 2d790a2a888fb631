"""Real error texts, word for word from issues and programs (`…` where the report left something out)."""

from __future__ import annotations

from typing import NamedTuple


class ErrorText(NamedTuple):
    """`name` is the rule or the table entry that knows the text."""

    text: str
    name: str


SET_UP = (
    ErrorText("mount proc:/proc (via /proc/self/fd/6), flags: 0xe: operation not permitted", "masked-proc"),
    ErrorText('Permission denied to mount "proc" to rootfs', "masked-proc"),
    ErrorText("mount /proc to /proc: Operation not permitted", "masked-proc"),
    ErrorText("failed to mount … /proc: operation not permitted", "masked-proc"),
    ErrorText(
        'runc run failed: unable to start container process: error during container init: error mounting "proc" to'
        ' rootfs at "/proc": mount proc:/proc (via /proc/self/fd/6), flags: 0xe: operation not permitted',
        "masked-proc",
    ),
    ErrorText(
        "[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: operation not permitted",
        "user-namespaces-refused",
    ),
    ErrorText(
        "[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: invalid argument",
        "user-namespaces-refused",
    ),
    ErrorText(
        "[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: permission denied",
        "user-namespaces-refused",
    ),
    ErrorText(
        "[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: no space left on device",
        "no-user-namespaces-left",
    ),
    ErrorText("FailedCreatePodSandBox … fork/exec /proc/self/exe: no space left on device", "no-user-namespaces-left"),
    ErrorText("/proc/sys/user/max_user_namespaces needs to be set to non-zero", "no-user-namespaces-left"),
    ErrorText("newuidmap: write to uid_map failed: Operation not permitted", "id-map-refused"),
    ErrorText("newuidmap … write to uid_map failed: Operation not permitted", "id-map-refused"),
    ErrorText(
        "[rootlesskit:parent] error: failed to setup UID/GID map: newuidmap 11 [0 1000 1 1 100000 65536] failed:"
        " newuidmap: write to uid_map failed: Operation not permitted",
        "id-map-refused",
    ),
    ErrorText(
        "[rootlesskit:parent] error: failed to setup UID/GID map: newuidmap 5349 [0 1000 1 1 165536 65536] failed:"
        " newuidmap: Could not set caps",
        "id-map-refused",
    ),
    ErrorText(
        "[rootlesskit:parent] error: failed to setup UID/GID map: failed to compute uid/gid map: No subuid ranges found"
        ' for user 1003 ("xxx")',
        "no-subordinate-ids",
    ),
    ErrorText('exec: "newuidmap": executable file not found in $PATH', "newuidmap-missing"),
    ErrorText(
        'failed to do request: Head "https://registry.internal:5000/v2/base/manifests/1": http: server gave HTTP'
        " response to HTTPS client",
        "registry-settings-not-read",
    ),
    ErrorText(
        "failed to mount /tmp/buildkit-mount…: [{Type:bind Source:… Options:[rbind ro]}]: operation not permitted",
        "unprivileged-daemon",
    ),
    ErrorText(
        "privileged mode is incompatible with user namespaces. You must run the container in the host namespace when"
        " running privileged mode",
        "remapped-daemon",
    ),
    ErrorText("auto snapshotter: overlayfs is not available … permission denied", "overlayfs-unavailable"),
    ErrorText("userxattr: invalid argument", "overlayfs-unavailable"),
    ErrorText(
        "[rootlesskit:child] error: failed to share mount point: /: permission denied",
        "mount-propagation",
    ),
    ErrorText("[rootlesskit:child] failed to share mount point: /: permission denied", "mount-propagation"),
    ErrorText("open /home/user/.docker/config.json: permission denied", "settings-unreadable"),
    ErrorText("rename /dev/console: permission denied", "console-refused"),
    ErrorText(
        "OCI runtime create failed: runc create failed: unable to start container process: error during container init:"
        " open /dev/console: permission denied: unknown",
        "console-refused",
    ),
    ErrorText(
        'mount callback failed on …: failed to Lchown "…" for UID 718322462, GID 454177323: lchown …: invalid argument'
        " (try increasing the number of subordinate IDs in /etc/subuid and /etc/subgid)",
        "high-ids-in-image",
    ),
    ErrorText(
        'failed to Lchown "…": lchown …: invalid argument … try increasing the number of subordinate IDs',
        "high-ids-in-image",
    ),
    ErrorText("failed to extract layer … invalid argument", "high-ids-in-image"),
    ErrorText(
        "potentially insufficient UIDs or GIDs available in user namespace (requested 445605:89939 for /…): Check"
        " /etc/subuid and /etc/subgid: lchown …: invalid argument",
        "high-ids-in-image",
    ),
    ErrorText("lchown /node_modules/content-type/HISTORY.md: invalid argument", "high-ids-in-pulled-layer"),
    ErrorText("Container ID 100011 cannot be mapped to a host ID", "id-not-mapped"),
    ErrorText("Container ID 65536 cannot be mapped to a host ID", "id-not-mapped"),
    ErrorText("error setting supplemental groups list: operation not permitted", "supplementary-groups"),
    ErrorText('failed to set xattr "security.selinux" on …: operation not supported', "selinux-labels"),
    ErrorText("lsetfilecon: Operation not supported", "selinux-labels"),
    ErrorText('failed to setxattr … "user.overlay.impure": operation not permitted', "selinux-labels"),
    ErrorText("lchown /tmp/clr-debug-pipe-…: no such file or directory", "pipes-in-layer"),
    ErrorText("Error processing tar file: operation not permitted", "pipes-in-layer"),
    ErrorText('mounting "sysfs" … operation not permitted', "sysfs-refused"),
    ErrorText("no cgroup mount found in mountinfo", "cgroups-not-writable"),
    ErrorText("panic: cannot statfs cgroup root", "cgroups-not-writable"),
    ErrorText("mkdir /sys/fs/cgroup/cpuset/docker: permission denied", "cgroups-not-writable"),
    ErrorText(
        "failed to prepare cgroup controllers: mkdir /sys/fs/cgroup/init: read-only file system", "cgroups-not-writable"
    ),
    ErrorText("write …/devices.allow: operation not permitted", "cgroups-not-writable"),
    ErrorText("write sysctl key net.ipv4.ping_group_range: … invalid argument", "ping-groups-out-of-map"),
    ErrorText(
        "Cannot mount binfmt_misc filesystem at /proc/sys/fs/binfmt_misc: operation not permitted",
        "foreign-architecture",
    ),
    ErrorText("exec format error", "foreign-architecture"),
    ErrorText("exec /dev/.buildkit_qemu_emulator: …", "foreign-architecture"),
    ErrorText("… no support for running processes", "foreign-architecture"),
    ErrorText("failed to set MOUNT_ATTR_IDMAP … invalid argument", "unmappable-volume"),
    ErrorText(
        "rootless mode requires to be executed as the mapped root in a user namespace; you may use RootlessKit for"
        " setting up the namespace",
        "rootful-user",
    ),
    ErrorText("can't enable NoProcessSandbox without Rootless", "rootless-off"),
    ErrorText("error setting rlimit type N: operation not permitted", "limit-too-high"),
    ErrorText("error setting rlimit type 7: operation not permitted", "limit-too-high"),
    ErrorText("could not connect to unix:///run/buildkit/buildkitd.sock after 10 trials", "daemon-unreachable"),
    ErrorText('process "/bin/sh -c make" did not complete successfully: exit code: 137', "killed"),
)

REQUEST = (
    ErrorText("unknown flag: security", "frontend-too-old"),
    ErrorText("Unknown flag: mount", "frontend-too-old"),
    ErrorText("unknown flag: chmod", "frontend-too-old"),
    ErrorText("unknown flag: link", "frontend-too-old"),
    ErrorText("unknown flag: parents", "frontend-too-old"),
    ErrorText("security.insecure is not allowed", "entitlement-not-allowed"),
    ErrorText(
        "granting entitlement security.insecure is not allowed by build daemon configuration", "entitlement-not-allowed"
    ),
    ErrorText("network.host is not allowed", "entitlement-not-allowed"),
    ErrorText("device vendor.com/gpu is requested by the build but not allowed", "entitlement-not-allowed"),
    ErrorText("setting buildkit flags is not supported for remote driver", "remote-driver-option"),
    ErrorText("setting config file is not supported for remote driver", "remote-driver-option"),
    ErrorText("invalid driver option X for remote driver", "remote-driver-option"),
    ErrorText("host-gateway is not supported by the remote driver", "host-gateway"),
    ErrorText("invalid local: stat …: not a directory", "buildctl-dockerfile"),
    ErrorText("tls enabled, but missing keys …", "remote-driver-tls"),
    ErrorText("non-absolute path …", "remote-driver-tls"),
    ErrorText(
        "failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to do request: dial tcp: lookup"
        " registry-1.docker.io: no such host",
        "frontend-not-pulled",
    ),
)

STEP = (
    ErrorText("usermod: Failed to change ownership of the home directory", "unmapped-home"),
    ErrorText("chown: changing ownership of '/run/user/100977': Invalid argument", "unmapped-owner"),
    ErrorText("tar: etcdctl: Cannot change ownership to uid 114762, gid 114762: Invalid argument", "archive-owners"),
    ErrorText("npm WARN tar TAR_ENTRY_ERROR EINVAL: invalid argument, fchown", "npm-owners"),
    ErrorText("cpio: dev/nvram: Cannot mknod: Operation not permitted", "device-nodes"),
    ErrorText("cpio: … uid 434115: Invalid argument", "archive-owners"),
    ErrorText("chfn: PAM: System error", "chfn"),
    ErrorText("chown /bin: operation not permitted", "dropped-capabilities"),
    ErrorText("sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set", "dropped-capabilities"),
    ErrorText("mknod: …: Operation not permitted", "device-nodes"),
    ErrorText("cp: cannot create special file '…/dev/full': Operation not permitted", "device-nodes"),
    ErrorText("mknod: '/var/tmp/dracut.…/initramfs/dev/kmsg': Operation not permitted", "device-nodes"),
    ErrorText("mknod: …/test-dev-null: Operation not permitted", "device-nodes"),
    ErrorText("E: Cannot install into target '…' mounted with noexec or nodev", "bootstrap"),
    ErrorText('W: Failure trying to run: chroot "…" mount -t proc proc /proc', "bootstrap"),
    ErrorText("mkosi was forbidden to unshare namespaces", "mkosi"),
    ErrorText(
        "error: unpacking of archive failed on file /proc: cpio: chown failed - Inappropriate ioctl for device",
        "kernel-file-systems",
    ),
    ErrorText("…/proc: cpio: chown failed - No such file or directory", "kernel-file-systems"),
    ErrorText("chown: changing ownership of '/proc': Operation not permitted", "kernel-file-systems"),
    ErrorText("/etc/hosts: cpio: rename", "rpm-over-mounts"),
    ErrorText("fuse: device not found, try 'modprobe fuse' first", "fuse"),
    ErrorText("dlopen(): error loading libfuse.so.2", "fuse"),
    ErrorText("mount: /bar: permission denied.", "mount"),
    ErrorText("failed to setup loop device", "mount"),
    ErrorText("E: setgroups 65534 failed - setgroups (22: Invalid argument)", "apt-sandbox"),
    ErrorText("E: setgroups 65534 failed - setgroups (1: Operation not permitted)", "apt-sandbox"),
    ErrorText("E: seteuid 100 failed - seteuid (22: Invalid argument)", "apt-sandbox"),
    ErrorText("E: Method http has died unexpectedly!", "apt-sandbox"),
    ErrorText("E: setgroups 0 failed", "apt-sandbox"),
    ErrorText("cpio: cap_set_file", "file-capabilities"),
    ErrorText("setxattr security.capability: invalid argument", "file-capabilities"),
    ErrorText("Failed to set capabilities on file: Operation not supported", "file-capabilities"),
    ErrorText("Failed to set capabilities on file: (Invalid argument)", "file-capabilities"),
    ErrorText(
        "dpkg: error processing archive …: unable to install new version of './usr/share/doc/sl': Invalid cross-device"
        " link",
        "renamed-lower-directory",
    ),
    ErrorText("OSError: [Errno 18] Invalid cross-device link", "renamed-lower-directory"),
    ErrorText(
        "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set or an NFS file"
        " system without root privileges?",
        "sudo",
    ),
    ErrorText("sudo: setrlimit(RLIMIT_CORE): Operation not permitted", "sudo"),
    ErrorText("su-exec: setgroups(…): Operation not permitted", "setgroups-denied"),
    ErrorText("chmod: changing permissions of '/etc/resolv.conf': Read-only file system", "network-files"),
    ErrorText("sed: cannot rename /etc/sedAbCdEf: Device or resource busy", "network-files"),
    ErrorText("chattr: Operation not permitted while setting flags on foo", "file-attribute"),
    ErrorText("fatal: detected dubious ownership in repository at '/src'", "owner-of-repository"),
    ErrorText("udevadm trigger: Failed to scan devices: No such file or directory", "no-sysfs"),
    ErrorText('sysctl: setting key "vm.max_map_count": Read-only file system', "sysctl"),
    ErrorText('sysctl: permission denied on key "net.ipv4.ping_group_range"', "sysctl"),
    ErrorText(
        "iptables v1.8.7 (legacy): can't initialize iptables table `nat': Permission denied (you must be root)",
        "firewall",
    ),
    ErrorText("iptables … Permission denied (you must be root)", "firewall"),
    ErrorText("cannot clone: Operation not permitted", "namespaces-in-a-step"),
    ErrorText("error: cloning builder process: Operation not permitted", "nix-sandbox"),
    ErrorText(
        "error: this system does not support the kernel namespaces that are required for sandboxing; use '--no-sandbox'"
        " to disable sandboxing",
        "nix-sandbox",
    ),
    ErrorText('linux-sandbox-pid1.cc:…: "mount": Operation not permitted', "bazel-sandbox"),
    ErrorText("namespace-sandbox.c: mount… Permission denied", "bazel-sandbox"),
    ErrorText("bwrap: Creating new namespace failed: Operation not permitted", "bubblewrap"),
    ErrorText("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "bubblewrap"),
    ErrorText("No usable sandbox!", "browser-sandbox"),
    ErrorText(
        "Failed to move to new namespace: PID namespaces supported, Network namespace supported, but failed: errno ="
        " Operation not permitted",
        "browser-sandbox",
    ),
    ErrorText("System has not been booted with systemd as init system (PID 1). Can't operate.", "no-service-manager"),
    ErrorText("Failed to connect to bus", "no-service-manager"),
    ErrorText("/run/systemd/netif: operation not supported", "systemd-runtime-folder"),
    ErrorText("ulimit: error setting limit (Operation not permitted)", "limits"),
    ErrorText("sh: error setting limit: Operation not permitted", "limits"),
    ErrorText("Address already in use", "port-in-use"),
    ErrorText("bind: permission denied", "low-port"),
    ErrorText("ping: socket: Operation not permitted", "ping"),
    ErrorText("ping: permission denied (are you root?)", "ping"),
    ErrorText("mknod …: operation not permitted", "device-nodes"),
    ErrorText("losetup: cannot find an unused loop device", "mount"),
    ErrorText("modprobe: … Operation not permitted", "kernel-modules"),
    ErrorText("bash: /proc/self/oom_score_adj: Permission denied", "proc-write"),
    ErrorText(
        "[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: operation not permitted",
        "namespaces-in-a-step",
    ),
)

UNRELATED = (
    "E: Unable to locate package libfoo-dev",
    "E: Package 'python' has no installation candidate",
    "ERROR: unable to select packages:\n  nosuchpkg (no such package):",
    "Error: Unable to find a match: nosuchpkg",
    "ERROR: No matching distribution found for nosuchthing==1.0",
    "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.npmjs.org/nosuchthing - Not found",
    "npm ERR! code ELIFECYCLE\nnpm ERR! errno 1\nnpm ERR! app@1.0.0 test: `jest`\nnpm ERR! Exit status 1",
    "Tests:       1 failed, 12 passed, 13 total\nnpm ERR! Test failed.  See above for more details.",
    "curl: (22) The requested URL returned error: 404",
    "wget: unable to resolve host address 'example.invalid'",
    "main.c:3:10: fatal error: foo.h: No such file or directory\ncompilation terminated.\nmake: *** [main.o] Error 1",
    "error[E0425]: cannot find value `x` in this scope\n --> src/main.rs:2:5",
    "./main.go:4:2: undefined: foo",
    "src/app.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    "ModuleNotFoundError: No module named 'requests'",
    "--- FAIL: TestThing (0.00s)\nFAIL\nFAIL\texample.com/thing\t0.002s",
    "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.8.1:compile: Compilation failure",
    "BUILD FAILED in 12s",
    "fatal: could not read Username for 'https://github.com': No such device or address",
    "Permission denied (publickey).\nfatal: Could not read from remote repository.",
    "/bin/sh: 1: foo: not found",
    "cp: cannot stat 'dist': No such file or directory",
    "mkdir: cannot create directory '/opt/x': Permission denied",
    "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)",
    "error: externally-managed-environment",
    "cat: /etc/nosuch.conf: No such file or directory",
    "gpg: no valid OpenPGP data found.",
    'ERROR: failed to calculate checksum of ref abc::def: "/dist": not found',
    "tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors",
    "sha256sum: WARNING: 1 computed checksum did NOT match",
    "Segmentation fault (core dumped)",
    "fatal: repository 'https://github.com/x/y/' not found",
    "failed to resolve source metadata for docker.io/library/nosuch:1: docker.io/library/nosuch:1: not found",
    "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope",
    "chmod: cannot access '/entrypoint.sh': No such file or directory",
    "useradd: user 'app' already exists",
    "groupadd: GID '1000' already exists",
    "chown: invalid user: 'app:app'",
    "sysctl: command not found",
    "mount: command not found",
    "Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'",
    "java.lang.OutOfMemoryError: Java heap space",
    "dpkg: error processing package foo (--configure):\n installed foo package post-installation script subprocess"
    " returned error exit status 1",
    "System.UnauthorizedAccessException: Access to the path '/app/obj' is denied.",
    "PermissionError: [Errno 13] Permission denied: '/usr/lib/python3/dist-packages/x'",
    "EACCES: permission denied, mkdir '/app/node_modules'",
)
"""What fails in any builder alike: not a word of user namespaces may be said."""
