"""The docs site: `make docs` builds it with Sphinx into site/. A link that leads nowhere ends the build."""

from ns_lint.cli.version import VERSION

project = "ns-lint"
author = project
release = VERSION
html_title = f"ns-lint {VERSION}"
html_theme = "furo"
html_copy_source = False
html_show_sphinx = False

extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_url_schemes = {"http": None, "https": None, "repo": "https://github.com/ns-lint/ns-lint/blob/main/{{path}}"}

nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # examples hold what a lexer of plain shell does not know
smartquotes = False
