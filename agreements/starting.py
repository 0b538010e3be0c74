"""The agreements a new circle may start from, in our own words; the circle makes its own of one. Pure data."""

from django.utils.translation import gettext_noop as _

Clauses = tuple[tuple[str, str], ...]

SHARED: Clauses = (
    ("confidentiality", _("What is said in the circle stays in the circle. We may tell what we learned ourselves, never whose story it was.")),
    ("confidentiality", _("The limit of silence: if someone is in danger, or the law or a duty obliges one of us to act, we say so in the circle first where we can.")),
    ("respect", _("Here we are equals, whatever our titles outside. Each voice gets the same time.")),
    ("respect", _("We listen to the end. Passing is always allowed, and nobody is asked why.")),
    ("conflict", _("When something is not right between two of us, we name it within a week: to each other first, then in the circle.")),
    ("conflict", _("Anyone may say “pause” at any moment. The clock stops.")),
    ("responsibilities", _("Roles go round. A role never costs the person who holds it their own turn to bring an issue.")),
    ("responsibilities", _("Whoever brings an issue owns it. We help them think; we do not take it over.")),
    ("accountability", _("Each of us may leave with one commitment: a date, and a person who will ask how it went.")),
    ("accountability", _("We ask each other what we learned, not only whether it worked.")),
    ("scope", _("We bring real questions from our work that we can do something about. This is no therapy and no place to judge absent people.")),
    ("feedback", _("Feedback names what someone did and what it did to us. We ask before we give it, and receive it with thanks.")),
    ("attendance", _("We come, on time and to the end. Whoever cannot come says so as soon as they know.")),
    ("recording", _("Never: nobody records a session or has it written down by a machine.")),
    ("breach", _("First: whoever notices tells the person concerned, alone and soon, what they saw and what it did to them.")),
    ("breach", _("Next: if that is not enough, we talk about it in the circle, before anything else that day.")),
    ("breach", _("Last: if we cannot mend it, we put the circle on hold, ask somebody outside to help us, and each of us decides freely whether to go on.")),
)  # fmt: skip

PAIR: Clauses = (
    ("confidentiality", _("What one of us tells the other goes no further, not even as a good example.")),
    ("confidentiality", _("The limit of silence: if someone is in danger, or the law or a duty obliges one of us to act, we tell each other first where we can.")),
    ("respect", _("We share the time in halves, whoever has the bigger question today.")),
    ("respect", _("We listen to the end. “I would rather not go into that” is a full answer.")),
    ("conflict", _("When something is not right between us, we say so before the next session begins.")),
    ("responsibilities", _("Whoever is coached owns the question; whoever coaches keeps the time. Then we change over.")),
    ("accountability", _("Each of us leaves with one commitment and a date, and the other asks how it went.")),
    ("accountability", _("We ask each other what we learned, not only whether it worked.")),
    ("scope", _("We bring real questions from our work that we can do something about. This is no therapy and no place to judge absent people.")),
    ("feedback", _("We ask before we give feedback, say what we saw and what it did to us, and receive it with thanks.")),
    ("attendance", _("We keep our appointments or move them early, and neither of us moves two in a row.")),
    ("recording", _("Never: neither of us records a session or has it written down by a machine.")),
    ("breach", _("First: whoever notices says so, as soon as they can say it calmly.")),
    ("breach", _("Next: we take the first ten minutes of the next session for it.")),
    ("breach", _("Last: if we cannot mend it, we stop, thank each other, and what was said stays where it was said.")),
)  # fmt: skip

COMPANY_ONLY: Clauses = (
    ("confidentiality", _("Nothing from here is used in an appraisal, a project, a promotion or a corridor, for or against anybody.")),
    ("scope", _("Nobody here decides about the pay, the review or the job of anybody else here. If that changes, we say so at once.")),
    ("scope", _("We name clients, colleagues and figures only as far as the question needs it.")),
)  # fmt: skip

ORDER = (
    "confidentiality", "respect", "conflict", "responsibilities", "accountability", "scope", "feedback", "attendance",
    "recording", "breach",
)  # fmt: skip


def ordered(clauses: Clauses) -> Clauses:
    """The clauses by theme, in the order in which an agreement is read."""
    return tuple(sorted(clauses, key=lambda clause: ORDER.index(clause[0])))


# What each is called stands in `agreements.enums.Start`.
STARTS: dict[str, Clauses] = {
    "circle": SHARED,
    "pair": PAIR,
    "company": ordered(SHARED + COMPANY_ONLY),
}
