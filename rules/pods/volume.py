"""Some volumes cannot be given to a pod in a user namespace.

The kubelet mounts every volume of such a pod with its ids mapped, and a file system has to know how: ext4, xfs, btrfs,
tmpfs and overlayfs do, NFS does not. The pod then never starts: `failed to set MOUNT_ATTR_IDMAP … invalid argument`.
CIFS (Azure Files), GlusterFS and what a storage class gives depend on the kernel and the driver.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, Volume
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

NFS_DRIVERS = frozenset({"nfs.csi.k8s.io", "efs.csi.aws.com", "filestore.csi.storage.gke.io"})
UNSURE_SOURCES = frozenset({"azureFile", "cephfs", "glusterfs"})
UNSURE_DRIVERS = frozenset({"file.csi.azure.com", "smb.csi.k8s.io", "cephfs.csi.ceph.com"})

rule = Rule(
    code="NS808",
    name="unmappable-volume",
    summary="a volume cannot be mounted in a pod with a user namespace",
    refused=EVERYWHERE,
    guidance="Use an emptyDir, or a claim on ext4 or xfs; fetch sources in an init container.",
    symptoms=(r"failed to set MOUNT_ATTR_IDMAP .*invalid argument",),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n  volumes:\n"
            "    - «name: src\n      nfs: { server: nfs.local, path: /src }»\n",
            path="pod.yaml",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n"
            "  volumes: [«{ name: s, csi: { driver: nfs.csi.k8s.io } }»]\n",
            path="pod.yaml",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n"
            "  volumes: [«{ name: s, azureFile: { shareName: s, secretName: x } }»]\n",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n  volumes:\n    - { name: a, emptyDir: {} }\n"
            "    - { name: b, persistentVolumeClaim: { claimName: b } }\n"
            "    - { name: c, secret: { secretName: c } }\n",
            why="these can, or nobody knows here",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n"
            "  volumes: [{ name: s, nfs: { server: nfs.local, path: /src } }]\n",
            why="without a user namespace nothing is mapped",
            path="pod.yaml",
        ),
    ),
    references=("https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/#before-you-begin",),
)


@rule.check(BuilderPod)
def unmappable_volume(pod: BuilderPod) -> Iterator[Refusal]:
    if pod.in_user_namespace is not True:
        return
    for volume in pod.volumes:
        driver = _driver(volume)
        if volume.source == "nfs" or driver in NFS_DRIVERS:
            yield rule.refuses(pod._replace(place=volume.place), "NFS cannot be mounted with mapped ids")
        elif volume.source in UNSURE_SOURCES or driver in UNSURE_DRIVERS:
            message = f"{driver or volume.source} may not be mountable with mapped ids"
            yield rule.refuses(pod._replace(place=volume.place), message, certain=False)


def _driver(volume: Volume) -> str | None:
    driver = volume.settings.get("driver") if volume.source in ("csi", "flexVolume") else None
    return driver.value if driver is not None else None
