"""Forms of the formats: how many people, a stage, a part, what a format is, a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import CleanField, offer
from circles.models import Circle
from sessions.formats import words
from sessions.formats.cards import cards, principles
from sessions.rules.format import IN_TURN
from sessions.rules.reading import LENGTHS, LONGEST_SESSION, LONGEST_STAGE, MOST_PEOPLE, STAGE_TEXTS

PEOPLE = [(n, n) for n in range(2, MOST_PEOPLE + 1)]
AT_MOST = [
    (45, _("At most 45 minutes")),
    (60, _("At most an hour")),
    (90, _("At most an hour and a half")),
    (120, _("At most two hours")),
]
FOR_WHAT = [
    ("several", _("Several of us bring something")),
    ("one", _("One matter in depth")),
    ("none", _("Without an issue")),
]
SPEEDS = [(1, _("At its real minutes")), (10, _("Ten times as fast")), (60, _("A minute in a second"))]


class MinutesField(forms.Field):
    """Minutes as people write them: 3, 2.5, 2:30. Gives a number of minutes, or None."""

    def __init__(self, *, most: int = LONGEST_STAGE, **options: Any) -> None:
        self.most = most
        widget = forms.TextInput(attrs={"inputmode": "decimal", "maxlength": "12"})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> float | int | None:
        """Minutes as people write them: `3`, `2.5`, `2,5`, `2½` or `2:30`; to the second, above 0."""
        text = str(value or "").strip()[:20].replace(",", ".").replace("½", ".5")
        if not text:
            return None
        try:
            whole, _colon, rest = text.partition(":")
            seconds = int(whole or 0) * 60 + int(rest) if _colon else round(float(text) * 60)
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("Write minutes as a number, such as 3, 2.5 or 2:30.")) from error
        if not 0 < seconds <= self.most * 60:
            raise ValidationError(_("Choose more than 0 and at most %s minutes.") % self.most)
        return seconds // 60 if seconds % 60 == 0 else seconds / 60

    def prepare_value(self, value: Any) -> Any:
        """Shown as it is written: 2.5 as 2:30."""
        if isinstance(value, (int, float)):
            whole, rest = divmod(round(value * 60), 60)
            return f"{whole}:{rest:02}" if rest else str(whole)
        return value


class HeadcountForm(forms.Form):
    """For how many people a format is shown."""

    people = forms.TypedChoiceField(
        label=_("Minutes for a circle of"),
        choices=PEOPLE,
        coerce=int,
        widget=forms.Select(attrs={"class": "input--s"}),
    )


class FormatSearchForm(HeadcountForm):
    """Which formats are looked for. Whatever is left empty, or makes no sense, is not asked about."""

    minutes = forms.TypedChoiceField(
        label=_("Length"),
        choices=[("", _("Any length")), *AT_MOST],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs={"class": "input--s"}),
    )
    purpose = forms.ChoiceField(
        label=_("What for"), choices=[("", _("Any purpose")), *FOR_WHAT], required=False, widget=forms.Select
    )
    words = CleanField(label=_("Word"), max_length=60, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["people"].required = False


class TryForm(forms.Form):
    """A rehearsal: how many people it pretends, and how fast."""

    people = forms.TypedChoiceField(label=_("With how many people?"), choices=PEOPLE, coerce=int)
    speed = forms.TypedChoiceField(label=_("How fast?"), choices=SPEEDS, coerce=int, initial=60)

    def __init__(self, *args: Any, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "people", [(n, n) for n in range(least, most + 1)])


class OneCircleForm(forms.Form):
    """Something for one of the circles that the form is given."""

    circle = forms.ChoiceField(label=_("For which circle?"))

    def __init__(self, *args: Any, circles: list[Circle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.circles = {str(circle.code): circle for circle in circles}
        offer(self, "circle", [(code, circle.name) for code, circle in self.circles.items()])

    def chosen(self) -> Circle:
        """The circle it is for; only after the form was found valid."""
        return self.circles[self.cleaned_data["circle"]]


class CopyForm(OneCircleForm):
    """A copy for one of the circles somebody looks after."""

    name = CleanField(
        label=_("What will you call it?"),
        max_length=LENGTHS["name"],
        error_messages={"required": _("Give your format a name.")},
    )


class StageForm(forms.Form):
    """One stage of a format."""

    name = CleanField(
        label=_("Name"),
        max_length=LENGTHS["name"],
        help_text=_("{presenter} stands for the presenter’s name."),
        error_messages={"required": _("Give the stage a name.")},
    )
    minutes = MinutesField(
        label=_("Minutes"), error_messages={"required": _("Say how many minutes, such as 3 or 2:30.")}
    )
    kind = forms.ChoiceField(
        label=_("These minutes are"),
        choices=[
            ("fixed", _("for the stage")),
            ("each", _("for each person, in turn")),
            ("shared", _("shared by all, in turn")),
            ("open", _("a guess: it takes the rest of the time")),
        ],
    )
    floor = forms.ChoiceField(label=_("Who speaks"), choices=lambda: list(words.floor_words().items()))
    rule = CleanField(
        label=_("What may be said"),
        max_length=LENGTHS["rule"],
        required=False,
        help_text=_("Shown to everyone for the whole stage. One or two short sentences."),
    )
    prompt = CleanField(label=_("Prompt"), max_length=LENGTHS["prompt"], required=False)
    first_rule = CleanField(
        label=_("What may be said in a circle’s first session, if that differs"),
        max_length=LENGTHS["first_rule"],
        required=False,
    )
    first_prompt = CleanField(
        label=_("Prompt in a circle’s first session, if it differs"), max_length=LENGTHS["first_prompt"], required=False
    )
    least = MinutesField(
        label=_("May shrink to"),
        required=False,
        help_text=_("When time is short. Empty: it keeps its length."),
    )
    most = MinutesField(label=_("May grow to"), required=False, help_text=_("When there is time to spare."))
    presenter = forms.ChoiceField(
        label=_("Where the presenter is"),
        choices=[
            ("in", _("in the circle")),
            ("listening", _("in the circle, listening")),
            ("away", _("turned away")),
            ("out", _("out of the circle")),
        ],
    )
    tint = forms.ChoiceField(
        label=_("What it is for"),
        choices=[
            ("round", _("everyone in turn")),
            ("bring", _("one person tells")),
            ("ask", _("questions")),
            ("give", _("counsel; shrinks first")),
            ("still", _("quiet")),
            ("rest", _("a break")),
        ],
    )
    part = forms.ChoiceField(
        label=_("Part of the session"),
        choices=[("", _("no special one")), ("check_in", _("check-in")), ("check_out", _("check-out; never cut"))],
        required=False,
    )
    optional = forms.BooleanField(label=_("Can be left out when time is short"), required=False)
    principle = forms.ChoiceField(label=_("Helping principle"), required=False)
    card = forms.ChoiceField(label=_("Training card"), required=False)

    def __init__(self, *args: Any, framed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = [("", _("none"))]
        offer(self, "principle", none + list(principles().items()))
        offer(self, "card", none + [(key, card.name) for key, card in cards().items()])
        if framed:
            for name in ("kind", "floor", "presenter", "part", "optional", "least", "most", "tint"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Least ≤ usual ≤ most, the check-out never shorter, and a floor that goes with how minutes are given."""
        data = super().clean() or {}
        usual = data.get("minutes")
        if usual and data.get("least") and data["least"] > usual:
            self.add_error("least", _("This is longer than the usual minutes."))
        if usual and data.get("most") and data["most"] < usual:
            self.add_error("most", _("This is shorter than the usual minutes."))
        if data.get("part") == "check_out" and data.get("least"):
            self.add_error("least", _("The check-out is never cut. Leave this empty."))
        in_turn = data.get("kind") in IN_TURN
        if "floor" in data and in_turn and data["floor"] not in ("each", "observer"):
            self.add_error("floor", _("When people speak in turn, choose “One after another”."))
        if "floor" in data and not in_turn and data["floor"] == "each":
            self.add_error("kind", _("For “One after another” choose minutes for each person, or shared by all."))
        return data

    def values(self, language: str) -> dict[str, Any]:
        """What `rules.editing.changed` takes."""
        data = self.cleaned_data
        texts = {name: {language: data[name]} for name in STAGE_TEXTS}
        values: dict[str, Any] = {"texts": texts, "minutes": data["minutes"]}
        for name in ("kind", "floor", "tint"):
            if name in data:
                values[name] = data[name]
        for name in ("least", "most", "part", "principle", "card"):
            if name in self.fields:
                values[name] = data.get(name) or None
        if "presenter" in data:
            values["presenter"] = data["presenter"] if data["presenter"] != "in" else None
        if "optional" in data:
            values["optional"] = True if data["optional"] else None
        return values


class BlockForm(forms.Form):
    """A part of a format: gone through once, for each presenter, or with rotating roles."""

    name = CleanField(label=_("Name of this part"), max_length=LENGTHS["name"], required=False)
    repeat = forms.ChoiceField(
        label=_("It happens"),
        choices=[
            ("once", _("once")),
            ("presenter", _("once for each presenter")),
            ("rotation", _("once for each person, with rotating roles of coach and observer")),
        ],
    )
    split = MinutesField(
        label=_("Minutes for all turns together"),
        most=LONGEST_SESSION,
        required=False,
        help_text=_("Divided among the presenters. Empty: every turn is as long as its stages."),
    )
    turn_most = MinutesField(label=_("At most for one turn"), required=False)
    between = MinutesField(label=_("Break between two turns"), required=False)

    def values(self, language: str) -> dict[str, Any]:
        """As `rules/editing` takes it. The longest turn goes with a split only; without a pause none is written."""
        data = self.cleaned_data
        pause = data["between"]
        return {
            "texts": {"name": {language: data["name"]}},
            "repeat": data["repeat"],
            "split": data["split"],
            "turn_most": data["turn_most"] if data["split"] else None,
            "between": break_of(pause, language) if pause else None,
        }


def break_of(minutes: float, language: str) -> dict[str, Any]:
    """A break between two turns, as a definition has it."""
    return {
        "key": "pause_between",
        "minutes": minutes,
        "floor": "break",
        "tint": "rest",
        "icon": "cup",
        "texts": {"name": {language: str(_("Break"))}, "rule": {language: str(_("Be back in time."))}},
    }


class AboutForm(forms.Form):
    """What a format is: its name, when to use it, whom it suits, what it needs."""

    name = CleanField(
        label=_("Name"), max_length=LENGTHS["name"], error_messages={"required": _("Give your format a name.")}
    )
    summary = CleanField(label=_("In one or two sentences"), max_length=LENGTHS["summary"], required=False, lines=True)
    when = CleanField(label=_("When to use it"), max_length=LENGTHS["when"], required=False, lines=True)
    when_not = CleanField(label=_("When not"), max_length=LENGTHS["when_not"], required=False, lines=True)
    least = forms.TypedChoiceField(label=_("From how many people"), choices=PEOPLE, coerce=int)
    most = forms.TypedChoiceField(label=_("Up to how many"), choices=PEOPLE, coerce=int)
    presenters = forms.TypedChoiceField(
        label=_("How many can present"), choices=[(n, n) for n in range(MOST_PEOPLE + 1)], coerce=int
    )
    before = forms.ChoiceField(
        label=_("What people bring"),
        choices=[
            ("issue", _("an issue, by those who want to present")),
            ("page", _("a written page, by the presenter")),
            ("choice", _("a line; the case is chosen together in the session")),
            ("nothing", _("nothing")),
        ],
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles it needs"),
        # A format has a host by itself.
        choices=[
            ("timekeeper", _("timekeeper")),
            ("scribe", _("scribe")),
            ("moderator", _("moderator")),
            ("clerk", _("clerk, who has done it before")),
            ("leader", _("leader, who is trained for it")),
            ("coach", _("coach, rotating")),
            ("observer", _("observer, rotating")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Least ≤ most, and no more present than can be there."""
        data = super().clean() or {}
        if data.get("least") and data.get("most") and data["most"] < data["least"]:
            self.add_error("most", _("This is fewer than the smallest number of people."))
        elif data.get("most") and data.get("presenters", 0) > data["most"]:
            self.add_error("presenters", _("More can present than there are people."))
        return data

    def values(self, language: str) -> dict[str, Any]:
        """As `rules/editing` takes it. The host is in every format, ticked or not."""
        data = self.cleaned_data
        count = data["presenters"]
        return {
            "texts": {name: {language: data[name]} for name in ("name", "summary", "when", "when_not")},
            "people": {"least": data["least"], "most": data["most"]},
            "presenters": {"least": min(1, count), "most": count},
            "before": data["before"],
            "roles": ["host", *data["roles"]],
        }


class FileForm(forms.Form):
    """A format as a file, or pasted."""

    file = forms.FileField(label=_("A format file"), required=False)
    text = forms.CharField(
        label=_("Or paste it here"), max_length=100_000, required=False, widget=forms.Textarea(attrs={"rows": 7})
    )

    def clean(self) -> dict[str, Any]:
        """A file or a pasted text, one of them; 100 kB and UTF-8. What it says is read by `rules/reading`."""
        data = super().clean() or {}
        upload = data.get("file")
        if upload is not None:
            if upload.size > 100_000:
                self.add_error("file", _("The file is larger than 100 kB; a format is much smaller."))
                return data
            try:
                data["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("This is not a text file. Save it as UTF-8."))
        elif not data.get("text"):
            self.add_error("file", _("Choose a file, or paste one below."))
        return data
