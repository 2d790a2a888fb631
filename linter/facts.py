"""The vocabulary: what a build asks of the kernel, of the file tree and of the builder.

Rules judge these and never see argv. An argument that is not known is None. `place` is what a finding underlines.
NamedTuples, because forty of them import in 3 ms where frozen dataclasses take 21.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from .command import Argument, Command
from .source import Place, Script

# ---------------------------------------------------------------------------------------------- the file tree


class NodeKind(Enum):
    CHARACTER = auto()
    BLOCK = auto()
    FIFO = auto()


class MakeNode(NamedTuple):
    """mknod(2). `number` is (major, minor), None when it is not known.

    `exists` says that something is at the path already. `strict` is false when the tool only says that it was refused,
    and exits 0; `certain` when it may not make the node at all.
    """

    place: Place
    command: Command
    path: str | None
    kind: NodeKind
    number: tuple[int, int] | None
    exists: bool = False
    strict: bool = True
    certain: bool = True


class FileUse(Enum):
    """What is done to a path. LINK needs it to be free; LINK_OVER puts something else in its place."""

    READ = auto()
    WRITE = auto()
    REMOVE = auto()
    RENAME = auto()
    LINK = auto()
    LINK_OVER = auto()
    CHMOD = auto()
    MAKE_DIRECTORY = auto()
    TEST = auto()


class UseFile(NamedTuple):
    """A path used by a program or a redirection. `value` is what is written, where that is known.

    Below /dev, /sys and system.FOREIGN, `made` is true when the build has put something there before, and false when it
    took it away.
    """

    place: Place
    command: Command
    path: str
    use: FileUse
    value: str | None = None
    recursive: bool = False
    made: bool | None = None


class ChangeOwner(NamedTuple):
    """chown(2) of at least one file, by `tool`. `origin` is where a name's id was set, when it was set in this build.

    `path_place` is the path's argument, where `place` is another. `certain` is false when there may be no such file.
    """

    place: Place
    command: Command
    path: str | None
    uid: int | None
    gid: int | None
    recursive: bool = False
    origin: Place | None = None
    tool: str = "chown"
    path_place: Place | None = None
    certain: bool = True


class GiveHome(NamedTuple):
    """A tool for accounts makes `user` the owner of a home directory.

    `aborts` is false when it only warns that it cannot, and exits 0. `certain` is false when the home may not be there.
    """

    place: Place
    command: Command
    user: str
    path: str | None
    uid: int | None
    gid: int | None
    aborts: bool
    certain: bool = True
    origin: Place | None = None


class GrantAccess(NamedTuple):
    """setfacl(1) names a user or a group in an access control list."""

    place: Place
    command: Command
    path: str | None
    uid: int | None
    gid: int | None
    origin: Place | None = None


class ArchiveMember(NamedTuple):
    """What of a member of an archive can be refused: the ids that the tool gives it, whether it is a device node."""

    name: str
    uid: int
    gid: int
    device: bool


class ExtractArchive(NamedTuple):
    """An archive is unpacked by root.

    `archive` is its path in the image, or as it was written. `members` are those with ids above 65535 and the device
    nodes, None when the archive cannot be read. `strict` says whether `tool` exits non-zero when it cannot make a
    member as it is, None when that hangs on what tool it is. `certain` is false when a member may be left out.
    """

    place: Place
    command: Command
    tool: str
    archive: str | None
    members: tuple[ArchiveMember, ...] | None
    strict: bool | None
    keeps_owner: bool = True
    certain: bool = True


class SetAttribute(NamedTuple):
    """chattr(1): `flags` as written, such as `+i`."""

    place: Place
    command: Command
    path: str | None
    flags: str


class SetXattr(NamedTuple):
    """setxattr(2) of `name`, such as `trusted.overlay.opaque`."""

    place: Place
    command: Command
    path: str | None
    name: str


# ---------------------------------------------------------------------------------------------- processes


class Become(NamedTuple):
    """setuid(2), setgid(2) and setgroups(2) by `tool`: su and its like, or `USER` before a step's first command.

    `groups` are the supplementary ids that are known. `tool` is WORKDIR where a step makes a directory for its user;
    `certain` is false when that may be there already.
    """

    place: Place
    command: Command
    uid: int | None
    gid: int | None
    groups: tuple[int, ...] = ()
    origin: Place | None = None
    tool: str = "USER"
    certain: bool = True


class Unshare(NamedTuple):
    """New namespaces, or a change to one: `tool` is what asks, `what` names it for people."""

    place: Place
    command: Command
    tool: str
    what: str


class EnterNamespace(NamedTuple):
    """setns(2) into namespaces of these `kinds` (`mount`, `user`, … or `all`); `other`: those of another process."""

    place: Place
    command: Command
    kinds: tuple[str, ...]
    other: bool


class NestedSandbox(NamedTuple):
    """A program that sandboxes its children in namespaces: `tool` names it.

    `privileged` when it needs the host's root, so that an insecure step is not enough; `not_as_root` when it does not
    run as root at all. `switch` turns the sandbox off when put behind the argument `after`. `certain` is false when it
    may have nothing to run in a sandbox.
    """

    place: Place
    command: Command
    tool: str
    privileged: bool = False
    not_as_root: bool = False
    switch: str = ""
    after: Argument | None = None
    certain: bool = True


class ContainerEngine(NamedTuple):
    """A request to run, build or list containers by `tool`, itself or through its `daemon`.

    `privileged` when it needs the host's root, so that an insecure step is not enough. `certain` is false when it may
    be told of a daemon elsewhere.
    """

    place: Place
    command: Command
    tool: str
    daemon: bool = False
    privileged: bool = True
    certain: bool = True


class Bootstrap(NamedTuple):
    """debootstrap and its like fill a root directory, device nodes included, as the machine's root may."""

    place: Place
    command: Command
    tool: str


class SetLimit(NamedTuple):
    """setrlimit(2). `value` is None for `unlimited`."""

    place: Place
    command: Command
    resource: str
    value: int | None
    raises_hard: bool


class SetPriority(NamedTuple):
    """A priority that only the host's root may set: `tool` is renice, chrt or ionice."""

    place: Place
    command: Command
    tool: str
    what: str


class RunInBackground(NamedTuple):
    """A process that outlives its command. `keeps_output` says that it holds the step's stdout or stderr."""

    place: Place
    command: Command
    name: str
    keeps_output: bool


class EndBackground(NamedTuple):
    """Background processes are ended: those of that name, None for all."""

    place: Place
    command: Command
    name: str | None = None


# ---------------------------------------------------------------------------------------------- the kernel


class SetSysctl(NamedTuple):
    """A write to a kernel parameter; `key` has dots, as sysctl(8) prints it, and is None in a file that is not known.

    `origin` is the line of the file that says so. `strict` is whether the tool exits non-zero when it is refused, None
    when that hangs on what tool it is.
    """

    place: Place
    command: Command
    key: str | None
    value: str | None
    origin: Place | None = None
    strict: bool | None = True


class Mount(NamedTuple):
    """mount(2). `kind` is the type of file system, or `bind`, `move`, `remount`, `propagation`, `loop`, `fuse`.

    None when it is not known. `certain` is false when the program may do without.
    """

    place: Place
    command: Command
    kind: str | None
    source: str | None
    target: str | None
    certain: bool = True


class Unmount(NamedTuple):
    place: Place
    command: Command
    target: str | None


class KernelRequest(Enum):
    """What only the host's root may ask of the kernel."""

    LOAD_MODULE = "load a kernel module"
    SWAP = "change swap"
    CLOCK = "set the clock"
    READ_LOG = "read the kernel's log"
    LOOP_DEVICE = "set up a loop device"
    KEYRING = "use a kernel keyring"
    HOST_NAME = "set the host name"
    FILTER = "change the packet filter"
    NETWORK = "change the network"
    TUNNEL = "open /dev/net/tun"
    BPF = "load or list BPF programs"
    POWER = "halt or restart the machine"


class AskKernel(NamedTuple):
    """`detail` says more of the request. `fails`: the tool exits non-zero when refused, None when that is not known."""

    place: Place
    command: Command
    request: KernelRequest
    detail: str = ""
    fails: bool | None = True


class ControlService(NamedTuple):
    """A request to a running service manager or to the bus, by `tool`."""

    place: Place
    command: Command
    tool: str
    verb: str
    unit: str | None


class OpenSocket(NamedTuple):
    """A raw socket (`port` None) or a port below 1024 that is listened on."""

    place: Place
    command: Command
    tool: str
    port: int | None


# ---------------------------------------------------------------------------------------------- accounts


class NewUser(NamedTuple):
    """A user is made, or one that is there gets another id. Nothing is refused yet: the use of the id may be.

    `group` is the primary group by name or number. `changes` is the user who is changed, by the name it had; what is
    None then stays as it was. `has_home` says that there is a home directory afterwards.
    """

    place: Place
    command: Command
    name: str
    uid: int | None
    group: str | None
    home: str | None
    has_home: bool = False
    changes: str | None = None


class NewGroup(NamedTuple):
    """A group is made, or gets another id."""

    place: Place
    command: Command
    name: str
    gid: int | None
    members: tuple[str, ...] = ()


class JoinGroup(NamedTuple):
    """A user becomes a member of groups."""

    place: Place
    command: Command
    user: str
    groups: tuple[str, ...]


class WriteContent(NamedTuple):
    """A file is written: it may be run later, or be /etc/passwd. `content` is None when it is not known."""

    place: Place
    command: Command
    path: str
    content: Script | None
    append: bool


# ---------------------------------------------------------------------------------------------- steps


class InsecureStep(NamedTuple):
    """A step asks for an entitlement: `security.insecure`, `network.host`, `device`; `granted` by how it is built."""

    place: Place
    command: Command
    entitlement: str
    granted: bool = True


class MountIds(NamedTuple):
    """`uid=` or `gid=` of a RUN --mount of type `kind`. `optional`: there is nothing to mount unless it is given."""

    place: Place
    command: Command
    kind: str
    uid: int | None
    gid: int | None
    optional: bool = False


class IgnoredSource(NamedTuple):
    """COPY or ADD names a file of the context that .dockerignore leaves out."""

    place: Place
    command: Command
    name: str


class Unseen(NamedTuple):
    """Something a step runs that cannot be read: an archive or a script from the net, a file outside the context."""

    place: Place
    command: Command
    what: str
