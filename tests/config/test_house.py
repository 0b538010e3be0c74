"""The floors of the house: imports and foreign keys only go down, and only services write."""

import ast
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from tools.rooms import FLOORS, ROOT, WINGS, above_it, against_the_order, modules, modules_named, named, named_in

PURE = sorted(str(path.relative_to(ROOT)) for app in FLOORS for path in (ROOT / app).rglob("rules/*.py"))
# Besides Python's own, what a rule may use: reading and sealing, which need no machine.
MAY_RULES_USE = {"cryptography", "holidays", "idna"}
WRITERS = (
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "save",
    "get_or_create",
    "update_or_create",
)
# What is written to and no row: the fields of a form, a mailbox on another server and its folders.
NO_ROWS = {"self.fields", "box", "box.folder"}
MAY_WRITE = {
    "circles/sealed.py",  # notes what is deleted for good, wherever it is
    "accounts/models.py",  # managers and compare-and-set that services call
    "notifications/models.py",
    "notifications/outbox.py",  # the outbox's own turn
    "notifications/claims.py",  # its compare-and-sets
    "notifications/gate.py",  # what it knows of the mail server
    "accounts/forms.py",  # allauth's sign-up hook hands the new user to this form
    "sessions/formats/library.py",  # a library format's row is made at first use
    "sessions/journeys/library.py",  # as that of a format
    "demonstration/circles.py",
    "demonstration/programme.py",
    "demonstration/shelf.py",
    "demonstration/management/commands/bench_mail.py",
    "demonstration/management/commands/bench_programme.py",  # rows by the thousand, for measurements
    "demonstration/management/commands/bench_sessions.py",  # people without a password, for measurements
}


# What lives on which floor inside an app, or inside a wing of one, from below; a name that is not here lies where its
# imports put it, between what it uses and who uses it.
INSIDE = (
    ("rules/*",),
    ("enums", "kinds"),
    ("models", "models/*"),
    ("access", "*_access", "selectors", "*_selectors"),
    ("services", "*_services"),
    ("forms", "*_forms", "mails", "*_mails", "mails/*"),
    ("views", "*_views", "tasks", "admin", "management/*"),
    ("urls", "apps"),
)


def imported(path: Path) -> set[str]:
    return {name.split(".")[0] for name in modules_named(path)}


@pytest.mark.parametrize("app", [app for app in FLOORS if (ROOT / app).is_dir()])
def test_imports_only_go_down(app: str) -> None:
    above = set(FLOORS[FLOORS.index(app) + 1 :])
    wrong = {str(path.relative_to(ROOT)): found for path in modules(app) if (found := imported(path) & above)}
    assert wrong == {}


def test_no_room_needs_what_stands_beside_the_house() -> None:
    """Tests, benches and tools are left out of the image (`.dockerignore`): a room that used them would fail there."""
    wrong = [
        str(path.relative_to(ROOT))
        for app in FLOORS
        for path in modules(app)
        if imported(path) & {"tests", "bench", "tools"}
    ]
    assert wrong == []


def floor_of(module: str) -> int | None:
    """The floor of a module inside its app by its name, such as `sessions.live.past_selectors`."""
    folders, name = module.split(".")[1:-1], module.split(".")[-1]
    for floor, patterns in enumerate(INSIDE):
        for pattern in patterns:
            if pattern.removesuffix("/*") in folders if pattern.endswith("/*") else fnmatch(name, pattern):
                return floor
    return None


@pytest.mark.parametrize("app", FLOORS[:-1])
def test_imports_go_down_inside_every_app_too(app: str) -> None:
    """Rules below models below reads below services below forms below views, also by way of files with other names."""
    graph = {named(path): {one for one in modules_named(path) if one.startswith(f"{app}.")} for path in modules(app)}
    wrong = []
    for module in graph:
        floor = floor_of(module)
        seen, waiting = set[str](), [module] if floor is not None else []
        while waiting:
            for one in graph.get(waiting.pop(), set()) - seen:
                seen.add(one)
                below = floor_of(one)
                if below is None:
                    waiting.append(one)
                elif floor is not None and below > floor:
                    wrong.append(f"{module} reaches {one}")
    assert wrong == []


def test_wings_are_used_one_way_only() -> None:
    assert against_the_order() == []


def test_a_wing_is_seen_however_it_is_imported() -> None:
    """Whole packages, relative ones, and a module beside a name of its package."""
    app, wings = "sessions", WINGS["sessions"]
    for words, found in (
        ("from sessions import live", ["sessions.live"]),
        ("from sessions.live import services, __doc__", ["sessions.live", "sessions.live.services"]),
        ("import sessions.live.services", ["sessions.live.services"]),
        ("from ..live import services", ["sessions.live.services"]),
        ("from .. import live", ["sessions.live"]),
        ("def late():\n    from sessions.live.services import session_command", ["sessions.live.services"]),
        ("from . import services", []),
        ("from sessions.formats import library", []),
    ):
        used = named_in(ast.parse(words), ["sessions", "planning"])
        assert above_it("sessions.planning.views", used, app, wings) == found
        assert above_it("sessions.mails.table", used, app, wings) == []
    assert above_it("sessions.access", {"sessions.formats.library"}, app, wings) == ["sessions.formats.library"]


def test_foreign_keys_only_go_down() -> None:
    labels = {"circle_sessions": "sessions"}
    wrong = []
    for model in apps.get_models():
        own = labels.get(model._meta.app_label, model._meta.app_label)
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not field.concrete or target is None or own not in FLOORS:
                continue
            other = labels.get(target._meta.app_label, target._meta.app_label)
            if other in FLOORS and FLOORS.index(other) > FLOORS.index(own):
                wrong.append(f"{model.__name__}.{field.name}")
    assert wrong == []


def test_no_two_members_of_an_enum_have_one_value() -> None:
    """Python makes the second an alias of the first, and what is said of one is said of the other."""
    for app in FLOORS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and {
                    "Enum",
                    "TextChoices",
                    "IntegerChoices",
                    "StrEnum",
                    "IntEnum",
                } & {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}:
                    values = [ast.dump(first_of(one.value)) for one in node.body if isinstance(one, ast.Assign)]
                    assert len(values) == len(set(values)), f"{path}: {node.name}"


def first_of(value: ast.expr) -> ast.expr:
    """What a member is worth: of a value and a label, the value."""
    return value.elts[0] if isinstance(value, ast.Tuple) else value


@pytest.mark.parametrize("name", PURE)
def test_rules_are_plain_python(name: str) -> None:
    """What stands in a folder `rules` knows Python, other rules, and neither database nor clock."""
    plain = sys.stdlib_module_names | MAY_RULES_USE
    wrong = {one for one in modules_named(ROOT / name) if one.split(".")[0] not in plain and ".rules" not in one}
    assert wrong == set()
    assert "datetime.now" not in (ROOT / name).read_text()


def test_only_services_write() -> None:
    """Calls such as `row.save()`, `rows.delete()` and `.objects.create()`, of whatever they are calls, stand in services,
    migrations and the few places named above."""
    wrong = []
    for app in FLOORS:
        for path in modules(app):
            name = str(path.relative_to(ROOT))
            if "services" in path.name or name in MAY_WRITE:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if node.func.attr in WRITERS and ast.unparse(node.func.value) not in NO_ROWS:
                    wrong.append(f"{name}:{node.lineno} {ast.unparse(node.func)}")
    assert wrong == []
    assert [name for name in sorted(MAY_WRITE) if not (ROOT / name).is_file()] == []


def test_no_row_is_written_whole_over_what_others_wrote() -> None:
    """A row that was read a moment ago is written back in named columns only; a new one says that it is new.

    What such a `save()` does not name it would set back to what it was: a circle opens again that was closed meanwhile.
    """
    wrong = []
    for app in FLOORS:
        for path in modules(app):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if node.func.attr not in ("save", "asave", "save_base"):
                    continue
                said = {keyword.arg for keyword in node.keywords}
                if not said & {"update_fields", "force_insert"}:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}")
    assert wrong == []


# Besides views, tasks and commands: where whoever calls hands no `now`.
LOOK_AT_THE_CLOCK = {
    "accounts/cache_services.py",  # Django's interface of a cache
    "accounts/idempotent.py",  # a wrapper of views
    "accounts/invitations.py",  # what may sign up, asked by the library
    "accounts/signing.py",  # signals of the library, in the middle of a request of its own
    "accounts/templatetags/times.py",  # filters that are given a moment and nothing else
    "agreements/signing.py",  # what two views do with a form
    "config/asgi.py",  # how often in a while something was refused, before there is a view
    "config/beat.py",  # the schedule itself
    "config/context.py",  # of a page as it is drawn
    "config/mail.py",  # the name of a mail that lies in a folder
    "pages/doors.py",  # where the library says that a mailbox was proved
    "pages/organisation.py",  # where the library signs somebody in through their organisation
    "pages/templatetags/places.py",  # of a page as it is drawn
    "sessions/live/stream.py",  # streams live for hours, beside every view
}
# How long something took (`time.monotonic`) is no time of day, and nothing is decided by it but when to stop trying.
CLOCKS = re.compile(
    r"\b(?:timezone\.(?:now|localdate|localtime)\(\)|datetime\.(?:now|utcnow|today)\(|date\.today\(|time\.time(?:_ns)?\()"
)


def test_only_views_tasks_and_commands_look_at_the_clock() -> None:
    looking = {
        str(path.relative_to(ROOT))
        for app in FLOORS
        for path in modules(app)
        if not (path.name.endswith("views.py") or path.name == "tasks.py" or "commands" in path.parts)
        and CLOCKS.search(path.read_text())
    }
    assert looking == LOOK_AT_THE_CLOCK


def test_refusals_are_said_and_people_are_read_from_a_request_in_one_way() -> None:
    """`accounts/refusals.py` and `accounts/requests.py` hold what every view would repeat otherwise."""
    by_hand = (
        "except SentBefore",
        "warning(request, str(",
        'http_methods(["GET", "HEAD", "POST"])',
        "cast(User, request.user)",
    )
    repeated = [
        f"{path.relative_to(ROOT)}: {one}"
        for app in FLOORS
        for path in modules(app)
        for one in by_hand
        if one in path.read_text()
    ]
    assert repeated == [
        "accounts/acting.py: except SentBefore",
        "accounts/refusals.py: warning(request, str(",
        'accounts/requests.py: http_methods(["GET", "HEAD", "POST"])',
        "accounts/requests.py: cast(User, request.user)",
    ]


def test_numbers_are_read_in_one_place() -> None:
    """`str.isdigit` takes `²`, of which `int` makes an error: what people send is read by `whole_number`."""
    asking = [
        str(path.relative_to(ROOT))
        for app in FLOORS
        for path in (ROOT / app).rglob("*.py")
        if any(f".{word}(" in path.read_text() for word in ("isdigit", "isdecimal", "isnumeric"))
    ]
    assert sorted(asking) == ["accounts/rules/clean.py", "config/env.py"]


def test_files_and_functions_can_be_read_at_once() -> None:
    """A file has at most 400 lines, one of tests 500, and of a hundred functions at most one has more than forty."""
    files = {str(path.relative_to(ROOT)): path.read_text() for app in FLOORS for path in modules(app)}
    drawn = [path for kind in ("css", "js") for path in (ROOT / "static").rglob(f"*.{kind}")]
    drawn += (ROOT / "templates").rglob("*.html")
    beside = [path for folder in ("bench", "tools") for path in modules(folder)]
    assert len(drawn) > 400
    read = files | {str(path.relative_to(ROOT)): path.read_text() for path in (*drawn, *beside)}
    assert {name: text.count("\n") for name, text in read.items() if text.count("\n") > 400} == {}
    tests = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in modules("tests")}
    assert {name: lines for name, lines in tests.items() if lines > 500} == {}
    assert len(beside) > 30
    assert len(tests) > 200
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for text in files.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(lengths) > 2000
    assert sum(length > 40 for length in lengths) <= len(lengths) / 100


def test_every_app_with_models_has_migrations() -> None:
    for app in ("accounts", "notifications", "circles", "agreements", "sessions", "programmes"):
        assert (ROOT / app / "migrations" / "__init__.py").is_file()


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_setting_of_ours_takes_djangos_prefix() -> None:
    from django.conf import global_settings

    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    names = {t.id for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    assert {name for name in names if name.startswith("SESSION_") and not hasattr(global_settings, name)} == set()


def test_templates_hold_no_inline_script_or_style_and_no_other_host() -> None:
    """Mails are exempt from the style rule: their programs read nothing else."""
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        name = str(path.relative_to(ROOT))
        if "/email/" in name or name.startswith("templates/mail/"):
            continue
        if " style=" in text or "<style" in text or "onclick=" in text or "<script>" in text or "|safe" in text:
            wrong.append(name)
        if 'src="http' in text or 'href="http' in text:
            wrong.append(name)
    assert wrong == ["templates/mfa/totp/activate_form.html"]  # the QR code that allauth draws


def test_no_attribute_hangs_on_what_stands_before_it() -> None:
    """`<section{% if … %} class="panel"{% endif %}id="bring">` makes an element `sectionid` where the condition fails."""
    hangs = re.compile(r'(?:\{%\s*end\w+\s*%\}|\}\}|")[a-z][a-z-]*="')
    wrong = {
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in (ROOT / "templates").rglob("*.html")
        for found in hangs.finditer(path.read_text())
    }
    assert wrong == set()


# Parts of a service that call a lock of their own, and are called by services whose transaction it is.
WITHIN_ANOTHERS = {
    "often_written_to": "asked by whatever writes to addresses, which holds them to its end",
    "session_end": "the last event of a press",
    "session_make": "one date, of a session or of a series",
    "session_change": "one session, of an edit or of all that follow",
}


def test_whoever_holds_a_row_is_in_a_transaction() -> None:
    """Outside one PostgreSQL refuses to lock, and on SQLite nothing is held. `each` begins one for every row."""
    wrong, within = [], set()
    for path in (path for app in FLOORS for path in modules(app) if path.stem.endswith("services")):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.name.endswith("_lock"):
                continue
            called = {
                getattr(one.func, "id", getattr(one.func, "attr", ""))
                for one in ast.walk(node)
                if isinstance(one, ast.Call)
            }
            begins = any("transaction.atomic" in ast.unparse(one) for one in (*node.decorator_list, *node.body))
            if begins or called & {"each", "together"} or not any(name.endswith("_lock") for name in called):
                continue
            if node.name in WITHIN_ANOTHERS:
                within.add(node.name)
            else:
                wrong.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert wrong == []
    assert within == set(WITHIN_ANOTHERS)
