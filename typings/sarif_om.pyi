# The classes of sarif-om that ns-lint makes, with the fields that it sets: the package itself has no types.

from collections.abc import Mapping, Sequence

class Message:
    def __init__(self, *, text: str) -> None: ...

class MultiformatMessageString:
    def __init__(self, *, text: str, markdown: str | None = None) -> None: ...

class ArtifactLocation:
    def __init__(self, *, uri: str) -> None: ...

class ArtifactContent:
    def __init__(self, *, text: str) -> None: ...

class Region:
    def __init__(
        self,
        *,
        start_line: int,
        start_column: int,
        end_line: int,
        end_column: int,
        snippet: ArtifactContent | None = None,
    ) -> None: ...

class PhysicalLocation:
    def __init__(self, *, artifact_location: ArtifactLocation, region: Region) -> None: ...

class Location:
    def __init__(
        self, *, physical_location: PhysicalLocation, message: Message | None = None, id: int = -1
    ) -> None: ...

class Replacement:
    def __init__(self, *, deleted_region: Region, inserted_content: ArtifactContent | None = None) -> None: ...

class ArtifactChange:
    def __init__(self, *, artifact_location: ArtifactLocation, replacements: Sequence[Replacement]) -> None: ...

class Fix:
    def __init__(self, *, description: Message, artifact_changes: Sequence[ArtifactChange]) -> None: ...

class Result:
    def __init__(
        self,
        *,
        message: Message,
        rule_id: str,
        rule_index: int = -1,
        level: str = "warning",
        locations: Sequence[Location],
        related_locations: Sequence[Location] | None = None,
        fixes: Sequence[Fix] | None = None,
        partial_fingerprints: Mapping[str, str] | None = None,
        properties: Mapping[str, object] | None = None,
    ) -> None: ...

class ReportingDescriptor:
    def __init__(
        self,
        *,
        id: str,
        name: str,
        short_description: MultiformatMessageString,
        full_description: MultiformatMessageString,
        help: MultiformatMessageString,
    ) -> None: ...

class ToolComponent:
    def __init__(
        self,
        *,
        name: str,
        version: str,
        semantic_version: str | None = None,
        rules: Sequence[ReportingDescriptor],
    ) -> None: ...

class Tool:
    def __init__(self, *, driver: ToolComponent) -> None: ...

class Run:
    def __init__(
        self,
        *,
        tool: Tool,
        results: Sequence[Result],
        column_kind: str,
        properties: Mapping[str, object] | None = None,
    ) -> None: ...

class SarifLog:
    def __init__(self, *, version: str, schema_uri: str, runs: Sequence[Run]) -> None: ...
