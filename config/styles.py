"""The stylesheet: `static/css/NN-part.css`, one file a part, served as one `style.css`."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage

STYLE = "style.css"


def parts() -> Iterator[Path]:
    """The files of the stylesheet in the order in which they are joined: by name, layers first."""
    yield from sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))


def joined() -> str:
    """The whole stylesheet. Each part keeps its first line, which says what stands in it."""
    return "\n".join(part.read_text(encoding="utf-8") for part in parts())


class StyleFinder(BaseStorageFinder):
    """Finds `style.css`, joined when the process starts.

    A file of its own for each process: whoever collects or serves static files needs a path, and the folder of the
    code may be one that nobody can write to.
    """

    def __init__(self) -> None:
        self.folder = TemporaryDirectory(prefix="styles-")
        (Path(self.folder.name) / STYLE).write_text(joined(), encoding="utf-8")
        super().__init__(storage=FileSystemStorage(location=self.folder.name))
