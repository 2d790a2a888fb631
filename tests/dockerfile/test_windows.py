"""Which Dockerfiles no sh will read."""

from __future__ import annotations

import pytest

from ns_lint.linter.dockerfile import parse
from ns_lint.linter.source import Document


@pytest.mark.parametrize(
    "text",
    [
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\n",
        "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver:1809\n",
        "FROM golang:1.22-nanoserver\n",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0-windowsservercore-ltsc2022 AS build\n",
        "FROM microsoft/nanoserver\n",
        "FROM nanoserver:latest\n",
        "FROM debian\nFROM --platform=windows/amd64 a\n",
        "ARG V=ltsc2022\nARG B=mcr.microsoft.com/windows:$V\nFROM $B\n",
        "ARG K=nanoserver\nFROM golang:1-${K}\n",
        'FROM a\nSHELL ["powershell", "-Command"]\n',
        'FROM a\nSHELL ["C:\\\\Windows\\\\System32\\\\CMD.EXE", "/S", "/C"]\n',
        'FROM a\nSHELL ["/usr/bin/pwsh", "-c"]\n',
    ],
)
def test_windows(text: str) -> None:
    assert parse(Document("Dockerfile", text.encode())).windows


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN true\n",
        "# escape=`\nFROM debian\nRUN a `\n b\n",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\n",
        "FROM mcr.microsoft.com/powershell:lts-ubuntu-22.04\n",
        'FROM a\nSHELL ["bash", "-c"]\n',
        "FROM a\nSHELL powershell\n",
        'FROM a\nCMD ["powershell"]\n',
        "FROM mywindows:1\n",
        "FROM $UNKNOWN\n",
        "",
    ],
)
def test_not_windows(text: str) -> None:
    assert not parse(Document("Dockerfile", text.encode())).windows
