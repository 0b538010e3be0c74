"""Style sheets in one form: what is in another is named, put into it, and means the same."""

from pathlib import Path

import pytest

from tools import style_format
from tools.style_format import formatted


def test_one_declaration_a_line_and_a_second_time_changes_nothing() -> None:
    source = '/* parts */\n@layer a {\n.ring>li, .ring :hover { gap: 1rem; font: 1rem "A",\n      serif }\n}\n'
    made = formatted(source)
    assert made == (
        "/* parts */\n@layer a {\n  .ring > li, .ring :hover {\n    gap: 1rem;\n"
        '    font: 1rem "A",\n      serif\n  }\n}\n'
    )
    assert formatted(made) == made


def test_checking_names_what_is_in_another_form_or_too_long_and_changes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(style_format, "STYLES", tmp_path)
    sheet = tmp_path / "10-ring.css"
    sheet.write_text(".ring { gap: 1rem; }\n")
    assert style_format.main(check=True) == 1
    assert "not in this form: 10-ring.css" in capsys.readouterr().out
    assert sheet.read_text() == ".ring { gap: 1rem; }\n"
    assert style_format.main(check=False) == 0
    assert sheet.read_text() == ".ring {\n  gap: 1rem;\n}\n"
    assert style_format.main(check=True) == 0
    sheet.write_text(".ring {\n  gap: " + " ".join(["1rem"] * 30) + ";\n}\n")
    assert style_format.main(check=True) == 1
    assert "10-ring.css:2: longer than 120 columns" in capsys.readouterr().out
