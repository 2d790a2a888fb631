"""The version, here so that printing it costs no look at the installed metadata; a test compares it with pyproject."""

VERSION = "0.1.0"
