"""What is known of a base image from its name alone."""

from __future__ import annotations

from .system import Family

_BUSYBOX = frozenset({"alpine", "busybox", "docker"})
_GNU = frozenset(
    """
    almalinux amazoncorretto amazonlinux archlinux buildpack-deps cassandra centos clojure debian drupal eclipse-temurin
    elixir erlang fedora gcc golang gradle haskell httpd ibmjava julia jenkins joomla mariadb maven mongo mono mysql
    nginx node openjdk opensuse oraclelinux perl php postgres pypy python r-base rabbitmq redis rocket.chat rockylinux
    ruby rust solr sonarqube swift tomcat ubi ubi8 ubi9 ubuntu wordpress
    """.split()
)
"""Official images whose plain tags have GNU tools."""

_DISTRIBUTIONS = frozenset(
    """
    debian ubuntu fedora centos ubi8 ubi9 ubi rockylinux almalinux amazonlinux bookworm bullseye buster trixie focal
    jammy noble bionic xenial stretch opensuse archlinux
    """.split()
)

_BARE = frozenset(
    """
    almalinux alpine amazonlinux archlinux busybox centos debian fedora opensuse oraclelinux rockylinux scratch ubuntu
    """.split()
)
_OFFICIAL = ("", "library", "docker.io", "docker.io/library")


def is_bare(image: str) -> bool:
    """Whether an image holds nothing but a distribution: its standard directories and accounts."""
    head, _, last = image.lower().partition("@")[0].rpartition("/")
    return head in _OFFICIAL and last.partition(":")[0] in _BARE


def family_of(image: str) -> Family | None:
    """The tools' family of an image by its name and tag; None when the name does not say."""
    name, _, _digest = image.lower().partition("@")
    head, _, last = name.rpartition("/")
    repository, _, tag = last.partition(":")
    words = {*repository.replace("_", "-").split("-"), *tag.split("-")}
    if "alpine" in name or words & {"busybox", "musl"}:
        return Family.BUSYBOX
    if repository in _BUSYBOX and head in _OFFICIAL:
        return Family.BUSYBOX
    if (head in _OFFICIAL and repository in _GNU) or words & _DISTRIBUTIONS:
        return Family.GNU
    return None
