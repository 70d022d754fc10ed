"""The language server, driven by a real client over its standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

TEXT = """let trusted = "main", "release/*"

rule "the ETL reads" {
    branch trusted
    command "ehr/read_*"
    allow
    mask all
}

rule "but not on Sundays" {
    command "ehr/**"
    unless "the ETL reads"
    deny because "no"
}

never "an unasked Sunday" { branch not trusted  allowed }

given "nightly" { provider "gitlab"  branch "main" }

test "it reads" {
    as "nightly"
    command "ehr/read_patient"
    expect allow
    expect rule "the ETL reads"
}
"""


class Editor:
    """A client with one document open."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def opens(self, text: str, name: str = "a.hoop") -> list[types.Diagnostic]:
        (self.folder / name).write_text(text, encoding="utf-8")
        item = types.TextDocumentItem(self.uri(name), "hoop", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.diagnostics(name)

    async def diagnostics(self, name: str = "a.hoop") -> list[types.Diagnostic]:
        while True:
            told = await asyncio.wait_for(self.published.get(), 300)
            if told.uri == self.uri(name):
                return list(told.diagnostics)

    def place(self, text: str, wanted: str, into: int = 0) -> dict[str, Any]:
        line, column = _place(text, text.index(wanted) + into)
        return {
            "text_document": types.TextDocumentIdentifier(self.uri("a.hoop")),
            "position": types.Position(line, column),
        }


def _place(text: str, offset: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset), len(text[start:offset].encode("utf-16-le")) // 2


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    client = LanguageClient("test", "1")
    made = Editor(client, tmp_path)

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params: types.PublishDiagnosticsParams) -> None:
        made.published.put_nowait(params)

    await client.start_io(sys.executable, "-m", "policy_lang", "lsp")
    await client.initialize_async(types.InitializeParams(types.ClientCapabilities(), root_uri=tmp_path.as_uri()))
    client.initialized(types.InitializedParams())
    yield made
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()


async def test_diagnostics_come_with_their_codes_and_go_when_mended(editor: Editor) -> None:
    text = TEXT.replace("branch trusted", "brunch trusted")
    found = await editor.opens(text)
    [slip] = [one for one in found if one.code == "HG010"]
    assert slip.severity == types.DiagnosticSeverity.Error
    assert text.split("\n")[slip.range.start.line][slip.range.start.character :].startswith("brunch")
    change = types.DidChangeTextDocumentParams(
        types.VersionedTextDocumentIdentifier(2, editor.uri("a.hoop")),
        [types.TextDocumentContentChangeWholeDocument(TEXT)],
    )
    editor.client.text_document_did_change(change)
    assert not [one for one in await editor.diagnostics() if one.severity == types.DiagnosticSeverity.Error]


async def test_a_mend_can_be_taken_as_it_is_offered(editor: Editor) -> None:
    text = TEXT.replace("branch trusted", "brunch trusted")
    found = await editor.opens(text)
    [slip] = [one for one in found if one.code == "HG010"]
    context = types.CodeActionContext([slip])
    uri = types.TextDocumentIdentifier(editor.uri("a.hoop"))
    actions = await editor.client.text_document_code_action_async(types.CodeActionParams(uri, slip.range, context))
    [action] = actions or []
    assert isinstance(action, types.CodeAction)
    assert action.edit
    assert action.edit.changes
    [edit] = action.edit.changes[editor.uri("a.hoop")]
    assert _applied(text, edit) == TEXT


def _applied(text: str, edit: types.TextEdit) -> str:
    lines = text.split("\n")
    start, end = edit.range.start, edit.range.end
    at = [sum(len(line) + 1 for line in lines[: one.line]) + one.character for one in (start, end)]
    return text[: at[0]] + edit.new_text + text[at[1] :]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ('branch trusted', "the branch of the run"),
        ('mask all', "must not show"),
        ('trusted\n    command', 'let trusted = "main", "release/*"'),
        ('"the ETL reads"\n    deny', "Tests that meet it:\n- it reads"),
        ('"an unasked', "Proved of every request."),
    ],
)  # fmt: skip
async def test_hovering_says_what_a_word_means(editor: Editor, wanted: str, says: str) -> None:
    await editor.opens(TEXT)
    told = await editor.client.text_document_hover_async(types.HoverParams(**editor.place(TEXT, wanted, 1)))
    assert told
    assert isinstance(told.contents, types.MarkupContent)
    assert says in told.contents.value


async def test_definition_references_and_renaming_over_files(editor: Editor) -> None:
    await editor.opens(TEXT)
    other = 'rule "elsewhere" {\n    unless "the ETL reads"\n    branch not trusted\n    deny because "😀 no"\n}\n'
    await editor.opens(other, "b.hoop")
    client = editor.client
    place = editor.place(TEXT, '"the ETL reads"\n    deny', 3)
    declared = await client.text_document_definition_async(types.DefinitionParams(**place))
    assert isinstance(declared, types.Location)
    assert declared.range.start.line == 2
    context = types.ReferenceContext(include_declaration=True)
    found = await client.text_document_references_async(types.ReferenceParams(context=context, **place))
    assert len(found or []) == 4
    edit = await client.text_document_rename_async(types.RenameParams(new_name='reads "all"', **place))
    assert edit
    assert edit.changes
    assert {uri.rpartition("/")[2]: len(edits) for uri, edits in edit.changes.items()} == {"a.hoop": 3, "b.hoop": 1}
    assert {one.new_text for edits in edit.changes.values() for one in edits} == {'"reads \\"all\\""'}
    lets = await client.text_document_rename_async(types.RenameParams(new_name="safe", **editor.place(TEXT, "trusted")))
    assert lets
    assert lets.changes
    assert sum(len(edits) for edits in lets.changes.values()) == 4


async def test_a_name_that_would_break_the_policy_or_meet_another_is_refused(editor: Editor) -> None:
    await editor.opens(TEXT)
    rule, let = editor.place(TEXT, '"the ETL reads"\n    deny', 3), editor.place(TEXT, "trusted")
    for place, new, why in (
        (let, "1 bad", "cannot be the name of a let"),
        (let, "", "cannot be empty"),
        (rule, "but not on Sundays", "there is a rule"),
        (rule, "a\nb", "cannot be the name of a rule"),
    ):
        with pytest.raises(JsonRpcException, match=why):
            await editor.client.text_document_rename_async(types.RenameParams(new_name=new, **place))


async def test_a_folder_of_a_policy_is_part_of_it(editor: Editor) -> None:
    (editor.folder / "base.hoop").write_text('let safe = "main"\nrule "b" { branch safe  command "a/b"  allow }\n')
    (editor.folder / "teams").mkdir()
    text = 'rule "r" { branch safe  command "x/y"  allow }\n'
    found = await editor.opens(text, "teams/a.hoop")
    assert not [one for one in found if one.severity == types.DiagnosticSeverity.Error]
    place = types.RenameParams(types.TextDocumentIdentifier(editor.uri("teams/a.hoop")), types.Position(0, 20), "sure")
    edit = await editor.client.text_document_rename_async(place)
    assert edit
    assert edit.changes
    assert {uri: len(edits) for uri, edits in edit.changes.items()} == {
        editor.uri("base.hoop"): 2,
        editor.uri("teams/a.hoop"): 1,
    }


async def test_a_document_that_is_no_file_is_a_policy_alone(editor: Editor) -> None:
    (editor.folder / "disk.hoop").write_text('rule "the ETL reads" { command "a/b"  allow }\n')
    uri = "untitled:Untitled-1"
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "hoop", 1, TEXT)))
    told = await asyncio.wait_for(editor.published.get(), 300)
    assert told.uri == uri
    assert not [one for one in told.diagnostics if one.severity == types.DiagnosticSeverity.Error]
    place = {**editor.place(TEXT, '"the ETL reads"\n    deny', 3), "text_document": types.TextDocumentIdentifier(uri)}
    declared = await editor.client.text_document_definition_async(types.DefinitionParams(**place))
    assert isinstance(declared, types.Location)
    assert (declared.uri, declared.range.start.line) == (uri, 2)
    edit = await editor.client.text_document_rename_async(types.RenameParams(new_name="x", **place))
    assert edit
    assert {name: len(edits) for name, edits in (edit.changes or {}).items()} == {uri: 3}


async def test_what_was_said_of_a_document_goes_with_it(editor: Editor) -> None:
    wrong = TEXT.replace("branch trusted", "brunch trusted")
    (editor.folder / "b.hoop").write_text("")
    await editor.opens(wrong)
    (editor.folder / "a.hoop").write_text(TEXT)  # what was typed was never saved
    other = await editor.opens('rule "elsewhere" { unless "the ETL reads"  branch "x"  deny because "no" }\n', "b.hoop")
    assert not [one for one in other if one.code == "HG020"]
    closed = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(editor.uri("a.hoop")))
    editor.client.text_document_did_close(closed)
    while await editor.diagnostics("a.hoop"):
        pass
    await editor.diagnostics("b.hoop")


async def test_what_is_said_last_is_of_the_last_text(editor: Editor) -> None:
    await editor.opens(TEXT)
    for version in range(2, 40):
        text = TEXT.replace("branch trusted", "brunch trusted" if version < 39 else "branch trusted")
        change = types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, editor.uri("a.hoop")),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
        editor.client.text_document_did_change(change)
    told = await asyncio.wait_for(editor.published.get(), 300)
    while told.version != 39:
        told = await asyncio.wait_for(editor.published.get(), 300)
    assert not [one for one in told.diagnostics if one.severity == types.DiagnosticSeverity.Error]


async def test_completion_knows_the_servers_real_tools(editor: Editor) -> None:
    schema = {"type": "object", "properties": {"limit": {"type": "integer"}, "name": {"type": "string"}}}
    tools = {"read_patient": {"inputSchema": schema}, "delete_patient": {"inputSchema": {}}}
    (editor.folder / "hoopgate.lock").write_text(json.dumps({"lockfile": 1, "servers": {"ehr": {"tools": tools}}}))
    text = 'rule "r" {\n    command "ehr/read_patient"\n    when args.\n    mask \n    command "e\n}\n'
    await editor.opens(text)

    async def labels(wanted: str, into: int) -> list[str]:
        params = types.CompletionParams(**editor.place(text, wanted, into))
        found = await editor.client.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        return [item.label for item in found.items]

    assert await labels('command "e\n', 10) == ["ehr/delete_patient", "ehr/read_patient", "ehr/**"]
    assert await labels("args.", 5) == ["args.limit", "args.name"]
    assert {"all", "none", "ssn", "name"} <= set(await labels("mask ", 5))
    assert {"allow", "branch", "command"} <= set(await labels("    when", 4))
    assert "rule" in await labels('rule "r"', 0)


async def test_formatting_is_what_fmt_does(editor: Editor) -> None:
    text = 'rule   "r" {\ncommand "a/b"\n      allow }\n'
    await editor.opens(text)
    options = types.FormattingOptions(4, True)
    params = types.DocumentFormattingParams(types.TextDocumentIdentifier(editor.uri("a.hoop")), options)
    [edit] = await editor.client.text_document_formatting_async(params) or []
    from policy_lang.format import formatted
    from policy_lang.source import Source

    assert edit.new_text == formatted(Source("a.hoop", text))


async def test_columns_are_utf_16_units(editor: Editor) -> None:
    text = 'rule "r" {\n    deny because "😀"  brunch "x"\n    command "a/b"\n}\n'
    found = await editor.opens(text)
    errors = [one for one in found if one.severity == types.DiagnosticSeverity.Error]
    line = text.split("\n")[1].encode("utf-16-le")
    assert any(line[one.range.start.character * 2 :].decode("utf-16-le").startswith("brunch") for one in errors)


async def test_nothing_typed_makes_the_server_fail(editor: Editor) -> None:
    await editor.opens("")
    for number in range(0, len(TEXT), 23):
        text = TEXT[:number] + '{"\u202e' + TEXT[number + 9 :]
        change = types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(number + 2, editor.uri("a.hoop")),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
        editor.client.text_document_did_change(change)
        await editor.diagnostics()
        place: dict[str, Any] = {
            "text_document": types.TextDocumentIdentifier(editor.uri("a.hoop")),
            "position": types.Position(*_place(text, number)),
        }
        await editor.client.text_document_completion_async(types.CompletionParams(**place))
        await editor.client.text_document_hover_async(types.HoverParams(**place))
        await editor.client.text_document_definition_async(types.DefinitionParams(**place))
