"""The page as one HTML document, with its style and script inside."""

import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path

from ...faults.plan import IN_THE_BODY, INSTEAD, ON_THE_WIRE, STORAGE, TO_A_CALLBACK
from ...simulation.outcomes import OUTCOMES
from ...simulation.simulation import Simulation
from ...state.clock import SteppedClock

FOLDER = Path(__file__).parent
GROUPS = (
    ("instead of an answer", INSTEAD),
    ("on the connection", ON_THE_WIRE),
    ("in the body", IN_THE_BODY),
    ("of a callback", TO_A_CALLBACK),
)
# The label of a button, and the fields of its fault.
QUICK_FAULTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("Next poll: 503", {"kind": "status", "operation": "get_run", "status": "503"}),
    ("Next create: 429", {"kind": "status", "operation": "create_run", "status": "429"}),
    ("Next create: answer lost", {"kind": "reset_after", "operation": "create_run"}),
    ("Next callback: sent twice", {"kind": "duplicate_callback"}),
    ("Next callback: lost", {"kind": "lost_callback"}),
)
STEPS = (1, 10, 60)  # seconds


def render_document(
    simulation: Simulation,
    base_url: str,
    operations: Mapping[str, tuple[str, str]],
    sections: Mapping[str, str],
    problem: str | None = None,
) -> tuple[str, dict[str, str]]:
    """Return the HTML, and the headers to send with it.

    The headers allow nothing but the page's own script and files of this server.
    """
    nonce = secrets.token_urlsafe(16)
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    error = "" if problem is None else f"<p role=alert class=problem>{escape(problem)}</p>"
    forms = _faults_form(operations) + _outcomes_form(simulation)
    html = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        "<title>Runflow mock</title><link rel=icon href=data:,>"
        '<noscript><meta http-equiv=refresh content="5"></noscript>'
        f'<style nonce="{nonce}">{style}</style></head><body>'
        f"<header class=top><h1>Runflow mock</h1><code>{escape(base_url)}</code>"
        f"<span id=connection role=status>live</span></header>{error}"
        f"<div class=bar><dl id=status>{sections['status']}</dl>{_time_form(simulation)}</div>"
        "<nav><a href=#s-runs>Runs</a><a href=#s-requests>Requests</a>"
        "<a href=#s-callbacks>Callbacks</a><a href=#s-ledger>Ledger</a>"
        "<a href=#s-plans>Faults</a></nav><main>"
        f"{_section('runs', 'Runs', sections)}"
        "<section id=s-plans><h2>Planned faults and outcomes</h2>"
        f"<div id=plans>{sections['plans']}</div>{forms}</section>"
        f"{_section('requests', 'Requests and answers', sections)}"
        f"{_section('callbacks', 'Callbacks and attempts', sections)}"
        f"{_section('ledger', 'Ledger', sections)}</main>"
        f'<script nonce="{nonce}">{script}</script></body></html>'
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return html, headers


def _section(name: str, title: str, sections: Mapping[str, str]) -> str:
    return (
        f"<section id=s-{name}><h2>{escape(title)}</h2>"
        f"<div id={name}>{sections[name]}</div></section>"
    )


def _time_form(simulation: Simulation) -> str:
    settle = (
        '<form method=post action="/_mock/page/settle">'
        '<button title="Wait until every callback that is due was attempted">Settle</button></form>'
    )
    if not isinstance(simulation.state.clock, SteppedClock):
        return f"<div class=time><span class=none>time passes by itself</span>{settle}</div>"
    steps = "".join(f"<button name=seconds value={step}>+{step} s</button>" for step in STEPS)
    return (
        f'<div class=time><form method=post action="/_mock/page/advance">{steps}</form>'
        '<form method=post action="/_mock/page/advance"><label>seconds '
        "<input name=seconds type=number min=0 step=any value=6 required></label>"
        f"<button>Advance</button></form>{settle}</div>"
    )


def _faults_form(operations: Mapping[str, tuple[str, str]]) -> str:
    quick = "".join(
        '<form method=post action="/_mock/page/faults">'
        + "".join(
            f'<input type=hidden name={name} value="{escape(value)}">'
            for name, value in fields.items()
        )
        + f"<button>{escape(label)}</button></form>"
        for label, fields in QUICK_FAULTS
    )
    kinds = "".join(
        f'<optgroup label="{escape(title)}">'
        + "".join(f"<option>{escape(kind)}</option>" for kind in sorted(group))
        + "</optgroup>"
        for title, group in GROUPS
    )
    names = "".join(f"<option>{escape(name)}</option>" for name in sorted(operations))
    clear = (
        '<form method=post action="/_mock/page/clear-faults">'
        "<button class=quiet>Remove all faults</button></form>"
    )
    return (
        f"<div class=quick>{quick}{clear}</div>"
        '<form class=plan method=post action="/_mock/page/faults"><h3>Plan a fault</h3>'
        f"<label>kind <select name=kind>{kinds}</select></label>"
        "<label>operation <select name=operation><option value='*'>any</option>"
        f"<option value={STORAGE}>uploads and downloads</option>"
        f"{names}</select></label>"
        "<label>status <input name=status type=number min=200 max=999 placeholder=500></label>"
        "<label>field <input name=field placeholder='output.outputs.0.url'></label>"
        "<label>contains <input name=contains placeholder='in path, query or body'></label>"
        "<label>count <input name=count type=number min=1 value=1></label>"
        "<label class=check><input type=checkbox name=always value=1> always</label>"
        "<button>Plan</button></form>"
    )


def _outcomes_form(simulation: Simulation) -> str:
    statuses = "".join(f"<option>{escape(status)}</option>" for status in sorted(OUTCOMES))
    models = "".join(f"<option>{escape(model.model_id)}</option>" for model in simulation.catalog)
    return (
        '<form class=plan method=post action="/_mock/page/outcomes"><h3>Plan how runs end</h3>'
        f"<label>status <select name=status>{statuses}</select></label>"
        "<label>model <select name=model><option value=''>any</option>"
        f"{models}</select></label>"
        "<label>failure code <input name=failure_code placeholder=PROVIDER_ERROR></label>"
        "<label>count <input name=count type=number min=1 value=1></label>"
        "<button>Plan</button></form>"
    )
