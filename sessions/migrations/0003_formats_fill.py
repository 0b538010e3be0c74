"""Gives each format its own code, and puts definitions into the shape that speaks of minutes and has a frame."""

import uuid
from copy import deepcopy
from typing import Any

from django.db import migrations

PARTS = ("check_in", "check_out")


def in_minutes(stage: dict[str, Any]) -> dict[str, Any]:
    seconds = stage.pop("seconds")
    stage["minutes"] = seconds // 60 if seconds % 60 == 0 else seconds / 60
    if stage["key"] in PARTS:
        stage["part"] = stage["key"]
    return stage


def with_frame(old: dict[str, Any]) -> dict[str, Any]:
    new = deepcopy(old)
    if "opening" in new:
        return new
    most = new.pop("most_presenters", new["people"]["most"])
    new["presenters"] = {"least": 1, "most": most}
    for block in new["blocks"]:
        for stage in block["stages"]:
            in_minutes(stage)
        for end in ("opening", "closing"):
            found = [stage for stage in block["stages"] if stage["key"] == end]
            new.update({end: stage for stage in found})
            block["stages"] = [stage for stage in block["stages"] if stage not in found]
    return new


def forwards(apps: Any, schema_editor: Any) -> None:
    for format_ in apps.get_model("circle_sessions", "Format").objects.all():
        format_.code = uuid.uuid4()
        format_.save(update_fields=["code"])
    for version in apps.get_model("circle_sessions", "FormatVersion").objects.all():
        version.definition = with_frame(version.definition)
        version.save(update_fields=["definition"])


def without_frame(new: dict[str, Any]) -> dict[str, Any]:
    old = deepcopy(new)
    old["most_presenters"] = old.pop("presenters", {}).get("most", old["people"]["most"]) or 1
    if old["blocks"]:
        old["blocks"][0]["stages"].insert(0, old.pop("opening"))
        old["blocks"][-1]["stages"].append(old.pop("closing"))
    for block in old["blocks"]:
        for stage in block["stages"]:
            stage["seconds"] = round(stage.pop("minutes") * 60)
    return old


def backwards(apps: Any, schema_editor: Any) -> None:
    for version in apps.get_model("circle_sessions", "FormatVersion").objects.all():
        version.definition = without_frame(version.definition)
        version.save(update_fields=["definition"])


class Migration(migrations.Migration):
    dependencies = [("circle_sessions", "0002_formats_engine")]
    operations = [migrations.RunPython(forwards, backwards, elidable=True)]
