"""How texts of mails are written, and what pages say of mail that cannot reach somebody. Loaded for every template."""

from datetime import datetime

from django import template
from django.conf import settings
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.utils.translation import gettext as _

from accounts.models import User
from notifications.selectors import refused_lately
from notifications.words import trouble_words

register = template.Library()


class OneLine(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        return self.nodelist.render(context)


def _in_one(text: str) -> str:
    first, *lines = text.split("\n")
    if not lines:
        return text
    *between, last = lines
    return "".join([first.rstrip(), *map(str.strip, between), last.lstrip()])


@register.tag
def one_line(parser: Parser, token: Token) -> OneLine:
    """What the mail has in one line and the template in several: a break, and what indents the next line, say nothing.

    A space that is meant stands within a line, or is the one of `{% blocktranslate trimmed %}`.
    """
    nodes = parser.parse(("endone_line",))
    parser.delete_first_token()
    for node in nodes.get_nodes_by_type(TextNode):
        assert isinstance(node, TextNode)
        node.s = _in_one(node.s)
    return OneLine(nodes)


@register.filter
def mail_trouble(trouble: str) -> str:
    """What a mail server answered, in words."""
    return trouble_words(trouble)


@register.simple_tag
def mail_refused_on(user: User) -> datetime | None:
    """When the last mail to somebody was refused at their address, if it was."""
    return refused_lately(user)


@register.simple_tag
def mail_goes_to_files() -> str:
    """Where mail is written when there is no mail server, or empty."""
    return "" if settings.EMAIL_HOST else str(settings.EMAIL_FILE_PATH)


@register.simple_tag
def no_mail_server() -> str:
    """What a page says that promises a mail where none can be sent; else empty. A server's folders are not shown."""
    if settings.EMAIL_HOST:
        return ""
    if not settings.EMBEDDED:
        return _("This site has no mail server, so no mail can reach you. Ask whoever runs it.")
    words = _("There is no mail server here: the mail lies as a file in %s, on the computer where Talking Piece runs.")
    return words % settings.EMAIL_FILE_PATH
