"""A report as one HTML file: no script, nothing fetched, readable on paper, light and dark."""

from __future__ import annotations

from html import escape

from recorder.report.build import Finding, Report
from recorder.report.figure import Figure, Link, ordered

__all__ = ["html"]

_ROWS = 50
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #b3261e; --good: #1b6e3c; --dim: #666; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd88f; --dim: #aaa; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: var(--dim); } dd { margin: 0; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; break-inside: avoid; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; }
th, td { text-align: left; border-bottom: 1px solid var(--line); padding: .2rem .6rem .2rem 0; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.status { font-weight: 600; } .evidence { color: var(--good); } .exception { color: var(--bad); font-weight: 600; }
.dim { color: var(--dim); } pre { white-space: pre-wrap; font-size: .8rem; } code { font-size: .9em; }
"""


def html(report: Report) -> str:
    """The report as HTML5. Everything that was recorded is escaped, never rendered; control characters are spelled."""
    head = [
        ("Period", f"{report.since} to {report.until}"),
        ("Store", report.store),
        ("Sessions", report.chosen()),
        ("Records", str(report.records)),
        ("Verified", report.verified),
        ("Made", report.made),
        ("Controls", report.standing()),
    ]
    told = "".join(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>" for name, value in head)
    findings = "".join(_finding(finding, report.proofs) for finding in report.findings)
    proofs = "".join(
        f'<details id="{_anchor(place)}"><summary>record {_e(place)}</summary><pre>{_e(proof)}</pre></details>'
        for place, proof in report.proofs.items()
    )
    kept = (
        f"<h2>Proofs</h2><p>Each is a file that <code>hoopgate verify</code> checks alone.</p>{proofs}"
        if proofs
        else ""
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_e(report.framework.title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{_e(report.framework.title)}</h1><p class=dim>{_e(report.framework.source)}</p><dl>{told}</dl>"
        '<p class="dim">A status says what the records show: evidence, partial, or not covered by this tool. '
        "It is not a finding of compliance.</p>"
        f"{findings}{kept}</main></body></html>\n"
    )


def _finding(finding: Finding, proofs: dict[str, str]) -> str:
    control = finding.control
    kind = "evidence" if finding.status == "evidence" else "exception" if finding.exceptions else ""
    note = f'<p class="dim">{_e(control.note)}</p>' if control.note else ""
    figures = "".join(_figure(figure, proofs) for figure in finding.figures)
    return (
        f"<section><h2>{_e(control.id)} {_e(control.title)}</h2><p>{_e(control.asks)}</p>"
        f'<p><span class="status {kind}">{_e(finding.status)}</span> <span class="dim">{_e(finding.why)}</span></p>'
        f"{figures}{note}</section>"
    )


def _figure(figure: Figure, proofs: dict[str, str]) -> str:
    bad = figure.measure.role == "exception" and figure.count > 0
    count = str(figure.count) if figure.checked else "?"
    mark = ' class="exception"' if bad else ""
    said = f" — {_e(figure.said)}" if figure.said else ""
    title = f"<p{mark}>{_e(count)} {_e(figure.measure.meaning)}{said}</p>"
    query = f'<p class="dim">query: {_e(figure.measure.query)}</p>'
    links = figure.links if bad else figure.links[:3]
    named = ", ".join(_link(link, proofs) for link in links)
    records = f'<p class="dim">records: {named}{" …" if figure.count > len(links) else ""}</p>' if named else ""
    return title + query + _rows(figure) + records


def _rows(figure: Figure) -> str:
    if not figure.rows:
        return ""
    head = "".join(f"<th>{_e(name)}</th>" for name in figure.columns) + '<th class="n">count</th>'
    rows = ordered(figure.rows)
    body = "".join(
        "<tr>" + "".join(f"<td>{_e(cell)}</td>" for cell in key) + f'<td class="n">{count}</td></tr>'
        for key, count in rows[:_ROWS]
    )
    more = f'<p class="dim">{len(rows) - _ROWS} more rows are in the JSON form.</p>' if len(rows) > _ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _link(link: Link, proofs: dict[str, str]) -> str:
    place = f"{link.log}/{link.seq}"
    about = f" ({_e(link.about)})" if link.about else ""
    if place in proofs:
        return f'<a href="#{_anchor(place)}">{place}</a>{about}'
    return f"{place}{about}"


def _anchor(place: str) -> str:
    return f"proof-{place.replace('/', '-')}"


def _e(text: str) -> str:
    spelled = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    return escape(spelled)
