"""The editor's page: one address, every step an ordinary POST that says what to do and which step it had seen."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.refusals import refusals_said
from accounts.requests import get_or_post
from accounts.rules.clean import whole_number
from sessions.formats import selectors, services, words
from sessions.formats.access import FormatSeat, get_format_to_change
from sessions.formats.forms import AboutForm, BlockForm, HeadcountForm, StageForm
from sessions.models import Format
from sessions.rules import editing
from sessions.rules.definitions import FormatError
from sessions.rules.editing import Definition
from sessions.rules.format import FRAME
from sessions.rules.reading import MOST_PEOPLE, MOST_STAGES, STAGE_TEXTS, read_format

MOST_STEPS = 999_999_999
STEPS = ("up", "down", "remove", "place", "stage", "block", "about", "add", "part", "save", "drop")


@never_cache
@get_or_post
def edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Change a circle's own format. What is changed is kept as a draft until it is saved as a version."""
    seat, format_ = get_format_to_change(request.user, ref)
    definition: Definition = dict(format_.draft or seat.definition)
    if request.method != "POST":
        return render(request, "formats/format_edit.html", _page(request, seat, format_, definition))
    do, _colon, target = request.POST.get("do", "").partition(":")
    seen = whole_number(request.POST.get("seen", ""), most=MOST_STEPS)
    # No step of ours: the page as it is says more than an error would.
    if do not in STEPS or seen is None:
        return redirect("formats:edit", ref)
    with refusals_said(request):
        return _step(request, seat, format_, definition, do, target, seen)
    return redirect("formats:edit", ref)


def _step(
    request: HttpRequest, seat: FormatSeat, format_: Format, definition: Definition, do: str, target: str, seen: int
) -> HttpResponse:
    if do == "save":
        return _save(request, seat, format_, definition, seen)
    if do == "drop":
        services.draft_change(format=format_, definition=None, seen=seen)
        messages.success(request, _("The changes are gone; the format is as it was saved."))
        return redirect("formats:detail", seat.ref)
    if do in ("stage", "block", "about"):
        return _form_step(request, seat, format_, definition, do, target, seen)
    new, focus = _changed(request, definition, do, target)
    services.draft_change(format=format_, definition=new, seen=seen)
    return redirect(_back(request, seat.ref, stage=focus if do in ("add", "part") else "", focus=focus))


def _changed(request: HttpRequest, definition: Definition, do: str, target: str) -> tuple[Definition, str]:
    """The definition after a step that needs no form, and the stage to look at next."""
    name, language = str(_("New stage")), words.language()
    if do in ("up", "down"):
        return editing.moved(definition, target, -1 if do == "up" else 1), target
    if do == "place":
        return editing.placed(definition, target, request.POST.get("before", "")), target
    if do == "remove":
        return editing.removed(definition, target), ""
    at = whole_number(target, most=MOST_STAGES)
    if do == "add" and at is not None:
        return editing.added(definition, at, name, language)
    return editing.block_added(definition, target if target in ("presenter", "rotation") else "once", name, language)


def _back(request: HttpRequest, ref: str, *, stage: str = "", focus: str = "") -> str:
    people = whole_number(request.POST.get("people", ""), most=MOST_PEOPLE)
    query = "?" if people is None else f"?people={people}"
    # What is open stands in the address: the browser's way back leads to it, and nothing is kept on the server.
    query += f"&stage={stage}" if stage else ""
    return reverse("formats:edit", args=[ref]) + query + (f"#s-{focus}" if focus else "#stages")


def _form_step(
    request: HttpRequest, seat: FormatSeat, format_: Format, definition: Definition, do: str, target: str, seen: int
) -> HttpResponse:
    framed = target in FRAME
    form: StageForm | BlockForm | AboutForm
    if do == "stage":
        form = StageForm(request.POST, framed=framed)
    else:
        form = BlockForm(request.POST) if do == "block" else AboutForm(request.POST)
    if not form.is_valid():
        return render(
            request,
            "formats/format_edit.html",
            _page(request, seat, format_, definition, do=do, target=target, form=form),
        )
    values = form.values(words.language())
    if do == "stage":
        new = editing.changed(definition, target, values)
    elif do == "block":
        at = whole_number(target, most=MOST_STAGES)
        new = definition if at is None else editing.block_changed(definition, at, values)
    else:
        new = editing.about_changed(definition, values)
    services.draft_change(format=format_, definition=new, seen=seen)
    return redirect(_back(request, seat.ref, focus=target if do == "stage" else ""))


def _save(request: HttpRequest, seat: FormatSeat, format_: Format, definition: Definition, seen: int) -> HttpResponse:
    try:
        version = services.draft_save(format=format_, seen=seen, now=timezone.now())
    except FormatError:
        messages.warning(request, _("Not saved yet: something does not work out. It is listed above the stages."))
        return redirect(_back(request, seat.ref))
    messages.success(
        request, _("Saved as version %s. It counts from the next session that you schedule.") % version.number
    )
    return redirect("formats:detail", seat.ref)


def _page(
    request: HttpRequest,
    seat: FormatSeat,
    format_: Format,
    definition: Definition,
    *,
    do: str = "",
    target: str = "",
    form: Any = None,
) -> dict[str, Any]:
    """The editor as it stands. A definition that cannot be planned shows its problems instead of its bar."""
    asked = HeadcountForm(request.GET if request.method == "GET" else request.POST)
    problems: list[str] = []
    rule, looked = seat.rule, None
    try:
        rule = read_format(definition)
    except FormatError as error:
        problems = [f"{_where(definition, one.path)}{words.problem(one)}" for one in error.problems[:20]]
    people = asked.cleaned_data["people"] if asked.is_valid() else min(max(5, rule.least), rule.most)
    if not problems:
        looked = selectors.look(seat.ref, rule, people)
    stage = request.GET.get("stage", "") if do == "" else target if do == "stage" else ""
    part = request.GET.get("part", "") if do == "" else target if do == "block" else ""
    about = do == "about" or (do == "" and "about" in request.GET)
    return {
        "seat": seat,
        "circle": seat.membership.circle if seat.membership else None,
        "rule": rule,
        "look": looked,
        "problems": problems,
        "seen": format_.draft_seq,
        "changed": format_.draft is not None,
        "name": editing_text(definition, "name"),
        "people": people,
        "people_form": HeadcountForm(initial={"people": people}),
        "opening": _row(definition["opening"]),
        "ending": [_row(definition[part]) for part in FRAME[1:] if definition.get(part)],
        "parts": [_part(at, block, looked) for at, block in enumerate(definition["blocks"])],
        "open_stage": stage,
        "open_part": part,
        "open_about": about,
        "form": form,
        "stage_form": (form if do == "stage" else _stage_form(definition, stage)) if stage else None,
        "part_form": (form if do == "block" else _part_form(definition, part)) if part else None,
        "about_form": (form if do == "about" else _about_form(definition)) if about else None,
    }


def editing_text(holder: dict[str, Any], name: str) -> str:
    """A text of a definition in the reader's language, else in English, else any."""
    versions = holder.get("texts", {}).get(name, {})
    return versions.get(words.language()) or versions.get("en") or next(iter(versions.values()), "")


def _where(definition: Definition, path: tuple[str | int, ...]) -> str:
    """The name of the stage a problem is about."""
    if len(path) >= 4 and path[0] == "blocks" and path[2] == "stages":
        stage = definition["blocks"][int(path[1])]["stages"][int(path[3])]
        return f"{words.named(editing_text(stage, 'name'))}: "
    return ""


def _row(stage: dict[str, Any]) -> dict[str, Any]:
    """One stage as the list shows it, right or wrong."""
    given = stage.get("minutes")
    seconds = round(given * 60) if isinstance(given, (int, float)) else 0
    kinds = {"each": _("min each"), "shared": _("min, shared"), "open": _("min or the rest")}
    return {
        "key": stage.get("key", ""),
        "name": words.named(editing_text(stage, "name")),
        "minutes": words.minutes(seconds),
        "unit": kinds.get(stage.get("kind", ""), _("min")),
        "floor": words.floor_words().get(stage.get("floor", ""), ""),
        "rule": editing_text(stage, "rule"),
        "prompt": editing_text(stage, "prompt"),
        "tint": stage.get("tint", "round"),
        "optional": bool(stage.get("optional")),
    }


def _part(at: int, block: dict[str, Any], looked: selectors.Look | None) -> dict[str, Any]:
    lines = selectors.block_lines(looked.rule, looked.plan) if looked else []
    pause = block.get("between")
    return {
        "at": at,
        "name": editing_text(block, "name"),
        "repeats": block.get("repeat", "once") != "once",
        "rotates": block.get("repeat") == "rotation",
        "rows": [_row(stage) for stage in block["stages"]],
        "sum": lines[at] if at < len(lines) else None,
        "pause": words.minutes(round(pause["minutes"] * 60)) if pause else "",
    }


def _stage_form(definition: Definition, key: str) -> StageForm | None:
    stage = editing.find(definition, key)
    if stage is None:
        return None
    started = {name: stage.get(name) for name in ("minutes", "least", "most", "floor", "principle", "card", "part")}
    started |= {name: editing_text(stage, name) for name in STAGE_TEXTS}
    started |= {
        "kind": stage.get("kind", "fixed"),
        "presenter": stage.get("presenter", "in"),
        "tint": stage.get("tint", "round"),
        "optional": stage.get("optional", False),
    }
    return StageForm(initial=started, framed=key in FRAME)


def _part_form(definition: Definition, at: str) -> BlockForm | None:
    number = whole_number(at, most=MOST_STAGES)
    if number is None or number >= len(definition["blocks"]):
        return None
    block = definition["blocks"][number]
    started = {name: block.get(name) for name in ("split", "turn_most")}
    pause = block.get("between", {}).get("minutes")
    return BlockForm(
        initial=started | {"name": editing_text(block, "name"), "repeat": block.get("repeat", "once"), "between": pause}
    )


def _about_form(definition: Definition) -> AboutForm:
    people, presenters = definition["people"], definition.get("presenters", {})
    started = {name: editing_text(definition, name) for name in ("name", "summary", "when", "when_not")}
    return AboutForm(
        initial=started
        | {
            "least": people["least"],
            "most": people["most"],
            "presenters": presenters.get("most", people["most"]),
            "before": definition.get("before", "issue"),
            "roles": definition.get("roles", []),
        }
    )
