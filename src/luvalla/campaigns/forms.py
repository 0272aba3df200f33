"""The editor's form for pictures: a file is re-encoded, or refused, before anything else unpacks it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from luvalla.campaigns.errors import BadPicture
from luvalla.campaigns.models import PreparedFile
from luvalla.campaigns.pictures import prepare_picture


class PictureField(WagtailImageField):
    """A file that becomes a picture of a letter."""

    def to_python(self, data: Any) -> Any:
        """Give the re-encoded picture; ValidationError with the reason when it cannot be one."""
        if data is None:
            return super().to_python(data)
        if held := getattr(data, "held", ""):  # the virus scanner's word, from where files arrive
            raise ValidationError(str(held), code="held")
        try:
            content, ending = prepare_picture(data)
        except BadPicture as fault:
            raise ValidationError(str(fault), code=fault.fault.value) from None
        return super().to_python(PreparedUpload(f"picture.{ending}", content))


class PreparedUpload(PreparedFile, SimpleUploadedFile):
    """An upload after its picture was re-encoded."""


class PictureForm(BaseImageForm):
    """Title, description and file of a picture; the file only while the picture is new."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.fields.get("file")
        if given is None:
            return
        if self.instance.pk:
            del self.fields["file"]
        else:
            self.fields["file"] = PictureField(label=given.label, widget=given.widget)
