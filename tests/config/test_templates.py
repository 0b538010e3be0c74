"""Each template is used, and each kind of message has its templates and is sent by something."""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.template.utils import get_app_template_dirs

from config.templatetags import parts
from notifications.registry import kind_of, registered
from tests.config.test_code import LINES_ALIKE, mentions
from tools.rooms import FLOORS, ROOT, modules

TEMPLATES = ROOT / "templates"
NAMES = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()}
# Asked for by a name that no file of ours holds, and by whom.
ASKED_FOR_BY_OTHERS = {
    "429.html": "allauth, for too many tries",
    "piece/field.html": "crispy-forms, by the name of our pack",
    "piece/uni_form.html": "crispy-forms, by the name of our pack",
}
# What stands by hand though a component draws its like, and why.
HEADS_BY_HAND = {
    "agreements/commitment.html": "whose it is above its words, its state below them",
    "pages/circle_closed.html": "two lines below the name",
    "sessions/_session_head.html": "marks of the session above its name, a reason below the line",
    "sessions/session_guest.html": "the circle above it is no link: a guest has no page there",
    "sessions/session_past.html": "a mark of the session above its name",
}
PANELS_BY_HAND = {
    "agreements/agreement_print.html": "a whole page on paper, with its own head",
    "agreements/proposal.html": "named by the title of a clause, above its text",
    "agreements/propose.html": "a clause as it stands, without a heading",
    "circles/_changes.html": "a line above the heading",
    "formats/format_edit.html": "the panel is a form",
    "mfa/recovery_codes/index.html": "nothing names it: its heading is a count",
    "pages/account_delete.html": "the panel is a form",
    "pages/person_left.html": "the panel is a form",
    "programmes/people_import.html": "the panel opens and closes",
    "programmes/proposal_wait.html": "no heading: a script counts in it",
    "sessions/_room_journey.html": "the room exchanges it by its key",
    "sessions/_room_now.html": "its heading is in the form that it holds",
    "sessions/find_time.html": "the panel is a form",
    "shelf/_drawn.html": "named by the title of a clause, above its text",
}
PRESSES_BY_HAND = {
    "agreements/_commitment.html": "a box to tick, without a word on it",
    "agreements/_done.html": "a box to tick, without a word on it",
    "agreements/commitment.html": "a box to tick, without a word on it",
    "pages/waits/_action.html": "it looks like the links that stand in its place, as its page says",
    "sessions/_command.html": "what the room sends: every command of it is drawn there",
    "sessions/_room_commands_lobby.html": "the main command of a room, in its bar",
    "sessions/_room_told.html": "sent by the room’s script, which needs marks of its own",
    "sessions/live_sure.html": "the main command of a room, in its bar",
}
# Components that take what they need from the page around them, and why; every other is given it by name.
NOT_GIVEN_BY_NAME = {
    "_form.html": "the fields, their button and the token of whoever sends them, as the library gives them to its page",
    "_mail_returns.html": "its press needs the token of whoever sends it, and the person",
    "_messages.html": "what was done a moment ago",
    "_said.html": "what was done a moment ago",
    "_theme.html": "the look that is chosen, the page to come back to, and the token",
    "_topbar.html": "the person, their notices, the page, and the token",
}
PARTS_OF_A_MAIL = ("subject.txt", "body.txt", "body.html")


def mails() -> dict[str, str]:
    """The templates that kinds of message ask for, and a kind that does."""
    return {f"{kind_of(key).templates}_{part}": key for key in registered() for part in PARTS_OF_A_MAIL}


def test_each_kind_of_message_has_a_subject_a_text_and_a_page() -> None:
    assert {name: key for name, key in mails().items() if name not in NAMES} == {}
    assert len(mails()) > 150


def named_in_our_files() -> set[str]:
    """Names of templates, whole, in what Python or another template asks for; a template that names itself does not."""
    found = set[str]()
    for app in FLOORS:
        for path in modules(app):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    # Parts of pages are tags, and each names its template by its own name (`config/templatetags/parts.py`).
                    # The library asks for a mail by what the names of its two templates begin with.
                    mail = {f"{node.value}_{part}" for part in ("subject.txt", "message.txt")}
                    found |= {node.value, f"components/_{node.value}.html", *mail} & NAMES
    for name in NAMES:
        asked = set(re.findall(r"""["']([^"'\s]+)["']""", (TEMPLATES / name).read_text()))
        found |= (asked & NAMES) - {name}
    return found


def test_no_template_lies_unused() -> None:
    """Unused is what no view, tag, mail or other template names, and what takes the place of none of a library's."""
    libraries = get_app_template_dirs("templates")
    used = named_in_our_files() | set(mails())
    left = {name for name in NAMES - used if not any((Path(folder) / name).is_file() for folder in libraries)}
    assert left == set(ASKED_FOR_BY_OTHERS)


def test_each_kind_of_message_is_sent_by_something() -> None:
    """Besides the row that says what it is, something names its key: else nobody ever hears of it."""
    keys: dict[str, str] = {}
    groups = defaultdict[str, set[str]](set)
    named_by: set[str] = set()
    for path in (path for app in FLOORS for path in modules(app)):
        given = list(constants(path))
        for name, value in given:
            if isinstance(value, ast.Constant) and value.value in registered():
                keys[name] = value.value
            for one in ast.walk(value):
                if isinstance(one, ast.Name) and name != "KINDS":
                    groups[one.id].add(name)
        # Where the rows stand every key is named, and where the keys are gathered in groups they may be.
        if path.stem != "kinds" and not any(name == "KINDS" for name, _ in given):
            named_by |= set(mentions(path))
    assert set(keys.values()) == set(registered())
    assert [name for name in keys if not ({name} | groups[name]) & named_by] == []


def constants(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """What a file gives a name, one by one where several are given in a line."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.Assign) or not isinstance(target := node.targets[0], ast.Name | ast.Tuple):
            continue
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(target.elts, node.value.elts, strict=True)
            yield from ((one.id, value) for one, value in pairs if isinstance(one, ast.Name))
        elif isinstance(target, ast.Name):
            yield target.id, node.value


def test_no_twenty_lines_of_templates_stand_twice() -> None:
    """What recurs is a component. The text of a mail beside its page says the same in other lines."""
    first: dict[tuple[str, ...], str] = {}
    wrong = set()
    for name in sorted(NAMES):
        lines = [line.strip() for line in (TEMPLATES / name).read_text().splitlines() if line.strip()]
        for at in range(len(lines) - LINES_ALIKE + 1):
            there = first.setdefault(tuple(lines[at : at + LINES_ALIKE]), name)
            if there != name:
                wrong.add(f"{name} as {there}")
    assert wrong == set()


def by_hand(look: str) -> set[str]:
    """Templates besides the components in which something has a class."""
    pages = [name for name in NAMES if name.endswith(".html") and not name.startswith("components/")]
    pattern = rf'class="(?:[^"]*\s)?{look}(?=[\s"{{])'
    return {name for name in pages if re.search(pattern, (TEMPLATES / name).read_text())}


def test_a_page_has_its_head_from_the_component() -> None:
    assert by_hand("head") == set(HEADS_BY_HAND)


def test_a_panel_comes_from_the_component() -> None:
    assert by_hand("panel") == set(PANELS_BY_HAND)


def test_who_can_see_it_comes_from_a_component() -> None:
    assert by_hand("audience") == set()


def sent_by_one_button(name: str) -> bool:
    """Whether a form that writes holds one button and besides it only what nobody sees."""
    for form in re.findall(r"<form\b.*?</form>", (TEMPLATES / name).read_text(), re.DOTALL):
        unseen = r'<input\s+type="hidden"[^<>]*>|\{% (?:csrf_token|form_key|end\w+|if .*?|else) %\}|</?p>'
        head, *buttons = re.split(r"<button\b.*?</button>", re.sub(unseen, "", form, flags=re.DOTALL), flags=re.DOTALL)
        around = re.sub(r"^<form\b(?:[^<>{]|\{.*?\})*>", "", head, flags=re.DOTALL) + "".join(buttons)
        if 'method="post"' in form and len(buttons) == 1 and not around.removesuffix("</form>").strip():
            return True
    return False


def test_a_form_with_one_button_comes_from_the_component() -> None:
    pages = [name for name in NAMES if name.endswith(".html") and name != "components/_press.html"]
    assert {name for name in pages if sent_by_one_button(name)} == set(PRESSES_BY_HAND)


def includes() -> Iterator[tuple[str, str, str]]:
    """Where a template is included, which, and with what."""
    for name in NAMES:
        for asked, given in re.findall(r'\{% include "([^"]+)"(.*?)%\}', (TEMPLATES / name).read_text()):
            yield name, asked, given


def test_a_component_is_given_what_it_needs_by_name() -> None:
    parts = {(asked.removeprefix("components/"), given) for _, asked, given in includes() if "components/" in asked}
    assert {part for part, given in parts if not given.endswith(" only ")} == set(NOT_GIVEN_BY_NAME)


def test_a_form_that_is_given_what_it_needs_is_given_its_token() -> None:
    """Without it the form stands there, and whoever presses it is refused."""
    inside = [(name, asked) for name, asked, given in includes() if not given.endswith(" only ")]
    sent = {name for name in NAMES if re.search(r"\{% (?:csrf_token|press) ", (TEMPLATES / name).read_text())}
    for _depth in range(5):
        sent |= {name for name, asked in inside if asked in sent}
    given = [(name, asked) for name, asked, said in includes() if said.endswith(" only ") and "csrf_token=" not in said]
    assert [(name, asked) for name, asked in given if asked in sent] == []


def test_what_a_part_is_given_it_knows() -> None:
    """A part takes any name, so that one that is misspelt would be passed over in silence."""
    wrong = set()
    for name in NAMES:
        for part, given in re.findall(
            r"\{% (head|panel|row|audience|empty_state|press) (.*?) %\}", (TEMPLATES / name).read_text()
        ):
            own = inspect.signature(getattr(parts, part)).parameters
            drawn = (TEMPLATES / f"components/_{part}.html").read_text()
            named = re.findall(r"(?:^|\s)(\w+)=", re.sub(r'"[^"]*"', '""', given))
            wrong |= {
                f"{name}: {part} {one}" for one in named if one not in own and not re.search(rf"\b{one}\b", drawn)
            }
    assert wrong == set()
