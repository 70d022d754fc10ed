"""`hoopgate lsp`: the language server, on standard input and output (Language Server Protocol 3.17, by pygls)."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from policy_lang.diagnostic import ERROR, Diagnostic
from policy_lang.editor.completion import complete
from policy_lang.editor.fixes import fixes
from policy_lang.editor.hover import hover
from policy_lang.editor.occurrences import Occurrence, at, same
from policy_lang.editor.project import Project
from policy_lang.editor.renaming import renamed
from policy_lang.errors import PolicyError
from policy_lang.format import formatted
from policy_lang.nodes import Span
from policy_lang.source import Source

__all__ = ["server"]

_ITEM_KINDS = {
    "keyword": types.CompletionItemKind.Keyword,
    "value": types.CompletionItemKind.Value,
    "name": types.CompletionItemKind.Reference,
}
_SYMBOLS = {"let": types.SymbolKind.Constant, "detector": types.SymbolKind.Constant, "test": types.SymbolKind.Event}


class _Server(LanguageServer):
    """The open documents, and the policies that they belong to."""

    _last: Project | None = None

    def project(self, uri: str) -> tuple[Project, Source]:
        """The policy around a document, and the document in it."""
        text = self.workspace.get_text_document(uri).source
        path = to_fs_path(uri)
        if path is None:
            project = Project.alone(uri, text)
        else:
            opened = {Path(name): document.source for name, document in self.opened().items() if _is_path(name)}
            project = Project.around(Path(path), opened)
        if self._last is not None and project == self._last:
            project = self._last  # what was found out about it stays
        self._last = project
        name = _name(uri)
        return project, project.source(name) or Source(name, text)

    def opened(self) -> dict[str, TextDocument]:
        """The open documents by the names that their sources have."""
        return {_name(uri): document for uri, document in self.workspace.text_documents.items()}

    def uri(self, name: str) -> str:
        """A source as its editor calls it."""
        document = self.opened().get(name)
        return document.uri if document else Path(name).as_uri()


def _name(uri: str) -> str:
    """What a document's source is called: the path of a file, else its URI."""
    return to_fs_path(uri) or uri


def _is_path(name: str) -> bool:
    return Path(name).is_absolute()


server = _Server("hoopgate", "1")


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def _opened(ls: _Server, params: types.DidOpenTextDocumentParams) -> None:
    _publish(ls, params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def _changed(ls: _Server, params: types.DidChangeTextDocumentParams) -> None:
    _publish(ls, params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def _saved(ls: _Server, params: types.DidSaveTextDocumentParams) -> None:
    _publish(ls, params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def _closed(ls: _Server, params: types.DidCloseTextDocumentParams) -> None:
    """What was said of it goes; the other documents of its policy are read beside it as it is on disk."""
    uri = params.text_document.uri
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
    near = [other for other in ls.workspace.text_documents if other != uri and to_fs_path(other) is not None]
    for other in near[:1]:
        _publish(ls, other)


@server.feature(types.TEXT_DOCUMENT_HOVER)
def _hover(ls: _Server, params: types.HoverParams) -> types.Hover | None:
    project, source = ls.project(params.text_document.uri)
    told = hover(project, source, _offset(source.text, params.position))
    return None if told is None else types.Hover(types.MarkupContent(types.MarkupKind.Markdown, told))


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=['"', "/", ".", " "]))
def _complete(ls: _Server, params: types.CompletionParams) -> types.CompletionList:
    project, source = ls.project(params.text_document.uri)
    offset = _offset(source.text, params.position)
    items = []
    for number, choice in enumerate(complete(project, source, offset)):
        start = offset - _typed(source.text[:offset], choice.text)
        edit = types.TextEdit(_range(source.text, (start, offset)), choice.text)
        items.append(
            types.CompletionItem(
                choice.text,
                kind=_ITEM_KINDS[choice.kind],
                detail=choice.about,
                sort_text=f"{number:05d}",
                text_edit=edit,
            )
        )
    return types.CompletionList(is_incomplete=False, items=items)


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
def _define(ls: _Server, params: types.DefinitionParams) -> types.Location | None:
    project, source = ls.project(params.text_document.uri)
    name = at(project, source, _offset(source.text, params.position))
    declared = next((one for one in same(project, name) if one.declares), None) if name else None
    return None if declared is None else _location(ls, declared)


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
def _references(ls: _Server, params: types.ReferenceParams) -> list[types.Location]:
    project, source = ls.project(params.text_document.uri)
    name = at(project, source, _offset(source.text, params.position))
    found = same(project, name) if name else []
    return [_location(ls, one) for one in found if params.context.include_declaration or not one.declares]


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def _may_rename(ls: _Server, params: types.PrepareRenameParams) -> types.Range | None:
    project, source = ls.project(params.text_document.uri)
    name = at(project, source, _offset(source.text, params.position))
    return None if name is None else _range(source.text, name.span)


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def _rename(ls: _Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    project, source = ls.project(params.text_document.uri)
    name = at(project, source, _offset(source.text, params.position))
    if name is None:
        return None
    edits = renamed(project, name, params.new_name)
    if isinstance(edits, str):
        raise JsonRpcInvalidParams(edits)
    changes: dict[str, list[types.TextEdit]] = {}
    for one, text in edits:
        edit = types.TextEdit(_range(one.source.text, one.span), text)
        changes.setdefault(ls.uri(one.source.name), []).append(edit)
    return types.WorkspaceEdit(changes)


@server.feature(types.TEXT_DOCUMENT_FORMATTING)
def _format(ls: _Server, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    document = ls.workspace.get_text_document(params.text_document.uri)
    try:
        text = formatted(Source(document.filename or "policy.hoop", document.source))
    except PolicyError:
        return []  # what cannot be read is not laid out; the diagnostics say why
    return [types.TextEdit(_range(document.source, (0, len(document.source))), text)] if text != document.source else []


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
)
def _actions(ls: _Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    project, source = ls.project(params.text_document.uri)
    found = []
    for diagnostic in _of(project, source.name):
        place = _place(diagnostic, source.text)
        if not diagnostic.line or place.end < params.range.start or params.range.end < place.start:
            continue
        start, end = _offset(source.text, place.start), _offset(source.text, place.end)
        marked = source.text[start:end]
        for fix in fixes(diagnostic, marked):
            at_ = start + marked.index(fix.instead) if fix.instead else start
            span = (at_, at_ + len(fix.instead)) if fix.instead else (start, end)
            edit = types.TextEdit(_range(source.text, span), fix.text)
            found.append(
                types.CodeAction(
                    fix.title,
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[_told(diagnostic, source.text)],
                    edit=types.WorkspaceEdit({params.text_document.uri: [edit]}),
                )
            )
    return found


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def _symbols(ls: _Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    project, source = ls.project(params.text_document.uri)
    from policy_lang.editor.occurrences import occurrences

    here = [one for one in occurrences(project) if one.declares and one.source.name == source.name]
    return [
        types.DocumentSymbol(
            one.name or "?", _SYMBOLS.get(one.kind, types.SymbolKind.Object), _range(source.text, one.span),
            _range(source.text, one.span), one.kind,
        )
        for one in here
    ]  # fmt: skip


# ---- between offsets and the protocol's positions --------------------------------------------------------------------


def _publish(ls: _Server, uri: str) -> None:
    """The whole policy is examined; each open document of it gets what concerns it."""
    project, _ = ls.project(uri)
    inside = {source.name for source in project.sources}
    for name, document in ls.opened().items():
        if name in inside or document.uri == uri:
            told = [_told(diagnostic, document.source) for diagnostic in _of(project, name)]
            about = types.PublishDiagnosticsParams(document.uri, told, version=document.version)
            ls.text_document_publish_diagnostics(about)


def _of(project: Project, name: str) -> list[Diagnostic]:
    return [one for one in (*project.unread, *project.examined.diagnostics) if one.file == name]


def _told(diagnostic: Diagnostic, text: str) -> types.Diagnostic:
    words = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    grave = types.DiagnosticSeverity.Error if diagnostic.severity == ERROR else types.DiagnosticSeverity.Warning
    return types.Diagnostic(_place(diagnostic, text), words, grave, diagnostic.code, source="hoopgate")


def _place(diagnostic: Diagnostic, text: str) -> types.Range:
    """Diagnostics count characters from 1, the protocol UTF-16 units from 0."""
    lines = text.split("\n")
    places = ((diagnostic.line, diagnostic.column), (diagnostic.end_line, diagnostic.end_column))
    start, end = (_counted(lines, max(0, line - 1), max(0, column - 1)) for line, column in places)
    return types.Range(start, end)


def _counted(lines: list[str], line: int, column: int) -> types.Position:
    before = lines[line][:column] if line < len(lines) else ""
    return types.Position(line, len(before.encode("utf-16-le")) // 2)


def _location(ls: _Server, one: Occurrence) -> types.Location:
    return types.Location(ls.uri(one.source.name), _range(one.source.text, one.span))


def _range(text: str, span: Span) -> types.Range:
    return types.Range(_position(text, span[0]), _position(text, span[1]))


def _position(text: str, offset: int) -> types.Position:
    start = text.rfind("\n", 0, offset) + 1
    return types.Position(text.count("\n", 0, offset), len(text[start:offset].encode("utf-16-le")) // 2)


def _offset(text: str, position: types.Position) -> int:
    start = 0
    for _ in range(position.line):
        start = text.find("\n", start) + 1
        if not start:
            return len(text)
    end = text.find("\n", start)
    line = text[start:] if end < 0 else text[start:end]
    units = line.encode("utf-16-le")[: position.character * 2]
    return start + len(units.decode("utf-16-le", "ignore"))


def _typed(before: str, choice: str) -> int:
    """How much of a choice stands before the cursor already."""
    for size in range(min(len(before), len(choice)), 0, -1):
        if before.endswith(choice[:size]) and not before[: len(before) - size][-1:].isalnum():
            return size
    return 0
