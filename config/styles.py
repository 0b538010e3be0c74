"""The stylesheet: `static/css/NN-part.css`, one file a part, served as one `style.css`; and how files are named."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLE = "style.css"


def parts() -> Iterator[Path]:
    """The files of the stylesheet in the order in which they are joined: by name, layers first."""
    yield from sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))


def slim(words: str) -> str:
    """Rules without what is written for whoever reads them: comments, and the space beside `{`, `;` and `}`.

    Space elsewhere may have a meaning (`a :hover`, `1px + 2px`) and stays.
    """
    without = re.sub(r"/\*.*?\*/", "", words, flags=re.DOTALL)
    return re.sub(r" ?([{};]) ?", r"\1", " ".join(without.split())).replace(";}", "}")


def joined() -> str:
    """The whole stylesheet as browsers get it."""
    return slim("\n".join(part.read_text(encoding="utf-8") for part in parts()))


@cache
def _folder() -> TemporaryDirectory[str]:
    """One for each process: whoever collects files needs a path, and the folder of the code may be closed to it."""
    folder = TemporaryDirectory(prefix="styles-")
    (Path(folder.name) / STYLE).write_text(joined(), encoding="utf-8")
    return folder


class StyleFinder(BaseStorageFinder):
    """Finds `style.css`, joined when the process starts."""

    def __init__(self) -> None:
        super().__init__(storage=FileSystemStorage(location=_folder().name))


class NamedByContent(CompressedManifestStaticFilesStorage):
    """Files have a hash of what is in them in their name, so that browsers keep them for good."""

    support_js_module_import_aggregation = True
