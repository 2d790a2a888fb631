from setuptools import find_packages, setup

rooms = ["cli*", "linter*", "rules*", "fixes*", "builders*", "proof*", "reports*"]
setup(packages=[f"ns_lint.{package}" for package in find_packages(include=rooms)])
