"""The vocabulary: what a build asks of the kernel, of the file tree and of the builder.

Rules judge these and never see argv. An argument that is not known is None. `place` is what a finding underlines.
NamedTuples, because forty of them import in 3 ms where frozen dataclasses take 21.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from .command import Command
from .source import Place, Script

# ---------------------------------------------------------------------------------------------- the file tree


class NodeKind(Enum):
    CHARACTER = auto()
    BLOCK = auto()
    FIFO = auto()


class MakeNode(NamedTuple):
    """mknod(2). `number` is (major, minor), None when it is not known."""

    place: Place
    command: Command
    path: str | None
    kind: NodeKind
    number: tuple[int, int] | None


class FileUse(Enum):
    """What is done to a path."""

    READ = auto()
    WRITE = auto()
    REMOVE = auto()
    RENAME = auto()
    LINK_OVER = auto()
    CHMOD = auto()
    MAKE_DIRECTORY = auto()
    TEST = auto()


class UseFile(NamedTuple):
    """A path used by a program or a redirection. `value` is what is written, where that is known."""

    place: Place
    command: Command
    path: str
    use: FileUse
    value: str | None = None
    recursive: bool = False


class ChangeOwner(NamedTuple):
    """chown(2) of at least one file. `origin` is where a name's id was set, when it was set in this build.

    `account` is set when a tool for accounts changes the owner of a home directory that may be empty.
    """

    place: Place
    command: Command
    path: str | None
    uid: int | None
    gid: int | None
    recursive: bool = False
    origin: Place | None = None
    home_of: str | None = None


class ExtractArchive(NamedTuple):
    """An archive is unpacked by root. `keeps_owner` and `keeps_devices` say what the tool does with it by default.

    `content` is the archive's path in the build context, where it can be read.
    """

    place: Place
    command: Command
    tool: str
    archive: str | None
    keeps_owner: bool
    members: tuple[ArchiveMember, ...] | None


class ArchiveMember(NamedTuple):
    """What of a member of an archive can be refused."""

    name: str
    uid: int
    gid: int
    device: bool


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
    """setuid(2), setgid(2) and setgroups(2): su, setpriv, gosu, or a step that runs under USER.

    `groups` are the supplementary ids that are known.
    """

    place: Place
    command: Command
    uid: int | None
    gid: int | None
    groups: tuple[int, ...] = ()
    origin: Place | None = None


class Unshare(NamedTuple):
    """New namespaces, or a change to one: `tool` is what asks, `what` names it for people."""

    place: Place
    command: Command
    tool: str
    what: str


class NestedSandbox(NamedTuple):
    """A program that sandboxes its children in namespaces, or an engine: `tool` names it."""

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
    """A write to a kernel parameter; `key` has dots, as sysctl(8) prints it."""

    place: Place
    command: Command
    key: str
    value: str | None


class Mount(NamedTuple):
    """mount(2). `kind` is the file system type, or `bind`, `move`, `remount`, `loop`, `swap`; None when not known."""

    place: Place
    command: Command
    kind: str | None
    source: str | None
    target: str | None


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


class AskKernel(NamedTuple):
    place: Place
    command: Command
    request: KernelRequest
    detail: str = ""


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
    """A user is made, or gets another id. Nothing is refused yet: the use of the id may be."""

    place: Place
    command: Command
    name: str
    uid: int | None
    gid: int | None
    home: str | None
    changed: bool = False


class NewGroup(NamedTuple):
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
    """A step asks for an entitlement: `security.insecure`, `network.host`, `device`."""

    place: Place
    command: Command
    entitlement: str


class MountIds(NamedTuple):
    """`uid=` or `gid=` of a RUN --mount of type `kind`."""

    place: Place
    command: Command
    kind: str
    uid: int | None
    gid: int | None


class Unseen(NamedTuple):
    """Something a step runs that cannot be read: an archive or a script from the net, a file outside the context."""

    place: Place
    command: Command
    what: str
