"""A report as PDF, by reportlab: for printing and signing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from recorder.errors import RequestError
from recorder.report.figure import Figure, ordered

if TYPE_CHECKING:
    from recorder.report.build import Finding, Report

__all__ = ["pdf"]

_ROWS = 15
_LINKS = 10


def pdf(report: Report) -> bytes:
    """The report as an A4 document. Raises RequestError where the extra `report` is not installed."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm
        from reportlab.platypus import SimpleDocTemplate
    except ImportError:
        raise RequestError("a PDF needs reportlab", "pip install 'hoopgate[report]'") from None
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, title=report.framework.title, author="hoopgate", creator="hoopgate", invariant=1,
        leftMargin=18 * mm, rightMargin=18 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
    )  # fmt: skip
    document.build(_story(report), onFirstPage=_footed(report), onLaterPages=_footed(report))
    return out.getvalue()


def _footed(report: Report) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 7)
        words = f"{report.store}   {report.since} to {report.until}   made {report.made}   page {document.page}"
        canvas.drawString(51, 30, _safe(words))

    return draw


def _story(report: Report) -> list[Any]:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, Spacer

    styles = getSampleStyleSheet()
    lines = [
        f"Period: {report.since} to {report.until}",
        f"Records: {report.records}",
        f"Sessions: {report.chosen()}",
        f"Verified: {report.verified}",
        f"Controls: {report.standing()}",
        "A status says what the records show. It is not a finding of compliance.",
    ]
    story: list[Any] = [Paragraph(_p(report.framework.title), styles["Title"])]
    story += [Paragraph(_p(line), styles["Normal"]) for line in lines]
    for finding in report.findings:
        story += [Spacer(1, 8), *_finding(finding, styles)]
    return [*story, Spacer(1, 24), _signature(styles)]


def _finding(finding: Finding, styles: Any) -> list[Any]:
    from reportlab.platypus import Paragraph

    control = finding.control
    colour = "#1b6e3c" if finding.status == "evidence" else "#b3261e" if finding.exceptions else "#444444"
    status = f'<font color="{colour}"><b>{_p(finding.status)}</b></font>: {_p(finding.why)}'
    parts: list[Any] = [
        Paragraph(_p(f"{control.id}  {control.title}"), styles["Heading3"]),
        Paragraph(f"{_p(control.asks)} {status}", styles["Normal"]),
    ]
    for figure in finding.figures:
        parts += _figure(figure, styles)
    if control.note:
        parts.append(Paragraph(f"<i>{_p(control.note)}</i>", styles["Normal"]))
    return parts


def _figure(figure: Figure, styles: Any) -> list[Any]:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table

    bad = figure.measure.role == "exception" and figure.count
    count = str(figure.count) if figure.checked else "not checked"
    words = f"<b>{count}</b> {_p(figure.measure.meaning)}"
    if bad:
        words = f'<font color="#b3261e">{words}</font>'
    named = ", ".join(f"{link.log}/{link.seq}" for link in figure.links[:_LINKS])
    if named:
        words += f' <font size="7" color="#666666">records {_p(named)}{" …" if figure.count > _LINKS else ""}</font>'
    parts: list[Any] = [Paragraph(words, styles["Normal"])]
    if figure.rows:
        head = [Paragraph(f"<b>{_p(name)}</b>", styles["Normal"]) for name in (*figure.columns, "count")]
        body = [
            [Paragraph(_p(cell), styles["Normal"]) for cell in (*key, str(n))]
            for key, n in ordered(figure.rows)[:_ROWS]
        ]
        table = Table([head, *body], hAlign="LEFT", repeatRows=1)
        table.setStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")])
        parts.append(table)
    return parts


def _signature(styles: Any) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph("Reviewed by ______________________________   on ____________________", styles["Normal"])


def _safe(text: str) -> str:
    """What the standard fonts can draw: Latin-1; the rest is spelled."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(c if ord(c) < 256 or c == "…" else c.encode("unicode_escape").decode() for c in shown)


def _p(text: str) -> str:
    return escape(_safe(text))
