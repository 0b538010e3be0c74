"""What every mail of this site says of itself, and how one about signing in looks."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

# No "I am away" comes back, neither by the standard nor by what Exchange reads.
FROM_A_PROGRAM = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}

# What a link of a mail about signing in is for, by the name allauth gives it.
LABELS = {
    "password_reset_url": _("Choose a new password"),
    "activate_url": _("This is my address"),
    "signup_url": _("Create an account"),
    "put_back": _("Put it back"),
}


class Paragraph(NamedTuple):
    """One paragraph of a mail: words, a code to type, or a link, which is a button where it has a label."""

    words: str
    label: Any = ""
    is_link: bool = False
    is_code: bool = False


def page_of(text: str, *, subject: str, context: Mapping[str, Any]) -> str:
    """The text of a mail about signing in as a page in the look of all others.

    Made from the text itself, so that both say the same. The last paragraph names the site, which stands at the foot.
    """
    labels = {_whole(context[name]): label for name, label in LABELS.items() if context.get(name)}
    *told, _site = text.strip().split("\n\n")
    paragraphs = []
    for words in (" ".join(one.split()) for one in told):
        is_link = words.startswith(("http://", "https://")) and " " not in words
        is_code = words == str(context.get("code", ""))
        if words:
            paragraphs.append(Paragraph(words, labels.get(words, ""), is_link, is_code))
    return render_to_string(
        "mail/plain.html", {"head": subject, "paragraphs": paragraphs, "site_url": settings.SITE_URL}
    )


def _whole(link: str) -> str:
    return link if link.startswith("http") else settings.SITE_URL + link
