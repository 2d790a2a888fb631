"""A script's tree in a compact form that tests can spell out."""

from __future__ import annotations

from ns_lint.linter.shell import tree


def dump(node: tree.Node) -> str:
    """`(&& (a) (b 'quoted' $x))`: commands in parentheses, other nodes with their operator or keyword first."""
    match node:
        case tree.Simple():
            parts = [
                *map(assignment, node.assignments),
                *map(word, node.words),
                *map(redirect, node.redirects),
            ]
            return f"({' '.join(parts)})"
        case tree.ArithmeticCommand():
            return f"(arithmetic {''.join(map(part, node.parts))})"
        case tree.Sequence():
            return tagged(";", node.items)
        case tree.And():
            return tagged("&&", (node.left, node.right))
        case tree.Or():
            return tagged("||", (node.left, node.right))
        case tree.Not():
            return tagged("!", (node.body,))
        case tree.Pipeline():
            return tagged("|", node.members)
        case tree.Background():
            return tagged("&", (node.body,))
        case tree.Subshell():
            return tagged("subshell", (node.body,), *map(redirect, node.redirects))
        case tree.Group():
            return tagged("group", (node.body,), *map(redirect, node.redirects))
        case tree.If():
            branches = [branch for arm in node.arms for branch in arm]
            return tagged("if", (*branches, *([node.otherwise] if node.otherwise else [])))
        case tree.While():
            return tagged("until" if node.until else "while", (node.condition, node.body))
        case tree.For():
            words = "*" if node.words is None else " ".join(map(word, node.words))
            return f"(for {node.name or '-'} [{words}] {dump(node.body)})"
        case tree.Case():
            arms = [
                f"[{'|'.join(map(word, arm.patterns))}: {dump(arm.body)}{' &' * arm.fallthrough}]" for arm in node.arms
            ]
            return f"(case {word(node.subject)} {' '.join(arms)})"
        case tree.Function():
            return tagged(f"function {node.name}", (node.body,))


def tagged(tag: str, nodes: tuple[tree.Node, ...], *more: str) -> str:
    return f"({' '.join([tag, *map(dump, nodes), *more])})"


def assignment(node: tree.Assignment) -> str:
    value = f"[{' '.join(map(word, node.elements))}]" if node.value is None else word(node.value)
    return f"{node.name}{'+' * node.append}={value}"


def redirect(node: tree.Redirect) -> str:
    heredoc = ""
    if node.heredoc:
        heredoc = f":{node.heredoc.start}-{node.heredoc.end}"
        if node.heredoc.word:
            heredoc += f"<{word(node.heredoc.word)}>"
    return f"{node.fd}{node.operator}{word(node.target)}{heredoc}"


def word(node: tree.Word) -> str:
    return "".join(map(part, node.parts))


def part(node: tree.Part) -> str:
    match node:
        case tree.Literal():
            return f"'{node.text}'" if node.quoted else node.text
        case tree.Parameter():
            operator = "" if not node.operator else f" {node.operator}"
            argument = f" {word(node.argument)}" if node.argument else ""
            text = f"${{{node.name}{operator}{argument}}}"
        case tree.Substitution():
            text = f"{'<' if node.process else '$'}{dump(node.body)}"
        case tree.Arithmetic():
            text = f"$(({''.join(map(part, node.parts))}))"
    return f"'{text}'" if node.quoted else text
