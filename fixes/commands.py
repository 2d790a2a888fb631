"""Edits of the commands of a script: leave one out, put a word in, replace one."""

from __future__ import annotations

from itertools import pairwise

from ..linter.command import Argument, Command
from ..linter.edit import Edit, Fix, Safety
from ..linter.shell import tree as t
from ..linter.shell.parse import parse
from ..linter.source import Place, Script


def delete_command(command: Command, *, safety: Safety, title: str = "", unless_used: str | None = None) -> Fix | None:
    """Leave the command out, with the operator that joins it to its neighbours.

    None where that cannot be done well: a program hands its arguments to it (find, xargs), it has a here-document, or
    the script names `unless_used` once more, so another command may need what this one makes.
    """
    if command.script is None or command.node is None or {"find", "xargs"} & set(command.wrappers):
        return None
    if any(redirect.heredoc is not None for redirect in command.node.redirects):
        return None
    if unless_used is not None and command.script.text.count(unless_used) > 1:
        return None
    edit = _without(command)
    return Fix(title or f"delete `{command.name or 'the redirection'}`", safety, (edit,)) if edit is not None else None


def delete_with_marks(command: Command, path: str, *, safety: Safety) -> Fix | None:
    """Leave out a command that makes `path`, and what marks it right after: `&& chmod 600 PATH && chown USER PATH`.

    None where anything else names the path, or another list of commands stands around them.
    """
    script, node = command.script, command.node
    if script is None or node is None or {"find", "xargs"} & set(command.wrappers):
        return None
    spine = _path_to(parse(script.text).tree, node)
    if spine is None:
        return None
    top = spine.pop()
    while spine and isinstance(spine[-1], t.And):
        top = spine.pop()
    links = _links(top)
    first = next(
        (number for number, link in enumerate(links) if (link.start, link.end) == (node.start, node.end)), None
    )
    if first is None:
        return None
    last = first
    while last + 1 < len(links) and _marks(links[last + 1], path, script.text):
        last += 1
    start, end = links[first].start, links[last].end
    if last == first or path in script.text[:start] + script.text[end:]:
        return None
    if len(links) == last - first + 1:
        edit = _edit([*spine, top], command, script)
    elif last + 1 < len(links):
        edit = Edit(script.source.place(start, links[last + 1].start), "")
    else:
        edit = Edit(script.source.place(links[first - 1].end, end), "")
    return Fix(f"delete `{command.name}` and what marks {path}", safety, (edit,)) if edit is not None else None


def _links(node: t.Node) -> list[t.Node]:
    """The commands that `&&` joins, in order."""
    return [*_links(node.left), *_links(node.right)] if isinstance(node, t.And) else [node]


def _marks(node: t.Node, path: str, text: str) -> bool:
    """Whether a command gives a mode or an owner to `path` alone."""
    if not isinstance(node, t.Simple) or not node.words or node.words[0].literal not in ("chmod", "chown", "chgrp"):
        return False
    operands = [word for word in node.words[1:] if not text[word.start : word.end].startswith("-")]
    return len(operands) == 2 and operands[1].literal == path


def delete_operand(command: Command, operand: Place, *, safety: Safety, besides: int = 0) -> Fix | None:
    """Leave one of the command's operands out; all of the command when none is left but `besides`, such as a mode.

    Every argument that does not begin with a dash counts as an operand.
    """
    operands = [argument for argument in command.argv[1:] if not argument.text.startswith("-")]
    if len(operands) <= besides + 1:
        return delete_command(command, safety=safety)
    script, node = command.script, command.node
    if script is None or node is None:
        return None
    for before, word in pairwise(node.words):
        if script.source.place(word.start, word.end) == operand:
            text = script.text[word.start : word.end]
            return Fix(f"leave out `{text}`", safety, (Edit(script.source.place(before.end, word.end), ""),))
    return None


def insert_after(argument: Argument, text: str, title: str, safety: Safety) -> Fix:
    """Put ` text` behind an argument."""
    place = Place(argument.place.path, argument.place.end, argument.place.end)
    return Fix(title, safety, (Edit(place, f" {text}"),))


def replace_word(argument: Argument, text: str, title: str, safety: Safety) -> Fix:
    return Fix(title, safety, (Edit(argument.place, text),))


def _without(command: Command) -> Edit | None:
    script, node = command.script, command.node
    if script is None or node is None:
        return None
    path = _path_to(parse(script.text).tree, node)
    return _edit(path, command, script) if path is not None else None


def _edit(path: list[t.Node], command: Command, script: Script) -> Edit | None:
    """What leaves out the last node of a path from the root of the script that `command` stands in."""
    span = _span_without(path, script)
    if span is not None:
        start, end, text = span
        return Edit(script.source.place(start, end), text)
    if not _is_whole(path):
        return None
    if command.parent is not None:
        return _without(command.parent) if command.parent.script is not None else None
    return _without_step(command, script)


def _without_step(command: Command, script: Script) -> Edit | None:
    """The instruction goes when the command was all of its script; its line ending is left to a blank line."""
    if command.step is None or command.step.path != script.source.path:
        return None
    return Edit(command.step, "")


def _path_to(tree: t.Node, node: t.Simple) -> list[t.Node] | None:
    """The nodes from the tree's root down to the simple command at the same offsets."""
    path: list[t.Node] = []
    current: t.Node | None = tree
    while current is not None:
        path.append(current)
        if isinstance(current, t.Simple):
            return path if (current.start, current.end) == (node.start, node.end) else None
        current = next((c for c in children(current) if c.start <= node.start and node.end <= c.end), None)
    return None


def children(node: t.Node) -> tuple[t.Node, ...]:
    """The nodes right below one."""
    match node:
        case t.Sequence(items=items):
            return items
        case t.Pipeline(members=members):
            return members
        case t.And(left=left, right=right) | t.Or(left=left, right=right):
            return (left, right)
        case t.If(arms=arms, otherwise=otherwise):
            bodies = tuple(part for arm in arms for part in arm)
            return bodies if otherwise is None else (*bodies, otherwise)
        case t.While(condition=condition, body=body):
            return (condition, body)
        case t.Case(arms=arms):
            return tuple(arm.body for arm in arms)
        case t.Not(body=body) | t.Background(body=body) | t.Subshell(body=body) | t.Group(body=body):
            return (body,)
        case t.For(body=body) | t.Function(body=body):
            return (body,)
        case t.Simple() | t.ArithmeticCommand():
            return ()


def _is_whole(path: list[t.Node]) -> bool:
    """Whether there is nothing in the script but this command, or alternatives to it."""
    return all(
        (isinstance(node, t.Sequence) and len(node.items) == 1)
        or (isinstance(node, t.Or) and child is node.left)
        or (isinstance(node, t.Pipeline) and _is_fed(node, child))
        for node, child in pairwise(path)
    )


def _is_fed(pipeline: t.Pipeline, last: t.Node) -> bool:
    """Whether all that a pipeline does is to print something into its last command."""
    *before, end = pipeline.members
    return end is last and all(
        isinstance(member, t.Simple) and not member.redirects and member.words[0].literal in ("echo", "printf")
        for member in before
        if not isinstance(member, t.Simple) or member.words
    )


def _span_without(path: list[t.Node], script: Script) -> tuple[int, int, str] | None:
    """What to put where: offsets in the script and a text. None when nothing would be left of the script."""
    child = path[-1]
    for node in reversed(path[:-1]):
        match node:
            case t.And(left=left, right=right):
                return (left.start, right.start, "") if child is left else (left.end, child.end, "")
            case t.Or(left=left) if child is left:
                child = node  # what stood in for it is not needed either
            case t.Pipeline() if _is_fed(node, child):
                child = node
            case t.Sequence(items=items) if len(items) > 1:
                return _item_span(items, child, script.text)
            case t.Sequence():
                child = node
            case _:
                return child.start, child.end, "true"
    return None


def _item_span(items: tuple[t.Node, ...], child: t.Node, text: str) -> tuple[int, int, str]:
    """One of several commands: it goes with what stands before the next one, or behind the one before."""
    number = next(n for n, item in enumerate(items) if item is child)
    if number + 1 < len(items):
        return child.start, items[number + 1].start, ""
    before = items[number - 1]
    separator = text[before.end : child.start]
    return (before.end if ";" in separator or "\n" in separator else child.start), child.end, ""
