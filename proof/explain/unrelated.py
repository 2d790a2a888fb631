"""Failures that any builder would have had: they are named, so that nobody looks for a cause in user namespaces."""

from __future__ import annotations

UNRELATED = (
    (r"E: Unable to locate package|has no installation candidate|unable to select packages", "a package is not found"),
    (r"No match for argument: |No matching distribution found|Nothing provides ", "a package is not found"),
    (r"npm (ERR!|error) (code )?E404|404 +Not Found|HTTP error 404|\b404\b.*not found", "the net has no such file"),
    (r"Could not resolve host|Temporary failure (in name )?resol|no such host", "a name is not resolved"),
    (r"curl: \((6|7|22|28|35|52|56|60)\)|[Cc]onnection (refused|timed out|reset)", "the network fails"),
    (r"TLS handshake timeout|pull access denied|manifest unknown|denied: requested", "the registry refuses"),
    (r"\S+:\d+:\d+: (fatal )?error: |error\[E\d{4}\]|error TS\d+:|undefined reference to ", "code does not compile"),
    (r"^(Syntax|ModuleNotFound|Import|Name|Type|Assertion)Error\b|cannot find symbol", "a program has an error"),
    (r"npm (ERR!|error) (Test failed|missing script)|Tests?: +\d+ failed|^=+ .*\d+ failed", "a test fails"),
    (r"^--- FAIL: |^FAIL\t|FAILED \((failures|errors)=|Tests run: .*Failures: [1-9]", "a test fails"),
    (r"(?i:no space left on device)|disk quota exceeded", "the disk is full"),
    (r"failed to (compute cache key|calculate checksum of ref) .*not found|(COPY|ADD) failed: ", "a file is missing"),
    (r"/bin/(ba|da|a)?sh: .*: (command )?not found", "a program is not installed"),
)
"""Regular expressions for a line, and what they mean."""

ORDINARY = (
    "open: No such file or directory",
    "/bin/sh: 0: cannot open run.sh: No such file",
    "sh: can't open 'run.sh': No such file or directory",
    "cat: /etc/app/settings.ini: No such file or directory",
    "mkdir: cannot create directory '/opt/app': Permission denied",
    "write error: Permission denied",
    "sh: write error: I/O error",
    "error: failed to parse package.json",
    "failed to process the request",
    "Error: unknown option --all",
    'failed to calculate checksum of ref a::b: "/dist": not found',
    "failed to open settings: Invalid argument",
)
"""What programs print when something ordinary goes wrong: a symptom that fits one of these is no evidence by itself."""
