"""The one way to declare a text that only its circle may read: encrypted at rest, opened when it is looked at.

    class Note(SealedModel):
        text = SealedTextField()

A missing key or a changed text shows as `Unreadable`, never as an error, and is never written back.
Look-ups, `update()` and `bulk_update()` on such a field raise: they would compare or store the wrong bytes.
"""

import base64
import uuid
from typing import Any, ClassVar, cast

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.leftover_services import leftovers_note
from circles.rules import crypto
from circles.vault import Vault


class Unreadable(str):
    """Stands where a text should be that cannot be opened now."""

    __slots__ = ()


def unreadable() -> Unreadable:
    return Unreadable(_("This text cannot be read at the moment."))


class NotWrittenBack(FieldError, crypto.CannotOpen):
    """A row with a text that cannot be opened now was to be saved with the words that stand in its place."""


class SealedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text in the program, ciphertext in the column, in dumps and in every export of the database.

    With `room` every text is sealed as long as that many characters: its length tells not even whether there is one.
    """

    def __init__(self, *args: Any, room: int = 0, **options: Any) -> None:
        options.setdefault("editable", False)
        self.room = room
        super().__init__(*args, **options)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _Opener(self))

    def about(self, row: "SealedModel") -> str:
        """What the ciphertext is bound to: model, field, vault, row."""
        return f"{row._meta.label}.{self.name}:{row.vault.code}:{row.code}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        row = cast(SealedModel, model_instance)
        # The dictionary and not the attribute: asking for that would open what is sealed, to seal it again.
        held = row.__dict__.get(self.attname)
        if isinstance(held, Unreadable):
            raise NotWrittenBack(f"{self.name}: a text that cannot be read must not be written back")
        if isinstance(held, str):
            return crypto.seal(row.vault.data_key(), held.ljust(self.room), self.about(row))
        return held

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            raise FieldError(f"{self.name} is sealed: save the row, do not update or look it up by text")
        return super().get_db_prep_value(value, connection, prepared)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed and cannot be searched")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is sealed and cannot be searched")

    def value_from_object(self, obj: models.Model) -> Any:
        """The ciphertext: this is what serialisers such as `dumpdata` ask for."""
        return self.pre_save(obj, add=False)

    def value_to_string(self, obj: models.Model) -> str:
        return base64.b64encode(bytes(self.value_from_object(obj) or b"")).decode()

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            raise FieldError(f"{self.name} is sealed: restore a backup of the database instead of fixtures")
        return super().to_python(value)


class _Opener:
    """Opens the ciphertext at the first look and keeps the plain text on the instance only."""

    def __init__(self, field: SealedTextField) -> None:
        self.field = field

    def __get__(self, row: "SealedModel | None", owner: type) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:  # a query left it out; empty would be a lie
            kept: models.QuerySet[Any] = models.QuerySet(type(row)).filter(pk=row.pk)
            row.__dict__[self.field.attname] = kept.values_list(self.field.attname, flat=True).get()
        held = row.__dict__[self.field.attname]
        if not held or isinstance(held, str):
            return held if isinstance(held, str) else ""
        cache = row.__dict__.setdefault("_opened", {})
        if self.field.name not in cache:
            try:
                opened = crypto.unseal(row.vault.data_key(), bytes(held), self.field.about(row))
                cache[self.field.name] = opened.rstrip() if self.field.room else opened
            except crypto.CannotOpen:
                cache[self.field.name] = unreadable()
        return cache[self.field.name]

    def __set__(self, row: "SealedModel", value: Any) -> None:
        # What was opened before is of the words that stood here before.
        row.__dict__.setdefault("_opened", {}).pop(self.field.name, None)
        row.__dict__[self.field.attname] = value


class SealedQuerySet(models.QuerySet[Any]):
    """What is deleted goes from the files of the database too."""

    def delete(self) -> tuple[int, dict[str, int]]:
        done = super().delete()
        if done[0]:
            leftovers_note(self.model)
        return done


class SealedManager(models.Manager[Any]):
    """Joins the vault, so that opening a list of texts costs no query a row."""

    _queryset_class = SealedQuerySet

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().select_related("vault")


class SealedModel(models.Model):
    """A row with sealed text: addressed by `code`, opened with the key of its `vault`."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[SealedManager] = SealedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        done = super().delete(*args, **options)
        if done[0]:
            leftovers_note(type(self))
        return done

    @classmethod
    def sealed_names(cls) -> list[str]:
        """The names of its sealed fields."""
        return [field.name for field in cls._meta.fields if isinstance(field, SealedTextField)]


def sealed_models() -> list[Any]:
    """Every model with sealed text, whichever app it belongs to."""
    return [model for model in apps.get_models() if issubclass(model, SealedModel)]
