"""A text is looked for in the catalogues of all packages once, and not at every use."""

from django.conf import settings
from django.utils.translation import gettext, trans_real


def test_a_text_is_looked_for_once() -> None:
    looked = trans_real.translation(settings.LANGUAGE_CODE).gettext.cache_info  # type: ignore[attr-defined]
    assert gettext("Said in the circle of catalogues") == "Said in the circle of catalogues"
    before = looked()
    gettext("Said in the circle of catalogues")
    assert (looked().hits, looked().misses) == (before.hits + 1, before.misses)
